import { describe, expect, test } from '@jest/globals';
import type { CampaignRules } from './definitions.js';
import { firstLook, followUpOf, type FollowUp, type FollowUpCase } from './follow-up.policy.js';

const SENT = new Date('2026-03-27T10:00:00Z');
const hours = (n: number): Date => new Date(SENT.getTime() + n * 3_600_000);
const rules: CampaignRules = {
  fallbackAfter: 'PT2H',
  reminder: { after: 'P2D', max: 1 },
  messages: { invite: 'invite', reminder: 'reminder' },
  refs: { messages: {} },
};
const viber: FollowUpCase = {
  kind: 'invite',
  state: 'accepted',
  reason: null,
  channel: 'viber',
  acceptedAt: SENT,
  untried: ['sms'],
  otherInvite: false,
  failedBefore: false,
  newer: false,
  reminders: 0,
  facts: { over: false, cancelled: false, started: false, reached: false, expiresAt: hours(168) },
};
const last: Partial<FollowUpCase> = { untried: [] };
const facts = (over: Partial<FollowUpCase['facts']>): Partial<FollowUpCase> => ({
  facts: { ...viber.facts, ...over },
});
const NOTHING: FollowUp = { do: 'nothing' };
const REVISIT: FollowUp = { do: 'revisit' };
const SMS: FollowUp = { do: 'fallback', channel: 'sms' };
// Kyiv goes over to summer time on 29 March 2026: two days later at the same hour is 47 hours.
const REMIND_AT = hours(47);

describe('what follows an invite', () => {
  test.each<[string, Partial<FollowUpCase>, number, FollowUp]>([
    ['no receipt yet: it waits for the full time', {}, 1.9, { do: 'wait', until: hours(2) }],
    ['no receipt in time: the next channel', {}, 2, SMS],
    ['delivered in time: a reminder later', facts({ reached: true }), 2, { do: 'wait', until: REMIND_AT }],
    ['its own receipt counts too', { state: 'delivered' }, 2, { do: 'wait', until: REMIND_AT }],
    ['no other channel: a reminder later', last, 2, { do: 'wait', until: REMIND_AT }],
    ['two days on the calendar later: the reminder', last, 47, { do: 'remind', ordinal: 1 }],
    ['not before', last, 46.9, { do: 'wait', until: REMIND_AT }],
    ['not to somebody who started', { ...last, ...facts({ started: true }) }, 47, NOTHING],
    ['nor another channel, then', facts({ started: true }), 2, NOTHING],
    ['not once the invitation is over', facts({ over: true }), 2, NOTHING],
    ['not after it expired', { ...last, ...facts({ expiresAt: hours(47) }) }, 47, NOTHING],
    ['not when it would come after the end', { ...last, ...facts({ expiresAt: hours(47) }) }, 3, NOTHING],
    ['no more reminders than allowed', { ...last, reminders: 1 }, 47, NOTHING],
    ['a later message takes over what follows', { ...last, newer: true }, 47, NOTHING],
    ['another invite stands: no third one', { otherInvite: true }, 2, { do: 'wait', until: REMIND_AT }],
    ['rejected: the next channel at once', { state: 'failed', acceptedAt: null }, 0, SMS],
    ['rejected on the last one: undelivered', { ...last, state: 'failed' }, 0, { do: 'undelivered' }],
    [
      'rejected while another stands: that one is looked at again',
      { state: 'failed', otherInvite: true },
      0,
      REVISIT,
    ],
    [
      'a refusal on one channel is not followed on another',
      { state: 'failed', reason: 'opted_out' },
      0,
      NOTHING,
    ],
    ['a failed reminder is left', { kind: 'reminder', state: 'failed' }, 0, NOTHING],
    ['a reminder needs no other channel', { kind: 'reminder', reminders: 1 }, 2, NOTHING],
    [
      'cancelled before anything was tried',
      { state: 'cancelled', reason: 'expired' },
      0,
      { do: 'cancel', reason: 'expired' },
    ],
    [
      'cancelled after another channel failed',
      { state: 'cancelled', failedBefore: true },
      0,
      { do: 'undelivered' },
    ],
    [
      'cancelled while another stands: that one is looked at again',
      { state: 'cancelled', otherInvite: true },
      0,
      REVISIT,
    ],
    [
      'unless it is all over',
      { state: 'cancelled', otherInvite: true, ...facts({ over: true }) },
      0,
      NOTHING,
    ],
    [
      'cancelled with its invitation',
      { state: 'cancelled', ...facts({ over: true, cancelled: true }) },
      0,
      NOTHING,
    ],
    [
      'cancelled by a refusal',
      { state: 'cancelled', reason: 'opted_out', ...facts({ over: true }) },
      0,
      { do: 'cancel', reason: 'opted_out' },
    ],
    ['an abandoned one may have arrived', { state: 'abandoned' }, 2, NOTHING],
  ])('%s', (_, over, hour, expected) => {
    // prettier-ignore
    expect(followUpOf({ ...viber, ...over }, rules, 'Europe/Kyiv', hours(hour))).toEqual(expected);
  });

  test('without a reminder in the campaign nothing follows', () => {
    const { messages, refs } = rules;
    const without: CampaignRules = { fallbackAfter: 'PT2H', messages, refs };
    expect(followUpOf({ ...viber, ...last }, without, 'UTC', hours(99))).toEqual(NOTHING);
  });

  test('a second reminder is counted from the first', () => {
    const two: CampaignRules = { ...rules, reminder: { after: 'P2D', max: 2 } };
    const first: FollowUpCase = { ...viber, ...last, kind: 'reminder', acceptedAt: hours(47), reminders: 1 };
    expect(followUpOf(first, two, 'UTC', hours(94))).toEqual({ do: 'wait', until: hours(95) });
    expect(followUpOf(first, two, 'UTC', hours(95))).toEqual({ do: 'remind', ordinal: 2 });
  });
});

test.each<[string, Parameters<typeof firstLook>[0], CampaignRules | undefined, Date | null]>([
  [
    'an invite with another channel left',
    { kind: 'invite', channel: 'viber', channels: ['viber', 'sms'] },
    rules,
    hours(2),
  ],
  [
    'an invite on the last channel',
    { kind: 'invite', channel: 'sms', channels: ['viber', 'sms'] },
    rules,
    hours(48),
  ],
  ['a reminder', { kind: 'reminder', channel: 'sms', channels: ['sms'] }, rules, hours(48)],
  ['a question', { kind: 'question', channel: 'sms', channels: ['viber', 'sms'] }, rules, null],
  ['a message of no campaign', { kind: 'invite', channel: 'sms', channels: null }, undefined, null],
  [
    'no reminder allowed',
    { kind: 'invite', channel: 'sms', channels: ['sms'] },
    { ...rules, reminder: { after: 'P2D', max: 0 } },
    null,
  ],
])('the first look at %s', (_, message, campaign, due) => {
  // prettier-ignore
  expect(firstLook(message, campaign, SENT)).toEqual(due);
});
