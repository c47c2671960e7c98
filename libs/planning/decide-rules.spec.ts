import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { isOpen, WEEKDAYS } from '#kernel/window';
import { decide, REASONS, type PlannedVisit, type PublishedCampaign } from './decide.js';
import { at, campaign, ledger, plan, visit } from './testing/decisions.js';
import { ReferenceLedger, type ReferenceCampaign } from './testing/reference.js';

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

  test('nobody is ever asked more often than the cap of the campaign that asks', () => {
    fc.assert(
      fc.property(world, ({ campaigns, visits }) => {
        const state = ledger(campaigns.map(asCampaign));
        const asked = new Map<string, { person: string; at: Date }>();
        for (const one of visits) {
          const decision = decide(one, state);
          state.take(one, decision);
          asked.delete(one.id);
          if (decision.decision !== 'invited') continue;
          const { plannedAt, campaign: by } = decision;
          const near = [...asked.values()].filter(
            ({ person, at: other }) =>
              person === one.person?.id && isNear(other, plannedAt, by.cap.per, one.centre.zone),
          );
          expect(near.length).toBeLessThan(by.cap.invitations);
          asked.set(one.id, { person: one.person?.id ?? '', at: plannedAt });
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

/** Whether the later one comes before the earlier one's period is over, on the calendar of the zone. */
function isNear(a: Date, b: Date, per: string, zone: string): boolean {
  const [first, last] = a <= b ? [a, b] : [b, a];
  const end = Temporal.Instant.fromEpochMilliseconds(first.getTime()).toZonedDateTimeISO(zone).add(per);
  return last.getTime() < end.epochMilliseconds;
}

/** ISO as JavaScript prints it, always with milliseconds. */
function trimmed(decision: {
  decision: string;
  reason: string;
  campaign: string;
  plannedAt: string;
}): object {
  return { ...decision, plannedAt: decision.plannedAt === '' ? '' : at(decision.plannedAt).toISOString() };
}
