import { describe, expect, test } from '@jest/globals';
import { WEEKDAYS } from '#kernel/window';
import type { Channel } from './campaign.js';
import { decide, type PlannedVisit, type PublishedCampaign } from './decide.js';
import { at, campaign, ledger, NOON, plan, reasonOf, visit } from './testing/decisions.js';

describe('reasons', () => {
  const hurdles: [string, (v: Partial<PlannedVisit>) => void][] = [
    ['outcome_excluded', (v) => Object.assign(v, { outcome: 'left' })],
    ['no_phone', (v) => Object.assign(v, { phoneStatus: 'missing', person: null })],
    ['bad_phone', (v) => Object.assign(v, { phoneStatus: 'bad', person: null })],
    ['not_mobile', (v) => Object.assign(v, { phoneStatus: 'not_mobile', person: null })],
    ['country_not_allowed', (v) => Object.assign(v, { person: { id: 'p1', hash: 'p1', country: 'PL' } })],
    ['no_consent', (v) => Object.assign(v, { consent: 'refused' })],
    ['no_campaign', (v) => Object.assign(v, { serviceCode: 'secret' })],
    ['too_old', (v) => Object.assign(v, { reachedAt: at('2020-01-15T10:00:00.001Z') })],
  ];
  const picky = campaign({ when: { services: { exclude: ['secret'] } } });

  test.each(hurdles)('%s', (reason, raise) => {
    const given: Partial<PlannedVisit> = {};
    raise(given);
    expect(plan(ledger([picky]), visit(given))).toEqual([reason]);
  });

  test.each(hurdles.map(([reason], index) => [reason, index] as const))(
    '%s wins over all that come after it',
    (reason, index) => {
      const given: Partial<PlannedVisit> = {};
      // Raised from the last to this one, so that an earlier one has the last word over a field they share.
      for (const [, raise] of hurdles.slice(index).reverse()) raise(given);
      expect(plan(ledger([picky]), visit(given))).toEqual([reason]);
    },
  );

  test('come in the order of the ledger: opted_out, not_sampled, control, cap, quota, budget, window', () => {
    const strict: Record<string, unknown> = {
      sample: 0,
      control: 100,
      quota: { completes: 1, per: 'centre', every: 'P7D' },
      budget: { parts: 1, every: 'P1M' },
      maxAge: 'PT30M',
    };
    const relaxations: Record<string, unknown>[] = [{ sample: 100 }, { control: 0 }, { cap: { invitations: 2, per: 'P30D' } }, { quota: undefined }, { budget: undefined }, { maxAge: 'PT48H' }]; // prettier-ignore
    const outcomes: string[] = [];
    for (let relaxed = -1; relaxed <= relaxations.length; relaxed++) {
      const given = relaxations
        .slice(0, Math.max(relaxed, 0))
        .reduce((all, one) => ({ ...all, ...one }), strict);
      const rules = campaign(given);
      const state = ledger([rules]);
      state.add({ visitId: 'earlier', personId: 'p1', campaignKey: 'after', plannedAt: NOON, parts: 0 });
      state.addCompletion(rules, 'c1', NOON);
      if (relaxed < 0) state.addRefusal('p1', ['sms', 'viber']);
      outcomes.push(...plan(state, visit()));
    }
    expect(outcomes).toEqual(['opted_out', 'not_sampled', 'control', 'frequency_cap', 'quota_full', 'budget_exhausted', 'window_missed', 'invited']); // prettier-ignore
  });

  test('a number that was erased since is a person who left', () => {
    expect(plan(ledger([campaign()]), visit({ person: null }))).toEqual(['opted_out']);
  });

  test('finishedAt + maxAge itself is not too old', () => {
    expect(plan(ledger([campaign()]), visit({ reachedAt: at('2020-01-15T10:00:00Z') }))).toEqual(['invited']);
  });

  test('maxAge in days is counted on the calendar: the day when the clock goes forward has 23 hours', () => {
    const saturday = at('2026-03-28T10:00:00Z');
    const lateBy = (ms: number): PlannedVisit =>
      visit({ finishedAt: saturday, reachedAt: new Date(saturday.getTime() + 23 * 3_600_000 + ms) });
    expect(
      plan(ledger([campaign({ maxAge: 'P1D', window: { days: WEEKDAYS } })]), lateBy(0), lateBy(1)),
    ).toEqual(['invited', 'too_old']);
  });
});

