import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Builders, type PathSpec } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { reportFunnel } from './funnel-report.js';
import { reportLedger } from './ledger-report.js';
import { DIMENSIONS, reportQuestion, type ReportQuery } from './question.js';
import { reportRates } from './rates-report.js';

const now = new Date('2026-03-02T12:00:00Z');
const march = { from: '2026-03-01', to: '2026-03-31' };
let t: TestDatabase;

/** Thirteen visits, each with another ending; two centres, two channels, three languages. */
const visits: PathSpec[] = [
  {
    facts: { sent: true, delivered: true, opened: true, started: true, completed: true },
    answers: { quality: 5 },
  },
  { facts: { sent: true, delivered: true, started: true }, answers: { quality: 4 }, centre: 'lviv-1' },
  { facts: { sent: true, started: true }, answers: { comment: 'довго' }, language: 'en' },
  { facts: { sent: true, started: true }, answers: { quality: 2 }, late: true },
  { facts: { sent: true, delivered: true, refused: true }, channel: 'viber', centre: 'lviv-1' },
  { facts: { sent: true, delivered: true, seen: true }, channel: 'viber' },
  { facts: { sent: true, undelivered: true, delivered: true } },
  { facts: { sent: true, undelivered: true } },
  { facts: { sent: true, wrong_number: true, opened: true } },
  { facts: { sent: true, ineligible: true } },
  { facts: { cancelled: true }, service: null },
  { decision: 'control' },
  { decision: { reason: 'no_phone' }, phone: null, language: null },
  { decision: { reason: 'frequency_cap' }, centre: 'lviv-1' },
  { decision: { reason: 'frequency_cap' } },
  { decision: null },
];

beforeAll(async () => {
  t = await testDatabase();
  const build = new Builders(t.db, now);
  for (const spec of visits) await build.path(spec);
});
afterAll(() => t.drop());

const rates = (query: ReportQuery) => reportRates(t.db, reportQuestion(query), now);
const ledger = (query: ReportQuery) => reportLedger(t.db, reportQuestion(query), now);
const funnel = (query: ReportQuery) => reportFunnel(t.db, reportQuestion(query), now);

describe('without grouping', () => {
  test('rates count one disposition per invited visit and keep the others as coverage', async () => {
    const report = await rates(march);
    expect(report).toEqual({
      ...march,
      flagged: { any: 0, robots: 0, staff: 0, without: [], only: [] },
      groups: [
        {
          by: {},
          counts: { I: 1, P: 1, R: 4, NC: 1, O: 0, UH: 1, UO: 2, NE: 1 },
          e: 7 / 8,
          rates: expect.objectContaining({ RR1: 0.1, RR2: 0.2, RR5: 1 / 7, COOP4: 2 / 6 }) as object,
          interval: { rate: 'RR2', level: 0.95, low: expect.any(Number), high: expect.any(Number) },
          coverage: { visits: 16, invited: 11, control: 1, not_invited: 3, pending: 1, open: 11 },
        },
      ],
    });
  });

  test('the ledger adds up and names reasons in the order in which they apply', async () => {
    const { groups } = await ledger(march);
    expect(groups).toEqual([
      {
        by: {},
        visits: 16,
        decisions: { invited: 11, control: 1, not_invited: 3 },
        reasons: { no_phone: 1, frequency_cap: 2 },
        pending: 1,
      },
    ]);
    expect(Object.keys(groups[0]?.reasons ?? {})).toEqual(['no_phone', 'frequency_cap']);
  });

  test('a funnel step holds everyone who came that far or further', async () => {
    const { groups } = await funnel(march);
    expect(groups[0]?.steps).toEqual({
      visits: 16,
      eligible: 14,
      invited: 11,
      sent: 10,
      delivered: 8,
      opened: 5,
      started: 4,
      completed: 1,
    });
  });

  test('a span without visits gives one group of zeros with undefined rates', async () => {
    const empty = { from: '2025-01-01', to: '2025-01-31' };
    const [group] = (await rates(empty)).groups;
    expect(group).toMatchObject({ by: {}, e: null, coverage: { visits: 0, invited: 0 } });
    expect(group?.interval).toMatchObject({ low: null, high: null });
    expect(Object.values(group?.rates ?? {}).every((rate) => rate === null)).toBe(true);
    expect((await rates({ ...empty, by: 'centre' })).groups).toEqual([]);
  });
});

