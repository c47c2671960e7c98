import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOpen, WEEKDAYS } from '#kernel/window';
import { campaignSchema, type Channel } from './campaign.js';
import { Chance } from './chance.js';
import {
  decide,
  inOrder,
  REASONS,
  type Decision,
  type PlannedVisit,
  type PublishedCampaign,
} from './decide.js';
import { LedgerState } from './ledger-state.js';
import { ReferenceLedger, type ReferenceCampaign } from './testing/reference.js';

const at = (iso: string): Date => new Date(iso);
// Monday 13 January 2020, 12:00 in Kyiv.
const NOON = at('2020-01-13T10:00:00Z');
const chance = new Chance((text) => createHmac('sha256', 'key').update(text).digest());

function campaign(given: Record<string, unknown> = {}): PublishedCampaign {
  const parsed = campaignSchema.parse({
    key: 'after',
    name: { uk: 'Після візиту' },
    legalBasis: 'public_task',
    channels: ['viber', 'sms'],
    survey: 'short',
    messages: { invite: 'hello' },
    ...given,
  });
  return { ...parsed, id: parsed.key, refs: { survey: '1', messages: { hello: '2' } }, locales: ['uk'] };
}

let ids = 0;
function visit(given: Partial<PlannedVisit> = {}): PlannedVisit {
  const id = `v${++ids}`;
  const finishedAt = given.finishedAt ?? NOON;
  return {
    id,
    source: 'test',
    visitKey: id,
    centre: { id: 'c1', code: 'A', name: 'ЦНАП А', zone: 'Europe/Kyiv' },
    serviceCode: null,
    serviceName: null,
    language: null,
    outcome: 'served',
    phoneStatus: 'ok',
    person: { id: 'p1', hash: 'p1', country: 'UA' },
    consent: 'unknown',
    finishedAt,
    reachedAt: finishedAt,
    ...given,
  };
}

function ledger(
  campaigns: PublishedCampaign[],
  given: { reachable?: Channel[]; parts?: number } = {},
): LedgerState {
  return new LedgerState({
    campaigns: inOrder(campaigns),
    chance,
    reachable: (_, channels) => channels.filter((channel) => given.reachable?.includes(channel) ?? true),
    partsOf: () => given.parts ?? 2,
  });
}

const reasonOf = (decision: Decision): string =>
  decision.decision === 'not_invited' ? decision.reason : decision.decision;

/** Decides and takes the decision into the ledger, as the planner does. */
function plan(state: LedgerState, ...visits: PlannedVisit[]): string[] {
  return visits.map((one) => {
    const decision = decide(one, state);
    state.take(one, decision);
    return reasonOf(decision);
  });
}

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

describe('frequency cap', () => {
  const after = (days: number, ms = 0): PlannedVisit =>
    visit({ finishedAt: new Date(NOON.getTime() + days * 86_400_000 + ms) });

  test('keeps a person apart by the whole period, on both sides, to the millisecond', () => {
    expect(plan(ledger([campaign()]), after(0), after(29), after(30, -1), after(30))).toEqual(['invited', 'frequency_cap', 'frequency_cap', 'invited']); // prettier-ignore
    expect(plan(ledger([campaign()]), after(30), after(0, 1), after(0))).toEqual(['invited', 'frequency_cap', 'invited']); // prettier-ignore
  });

  test('counts days on the calendar of the centre: thirty of them over the change of summer time are an hour short', () => {
    const march = (iso: string): PlannedVisit => visit({ finishedAt: at(iso) });
    expect(plan(ledger([campaign()]), march('2026-03-10T10:00:00Z'), march('2026-04-09T08:59:59Z'))).toEqual(['invited', 'frequency_cap']); // prettier-ignore
    expect(plan(ledger([campaign()]), march('2026-03-10T10:00:00Z'), march('2026-04-09T09:00:00Z'))).toEqual(['invited', 'invited']); // prettier-ignore
  });

  test('allows as many invitations as it says', () => {
    const twice = campaign({ cap: { invitations: 2, per: 'P30D' } });
    expect(plan(ledger([twice]), after(0), after(1), after(2))).toEqual([
      'invited',
      'invited',
      'frequency_cap',
    ]);
  });

  test('looks at invitations of every campaign, but only at the person’s own', () => {
    const other = campaign({ key: 'left', when: { outcomes: ['left'] } });
    const stranger = visit({ person: { id: 'p2', hash: 'p2', country: 'UA' } });
    expect(plan(ledger([campaign(), other]), visit(), visit({ outcome: 'left' }), stranger)).toEqual(['invited', 'frequency_cap', 'invited']); // prettier-ignore
  });

  test('does not count the visit’s own earlier plan, nor one that was taken back', () => {
    const state = ledger([campaign()]);
    const first = visit();
    expect(plan(state, first, { ...first, finishedAt: at('2020-01-13T11:00:00Z') })).toEqual([
      'invited',
      'invited',
    ]);
    expect(plan(state, { ...first, phoneStatus: 'bad', person: null }, visit())).toEqual([
      'bad_phone',
      'invited',
    ]);
  });

  test('compares planned times, so visits before and after a night may meet', () => {
    const evening = visit({ finishedAt: at('2020-01-13T17:30:00Z') });
    const decision = decide(evening, ledger([campaign()]));
    expect(decision).toMatchObject({ plannedAt: at('2020-01-14T07:00:00Z') });
  });
});