describe('consent', () => {
  test.each([
    ['public_task', 'granted', 'invited'],
    ['public_task', 'unknown', 'invited'],
    ['public_task', 'refused', 'no_consent'],
    ['consent', 'granted', 'invited'],
    ['consent', 'unknown', 'no_consent'],
    ['consent', 'refused', 'no_consent'],
  ] as const)('under %s, %s leads to %s', (legalBasis, consent, expected) => {
    expect(plan(ledger([campaign({ legalBasis })]), visit({ consent }))).toEqual([expected]);
  });
});

describe('several campaigns', () => {
  const taker = (campaigns: PublishedCampaign[], given: Partial<PlannedVisit> = {}): string => {
    const decision = decide(visit(given), ledger(campaigns));
    return decision.campaign?.key ?? reasonOf(decision);
  };

  test('the higher priority takes the visit, among equals the first key', () => {
    expect(taker([campaign({ key: 'a', priority: 1 }), campaign({ key: 'b', priority: 2 })])).toBe('b');
    expect(taker([campaign({ key: 'b' }), campaign({ key: 'a' })])).toBe('a');
  });

  test('one that the visit does not fit leaves it to the next', () => {
    const next = campaign({ key: 'next', priority: 1 });
    expect(taker([campaign({ when: { outcomes: ['left'] } }), next])).toBe('next');
    expect(taker([campaign({ when: { countries: ['PL'] } }), next])).toBe('next');
    expect(taker([campaign({ legalBasis: 'consent' }), next])).toBe('next');
    expect(taker([campaign({ when: { centres: ['B'] } }), next])).toBe('next');
    expect(taker([campaign({ when: { services: { include: ['x'] } } }), next])).toBe('next');
  });

  test('a reason applies when no campaign is left that would pass it together with those before', () => {
    const left = campaign({ key: 'left', when: { outcomes: ['left'], countries: ['PL'] } });
    const abroad = campaign({ key: 'served', when: { outcomes: ['served'] } });
    expect(taker([left, abroad], { person: { id: 'p', hash: 'p', country: 'PL' } })).toBe(
      'country_not_allowed',
    );
  });

  test('once taken, the visit stays with its campaign even if that one refuses it later', () => {
    const decision = decide(
      visit(),
      ledger([campaign({ sample: 0 }), campaign({ key: 'next', priority: 1 })]),
    );
    expect([reasonOf(decision), decision.campaign?.key]).toEqual(['not_sampled', 'after']);
  });

  test('without any campaign a visit is judged by its number first, then it is no_campaign', () => {
    expect(plan(ledger([]), visit({ phoneStatus: 'bad', person: null }), visit({ outcome: 'left', consent: 'refused' }))).toEqual(['bad_phone', 'no_campaign']); // prettier-ignore
  });
});

describe('channels', () => {
  const channelOf = (reachable: Channel[], refused: Channel[]): string => {
    const state = ledger([campaign()], { reachable });
    state.addRefusal('p1', refused);
    const decision = decide(visit(), state);
    return decision.decision === 'invited' ? decision.channel : reasonOf(decision);
  };

  test.each<[Channel[], Channel[], string]>([
    [['viber', 'sms'], [], 'viber'],
    [['viber', 'sms'], ['viber'], 'sms'],
    [['sms'], [], 'sms'],
    [['sms'], ['viber'], 'sms'],
    [['sms'], ['sms'], 'opted_out'],
    [['viber', 'sms'], ['sms', 'viber'], 'opted_out'],
    [[], [], 'no_campaign'],
  ])('reached by %j, refused %j: %s', (reachable, refused, expected) => {
    expect(channelOf(reachable, refused)).toBe(expected);
  });
});
