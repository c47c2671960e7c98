import { describe, expect, test } from '@jest/globals';
import { Breaker } from './breaker.js';
import type { AttemptEnd } from './settlement.policy.js';

const accepted: AttemptEnd = { outcome: 'accepted', externalId: 'x' };
const lost: AttemptEnd = { outcome: 'uncertain', detail: 'no answer' };
const SECOND = 1_000;

function tripped(at = 0): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < 8; i++) breaker.note(lost, at);
  return breaker;
}

describe('a lane is paused', () => {
  test.each<[string, AttemptEnd]>([
    ['a carrier that does not answer', lost],
    ['a carrier that takes nothing', { outcome: 'deferred', detail: 'busy' }],
    ['an account that is refused', { outcome: 'rejected', scope: 'sender', detail: 'auth' }],
  ])('after a run of failures: %s', (_, end) => {
    const breaker = new Breaker();
    for (let i = 0; i < 7; i++) breaker.note(end, 0);
    expect(breaker.allowance(0)).toBe(Infinity);
    breaker.note(end, 0);
    expect(breaker.tripped).toBe(true);
    expect(breaker.allowance(0)).toBe(0);
  });

  test.each<[string, AttemptEnd]>([
    ['acceptance', accepted],
    ['a rejected number', { outcome: 'rejected', scope: 'recipient', detail: 'x' }],
    ['a rejected text', { outcome: 'rejected', scope: 'content', detail: 'x' }],
    ['a refusal by the person', { outcome: 'blocked', why: 'opted_out', detail: 'x' }],
  ])('but not when the failures are broken by %s', (_, end) => {
    const breaker = new Breaker();
    for (let i = 0; i < 100; i++) breaker.note(i % 7 === 6 ? end : lost, 0);
    expect(breaker.tripped).toBe(false);
  });

  test('what was never sent says nothing about the carrier', () => {
    const breaker = new Breaker();
    for (let i = 0; i < 20; i++) breaker.note({ outcome: 'given_back' }, 0);
    for (let i = 0; i < 20; i++) breaker.note({ outcome: 'unwritable', detail: 'x' }, 0);
    expect(breaker.tripped).toBe(false);
  });
});

describe('a paused lane', () => {
  test('asks after ten seconds whether the carrier works, and lets one message through when it does', () => {
    const breaker = tripped();
    expect(breaker.wantsProbe(10 * SECOND - 1)).toBe(false);
    expect(breaker.wantsProbe(10 * SECOND)).toBe(true);
    expect(breaker.allowance(10 * SECOND)).toBe(0);
    breaker.probed(true, 10 * SECOND);
    expect(breaker.wantsProbe(10 * SECOND)).toBe(false);
    expect(breaker.allowance(10 * SECOND)).toBe(1);
  });

  test.each([
    [5, 10],
    [60, 60],
    [3_600, 300],
  ])('whose carrier asked for %d s waits %d s', (asked, waits) => {
    const breaker = new Breaker();
    const busy: AttemptEnd = { outcome: 'deferred', retryAfterMs: asked * SECOND, detail: 'too many' };
    for (let i = 0; i < 8; i++) breaker.note(busy, 0);
    expect(breaker.pausedUntilMs).toBe(waits * SECOND);
  });

  test('risks no message while not even that works', () => {
    const breaker = tripped();
    breaker.probed(false, 10 * SECOND);
    expect(breaker.wantsProbe(30 * SECOND - 1)).toBe(false);
    expect(breaker.wantsProbe(30 * SECOND)).toBe(true);
    breaker.probed(true, 30 * SECOND);
    breaker.note(lost, 31 * SECOND);
    expect(breaker.pausedUntilMs).toBe(71 * SECOND);
    expect(breaker.allowance(71 * SECOND)).toBe(0);
  });

  test('is not paused longer by what was in flight', () => {
    const breaker = tripped();
    for (let i = 0; i < 50; i++) breaker.note(lost, 5 * SECOND);
    expect(breaker.pausedUntilMs).toBe(10 * SECOND);
  });

  test('waits twice as long after each try that fails, five minutes at most', () => {
    const breaker = tripped();
    let at = 0;
    const waits: number[] = [];
    for (const pause of [10, 20, 40, 80, 160, 300, 300]) {
      expect(breaker.allowance(at + pause * SECOND - 1)).toBe(0);
      at += pause * SECOND;
      breaker.probed(true, at);
      expect(breaker.allowance(at)).toBe(1);
      breaker.note(lost, at);
      waits.push(pause);
    }
    expect(waits).toHaveLength(7);
  });

  test('opens with the first message the carrier decides on, and counts anew', () => {
    const breaker = tripped();
    breaker.note(accepted, 10 * SECOND);
    expect(breaker.allowance(10 * SECOND)).toBe(Infinity);
    expect(breaker.pausedUntilMs).toBe(0);
    for (let i = 0; i < 7; i++) breaker.note(lost, 11 * SECOND);
    expect(breaker.tripped).toBe(false);
  });
});