describe('the window', () => {
  test.each([
    ['a time inside it is kept', '2020-01-13T10:00:00Z', 'PT45M', '2020-01-13T10:45:00Z'],
    ['the evening waits for the morning', '2020-01-13T17:15:00Z', 'PT45M', '2020-01-14T07:00:00Z'],
    ['one second earlier still goes', '2020-01-13T17:14:59Z', 'PT45M', '2020-01-13T17:59:59Z'],
    ['Saturday evening waits for Monday', '2020-01-11T17:30:00Z', 'PT45M', '2020-01-13T07:00:00Z'],
    [
      'a delay in days keeps the hour over summer time',
      '2026-03-27T10:00:00Z',
      'P3D',
      '2026-03-30T09:00:00Z',
    ],
  ])('%s', (_, finished, delay, planned) => {
    const decision = decide(
      visit({ finishedAt: at(finished) }),
      ledger([campaign({ delay, maxAge: 'P5D' })]),
    );
    expect(decision).toMatchObject({ decision: 'invited', plannedAt: at(planned) });
  });

  test('is missed by a planned time later than finishedAt + maxAge, not by one that is equal', () => {
    const rules = (maxAge: string): PublishedCampaign => campaign({ maxAge });
    const evening = { finishedAt: at('2020-01-13T19:00:00Z') };
    expect(plan(ledger([rules('PT12H')]), visit(evening))).toEqual(['invited']);
    expect(plan(ledger([rules('PT11H59M')]), visit(evening))).toEqual(['window_missed']);
  });

  test('that stays shut for a year is missed', () => {
    const closed = Array.from({ length: 60 }, (_, week) => new Date(Date.UTC(2020, 0, 5 + 7 * week)).toISOString().slice(0, 10)); // prettier-ignore
    expect(plan(ledger([campaign({ window: { days: ['sun'], closed } })]), visit())).toEqual([
      'window_missed',
    ]);
  });
});