describe('grouped', () => {
  test.each(DIMENSIONS.map((name) => [name]))('by %s, all reports add up to the whole', async (by) => {
    const [whole] = (await rates(march)).groups;
    const parts = (await rates({ ...march, by })).groups;
    const books = (await ledger({ ...march, by })).groups;
    const steps = (await funnel({ ...march, by })).groups;
    expect(parts.map((group) => group.by)).toEqual(books.map((group) => group.by));
    expect(sum(parts.map((group) => group.coverage.visits))).toBe(whole?.coverage.visits);
    expect(sum(steps.map((group) => group.steps.sent))).toBe(10);
    for (const { counts, coverage } of parts) {
      expect(sum(Object.values(counts))).toBe(coverage.invited);
    }
    for (const { visits: all, decisions, reasons, pending } of books) {
      expect(sum(Object.values(decisions)) + pending).toBe(all);
      expect(sum(Object.values(reasons))).toBe(decisions.not_invited);
    }
  });

  test('several dimensions make one group per combination, "none" last', async () => {
    const { groups } = await ledger({ ...march, by: 'service,centre' });
    expect(groups.map((group) => group.by)).toEqual([
      { service: 'passport', centre: 'kyiv-1' },
      { service: 'passport', centre: 'lviv-1' },
      { service: null, centre: 'kyiv-1' },
    ]);
  });

  test('calendar parts are written so that they sort', async () => {
    const { groups } = await ledger({ ...march, by: ['day', 'week', 'month'] });
    expect(groups.map((group) => group.by)).toEqual([
      { day: '2026-03-02', week: '2026-W10', month: '2026-03' },
    ]);
  });
});

describe('filtered', () => {
  test('a filter keeps the visits with that value and the reports agree on them', async () => {
    const [group] = (await rates({ ...march, centre: 'lviv-1' })).groups;
    expect(group?.coverage).toMatchObject({ visits: 3, invited: 2, not_invited: 1 });
    expect(group?.counts).toMatchObject({ P: 1, R: 1 });
    expect((await ledger({ ...march, centre: 'lviv-1' })).groups[0]?.visits).toBe(3);
  });

  test('the empty value stands for "has none"', async () => {
    expect((await ledger({ ...march, service: '' })).groups[0]?.visits).toBe(1);
    expect((await ledger({ ...march, service: ['', 'passport'] })).groups[0]?.visits).toBe(16);
  });
});

test('a visit counts on the day it finished in the zone of its centre, both ends included', async () => {
  const own = await testDatabase();
  try {
    const build = new Builders(own.db, now);
    await build.centre('kyiv', 'Europe/Kyiv');
    await build.centre('utc', 'UTC');
    const lateEvening = new Date('2026-02-10T22:30:00Z'); // already the 11th in Kyiv
    for (const centre of ['kyiv', 'utc']) await build.path({ centre, finishedAt: lateEvening });
    const days = async (from: string, to: string) =>
      (await reportLedger(own.db, reportQuestion({ from, to, by: 'centre' }), now)).groups.map(
        (g) => g.by.centre,
      );
    expect(await days('2026-02-10', '2026-02-10')).toEqual(['utc']);
    expect(await days('2026-02-11', '2026-02-12')).toEqual(['kyiv']);
    expect(await days('2026-02-09', '2026-02-11')).toEqual(['kyiv', 'utc']);
  } finally {
    await own.drop();
  }
});

test('what a person does after the link expired is late, not a response', async () => {
  const own = await testDatabase();
  try {
    const build = new Builders(own.db, now);
    const at = new Date('2026-02-20T09:00:00Z'); // the link expired seven days after the visit
    const finishedAt = new Date('2026-02-10T09:00:00Z');
    await build.path({ finishedAt, facts: { sent: true, opened: at, started: at, completed: at } });
    await build.path({ finishedAt, facts: { sent: true, delivered: true, refused: at } });
    await build.path({ finishedAt, facts: { sent: true, ineligible: at } });
    const [group] = (await reportRates(own.db, reportQuestion({ from: '2026-02-10', to: '2026-02-10' }), now))
      .groups;
    expect(group?.counts).toMatchObject({ I: 0, R: 0, NC: 2, NE: 1 });
    expect(group?.coverage.open).toBe(0);
  } finally {
    await own.drop();
  }
});

test('a decision taken back leaves the sample even when its cancelled invitation is kept', async () => {
  const own = await testDatabase();
  try {
    const build = new Builders(own.db, now);
    const { visitId } = await build.path({ facts: { cancelled: true } });
    await own.db.query(
      `update decision set decision = 'not_invited', reason = 'no_consent' where visit_id = $1`,
      [visitId],
    );
    const [group] = (await reportRates(own.db, reportQuestion(march), now)).groups;
    expect(group?.coverage).toMatchObject({ visits: 1, invited: 0, not_invited: 1, open: 0 });
    expect(sum(Object.values(group?.counts ?? {}))).toBe(0);
  } finally {
    await own.drop();
  }
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
