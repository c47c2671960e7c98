import { describe, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { backoffMs } from './backoff.policy.js';
import {
  FIRST_LOOK_MS,
  refusedAgain,
  settlementOf,
  type AttemptEnd,
  type Attempted,
} from './settlement.policy.js';
import { allows } from './transitions.js';

const NOW = new Date('2026-03-02T10:00:00Z');
const clock = new SteppedClock(NOW);
const invite: Attempted = { id: '7', attempt: 1, kind: 'invite' };
const after = (ms: number): Date => new Date(NOW.getTime() + ms);
const look = after(7_200_000);

describe('where the end of an attempt leads', () => {
  test.each<[string, AttemptEnd, object]>([
    [
      'accepted',
      { outcome: 'accepted', externalId: 'SM1', parts: 2 },
      { state: 'accepted', outcome: 'accepted', externalId: 'SM1', parts: 2, followUpAt: look },
    ],
    [
      'accepted without parts',
      { outcome: 'accepted', externalId: 'SM1' },
      { state: 'accepted', outcome: 'accepted', externalId: 'SM1', followUpAt: look },
    ],
    [
      'deferred',
      { outcome: 'deferred', detail: 'busy', vendorCode: '20429' },
      {
        state: 'queued',
        outcome: 'deferred',
        detail: 'busy',
        vendorCode: '20429',
        dueAt: after(backoffMs('7', 1)),
      },
    ],
    [
      'to be repeated under its id',
      { outcome: 'deferred', perhapsSent: true, retryAfterMs: 30_000, detail: 'timeout' },
      { state: 'queued', outcome: 'uncertain', detail: 'timeout', dueAt: expect.any(Date) },
    ],
    [
      'given back',
      { outcome: 'given_back' },
      { state: 'queued', outcome: 'deferred', detail: 'given back unsent' },
    ],
    [
      'uncertain',
      { outcome: 'uncertain', detail: 'timeout' },
      {
        state: 'uncertain',
        outcome: 'uncertain',
        reason: 'unknown_outcome',
        detail: 'timeout',
        followUpAt: after(FIRST_LOOK_MS),
      },
    ],
    [
      'unreachable',
      { outcome: 'blocked', why: 'unreachable', detail: 'no Viber' },
      { state: 'failed', outcome: 'blocked', reason: 'unreachable', detail: 'no Viber', followUpAt: NOW },
    ],
    [
      'refused',
      { outcome: 'blocked', why: 'opted_out', detail: 'STOP' },
      {
        state: 'failed',
        outcome: 'blocked',
        reason: 'opted_out',
        detail: 'STOP',
        followUpAt: NOW,
        effect: 'suppress',
      },
    ],
    [
      'bad number',
      { outcome: 'rejected', scope: 'recipient', detail: 'x' },
      { state: 'failed', outcome: 'rejected', reason: 'rejected_recipient', detail: 'x', followUpAt: NOW },
    ],
    [
      'bad text',
      { outcome: 'rejected', scope: 'content', detail: 'x' },
      { state: 'failed', outcome: 'rejected', reason: 'rejected_content', detail: 'x', followUpAt: NOW },
    ],
    [
      'unwritable',
      { outcome: 'unwritable', detail: 'x' },
      { state: 'failed', outcome: 'rejected', reason: 'unwritable', detail: 'x', followUpAt: NOW },
    ],
    [
      'account refused',
      { outcome: 'rejected', scope: 'sender', detail: 'x' },
      {
        state: 'queued',
        outcome: 'rejected',
        reason: 'rejected_sender',
        detail: 'x',
        dueAt: after(backoffMs('7', 1)),
        effect: 'stop_sender',
      },
    ],
  ])('%s', (_, end, expected) => {
    // prettier-ignore
    const settlement = settlementOf(invite, end, clock, look);
    const nothing = { externalId: null, parts: null, reason: null, vendorCode: null, detail: null, dueAt: null, followUpAt: null, effect: null }; // prettier-ignore
    expect(settlement).toEqual({ ...nothing, id: '7', attempt: 1, ...expected });
    expect(allows('sending', settlement.state, 'settle')).toBe(true);
  });

  test('an account refused for the same message a third time fails the message and spares the sender', () => {
    const refused = settlementOf(invite, { outcome: 'rejected', scope: 'sender', detail: 'x' }, clock);
    expect(refusedAgain(refused, 'invite', 0, NOW)).toEqual(refused);
    expect(refusedAgain(refused, 'invite', 1, NOW)).toEqual(refused);
    const third = { ...refused, state: 'failed', dueAt: null, effect: null };
    expect(refusedAgain(refused, 'invite', 2, NOW)).toEqual({ ...third, followUpAt: NOW });
    expect(refusedAgain(refused, 'question', 2, NOW)).toEqual({ ...third, followUpAt: null });
  });

  test('only a failed invite is looked at for another channel', () => {
    const end: AttemptEnd = { outcome: 'rejected', scope: 'recipient', detail: 'x' };
    for (const kind of ['reminder', 'question', 'thanks', 'reask', 'notice'] as const) {
      expect(settlementOf({ ...invite, kind }, end, clock).followUpAt).toBeNull();
    }
  });
});

describe('the wait before a deferred message is tried again', () => {
  test('doubles from five seconds to a quarter of an hour', () => {
    const middle = (attempt: number): number => {
      const waits = Array.from({ length: 400 }, (_, id) => backoffMs(String(id), attempt));
      return waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    };
    for (const [attempt, seconds] of [
      [1, 5],
      [2, 10],
      [3, 20],
      [8, 640],
      [9, 900],
      [60, 900],
    ] as const) {
      // prettier-ignore
      expect(middle(attempt) / 1000).toBeGreaterThan(seconds * 0.95);
      expect(middle(attempt) / 1000).toBeLessThan(seconds * 1.05);
    }
  });

  test('is spread by the message and the same on a rerun', () => {
    const waits = Array.from({ length: 200 }, (_, id) => backoffMs(String(id), 1));
    expect(new Set(waits).size).toBeGreaterThan(150);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(3750);
    expect(Math.max(...waits)).toBeLessThanOrEqual(6250);
    expect(backoffMs('42', 3)).toBe(backoffMs('42', 3));
    expect(backoffMs('42', 3)).not.toBe(2 * backoffMs('42', 2));
  });

  test('is never shorter than the carrier asked', () => {
    for (let id = 0; id < 50; id++) {
      const wait = backoffMs(String(id), 1, 60_000);
      expect(wait).toBeGreaterThanOrEqual(60_000);
      expect(wait).toBeLessThanOrEqual(75_000);
    }
    expect(backoffMs('1', 9, 1000)).toBeGreaterThan(600_000);
  });
});