describe('limits', () => {
  const quota = campaign({ quota: { completes: 2, per: 'centre', every: 'P7D' } });
  const full = (rules: PublishedCampaign, times: string[], centre: string): string => {
    const state = ledger([rules]);
    for (const time of times) state.addCompletion(rules, centre, at(time));
    return plan(state, visit())[0] ?? '';
  };

  test('a quota counts what was completed in the period before the record arrived', () => {
    expect(full(quota, ['2020-01-06T10:00:01Z', '2020-01-13T09:00:00Z'], 'c1')).toBe('quota_full');
    expect(full(quota, ['2020-01-06T10:00:00Z', '2020-01-13T09:00:00Z'], 'c1')).toBe('invited');
    expect(full(quota, ['2020-01-06T10:00:01Z', '2020-01-13T09:00:00Z'], 'c2')).toBe('invited');
    const whole = campaign({ quota: { completes: 2, per: 'campaign', every: 'P7D' } });
    expect(full(whole, ['2020-01-06T10:00:01Z', '2020-01-13T09:00:00Z'], 'c2')).toBe('quota_full');
  });

  test('a budget is spent when the next message would exceed it, and free again after the period', () => {
    const person = (n: number, iso: string): PlannedVisit =>
      visit({ person: { id: `p${n}`, hash: `p${n}`, country: 'UA' }, finishedAt: at(iso) });
    const state = ledger([campaign({ budget: { parts: 5, every: 'P1M' } })]);
    expect(
      plan(
        state,
        person(1, '2020-01-13T10:00:00Z'),
        person(2, '2020-01-13T10:30:00Z'),
        person(3, '2020-01-13T11:00:00Z'),
        person(4, '2020-02-13T10:00:00Z'),
        person(5, '2020-02-13T10:00:01Z'),
      ),
    ).toEqual(['invited', 'invited', 'budget_exhausted', 'invited', 'budget_exhausted']);
  });

  test('a visit planned anew does not pay twice', () => {
    const state = ledger([campaign({ budget: { parts: 2, every: 'P1M' } })]);
    const one = visit();
    expect(plan(state, one, { ...one, finishedAt: at('2020-01-13T11:00:00Z') })).toEqual([
      'invited',
      'invited',
    ]);
  });
});

const zones = ['Europe/Kyiv', 'Europe/Warsaw', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
const hour = fc.integer({ min: 6, max: 24 });
const clock = (h: number): string => `${String(h).padStart(2, '0')}:00`;
const anyCampaign: fc.Arbitrary<ReferenceCampaign> = fc
  .record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    priority: fc.integer({ min: 1, max: 2 }),
    outcomes: fc.subarray(['served', 'left', 'no_show', 'redirected'], { minLength: 1 }),
    centres: fc.oneof(fc.constant('all' as const), fc.subarray(['A', 'B', 'C'], { minLength: 1 })),
    excluded: fc.subarray(['x', 'y']),
    countries: fc.subarray(['UA', 'PL'], { minLength: 1 }),
    legalBasis: fc.constantFrom('public_task', 'consent'),
    delay: fc.constantFrom('PT0S', 'PT45M', 'PT5H', 'P1D'),
    days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    from: fc.constant(''),
    to: fc.constant(''),
    hours: fc.uniqueArray(hour, { minLength: 2, maxLength: 2 }).map((pair) => pair.sort((x, y) => x - y)),
    closed: fc.subarray(['2026-03-27', '2026-03-28', '2026-03-30', '2026-10-26']),
    maxAge: fc.constantFrom('PT6H', 'PT48H', 'P3D'),
    invitations: fc.integer({ min: 1, max: 2 }),
    per: fc.constantFrom('PT12H', 'P1D', 'P3D', 'P1M'),
    channel: fc.constant('viber'),
  })
  .map(({ hours, ...rest }) => ({ ...rest, from: clock(hours[0] ?? 6), to: clock(hours[1] ?? 24) }));

const asCampaign = (c: ReferenceCampaign): PublishedCampaign =>
  campaign({
    key: c.key,
    priority: c.priority,
    when: {
      outcomes: c.outcomes,
      centres: c.centres,
      services: { exclude: c.excluded },
      countries: c.countries,
    },
    legalBasis: c.legalBasis,
    delay: c.delay,
    window: { days: c.days, from: c.from, to: c.to, closed: c.closed },
    maxAge: c.maxAge,
    cap: { invitations: c.invitations, per: c.per },
  });

// Around the two changes of summer time of 2026, so that every duration is counted over them.
const anyMoment = fc.oneof(
  fc.date({ min: at('2026-03-25T00:00:00Z'), max: at('2026-04-02T00:00:00Z'), noInvalidDate: true }),
  fc.date({ min: at('2026-10-22T00:00:00Z'), max: at('2026-10-30T00:00:00Z'), noInvalidDate: true }),
);
const anyVisit = fc
  .record({
    id: fc.integer({ min: 1, max: 40 }),
    centre: fc.integer({ min: 0, max: 4 }),
    serviceCode: fc.constantFrom(null, 'x', 'y'),
    outcome: fc.constantFrom<PlannedVisit['outcome']>('served', 'served', 'served', 'left', 'redirected'),
    phoneStatus: fc.constantFrom<PlannedVisit['phoneStatus']>(
      'ok',
      'ok',
      'ok',
      'ok',
      'missing',
      'bad',
      'not_mobile',
    ),
    person: fc.integer({ min: 1, max: 6 }),
    country: fc.constantFrom('UA', 'UA', 'PL'),
    consent: fc.constantFrom<PlannedVisit['consent']>('granted', 'unknown', 'refused'),
    finishedAt: anyMoment,
    lateness: fc.constantFrom(0, 0, 0, 3_600_000, 40 * 3_600_000, 100 * 3_600_000),
  })
  .map(({ id, centre, person, country, lateness, ...rest }): PlannedVisit =>
    visit({
      ...rest,
      id: `v${id}`,
      visitKey: `v${id}`,
      centre: { id: `${centre}`, code: 'ABCDE'[centre] ?? '', name: 'ЦНАП', zone: zones[centre] ?? 'UTC' },
      person: rest.phoneStatus === 'ok' ? { id: `p${person}`, hash: `p${person}`, country } : null,
      reachedAt: new Date(rest.finishedAt.getTime() + lateness),
    }),
  );
const world = fc.record({
  campaigns: fc.uniqueArray(anyCampaign, { selector: (c) => c.key, maxLength: 4 }),
  visits: fc.array(anyVisit, { minLength: 1, maxLength: 60 }),
});

describe('whatever the visits and campaigns', () => {
  test('the decisions are those of a second reading of the rules, row by row', () => {
    fc.assert(
      fc.property(world, ({ campaigns, visits }) => {
        const state = ledger(campaigns.map(asCampaign));
        const reference = new ReferenceLedger(campaigns);
        for (const one of visits) {
          const decision = decide(one, state);
          state.take(one, decision);
          expect({
            decision: decision.decision,
            reason: decision.decision === 'not_invited' ? decision.reason : '',
            campaign: decision.campaign?.key ?? '',
            plannedAt: decision.decision === 'invited' ? decision.plannedAt.toISOString() : '',
          }).toEqual(trimmed(reference.decide(one)));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('each decision is one of the known ones, invitations lie in an open window and before the deadline', () => {
    fc.assert(
      fc.property(world, ({ campaigns, visits }) => {
        const state = ledger(campaigns.map(asCampaign));
        for (const one of visits) {
          const decision = decide(one, state);
          state.take(one, decision);
          if (decision.decision === 'not_invited') expect(REASONS).toContain(decision.reason);
          if (decision.decision !== 'invited') continue;
          expect(isOpen(decision.plannedAt, decision.campaign.window, one.centre.zone)).toBe(true);
          expect(decision.plannedAt <= decision.deadlineAt).toBe(true);
          expect(decision.plannedAt >= one.finishedAt).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the same visits in the same order are decided the same, sampled and controlled ones too', () => {
    const drawn = world.map(({ campaigns, visits }) => ({
      campaigns: campaigns.map((c) => ({ ...asCampaign(c), sample: 50, control: 30 })),
      visits,
    }));
    fc.assert(
      fc.property(drawn, ({ campaigns, visits }) => {
        expect(plan(ledger(campaigns), ...visits)).toEqual(plan(ledger(campaigns), ...visits));
      }),
      { numRuns: 100 },
    );
  });
});

/** ISO as JavaScript prints it, always with milliseconds. */
function trimmed(decision: {
  decision: string;
  reason: string;
  campaign: string;
  plannedAt: string;
}): object {
  return { ...decision, plannedAt: decision.plannedAt === '' ? '' : at(decision.plannedAt).toISOString() };
}
