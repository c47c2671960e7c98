import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { seededRandom } from '#kernel/seeded-random';
import { Builders, TEST_SECRET, type PathSpec } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { exportAnswers } from './answers-export.js';
import { reportCompare } from './compare-report.js';
import { LETTERS } from './disposition.js';
import { FLAGS, reportQuestion, type Flag, type ReportQuery } from './question.js';
import { reportCost } from './cost-report.js';
import { reportFunnel } from './funnel-report.js';
import { reportLedger } from './ledger-report.js';
import { reportRates } from './rates-report.js';
import { RollUps } from './roll-ups.js';
import { reportScores } from './scores-report.js';

const now = new Date('2026-03-20T12:00:00Z');
const march = { from: '2026-03-01', to: '2026-03-31' };
let t: TestDatabase;

/** Sixty visits at each of two centres, two of three answered; many flagged at the one, three at the other. */
beforeAll(async () => {
  t = await testDatabase();
  const build = new Builders(t.db, now);
  const random = seededRandom('flags');
  const flag = (visitId: string, name: Flag) =>
    t.db.query(`insert into visit_flag values ($1, $2, 'agent', $3)`, [visitId, name, now]);
  for (const centre of ['large', 'small'])
    for (let i = 0; i < 60; i++) {
      const answered = i % 3 > 0;
      const { visitId } = await build.path({
        centre, finishedAt: new Date(Date.UTC(2026, 2, 2 + (i % 12), 9)),
        decision: random.weighted<NonNullable<PathSpec['decision']>>([['invited', 9], ['control', 1], [{ reason: 'no_phone' }, 1]]),
        facts: answered ? { sent: true, started: true, completed: true } : { sent: true },
        answers: answered ? { quality: i % 4 === 0 ? 1 : 5 } : {},
      }); // prettier-ignore
      if (centre === 'large' && i % 2 === 0) await flag(visitId, 'robots');
      if (centre === 'large' ? i % 5 === 0 : i < 3) await flag(visitId, 'staff');
    }
});
afterAll(() => t.drop());

const ask = (query: Partial<ReportQuery> = {}) => reportQuestion({ ...march, ...query });

test.each(['tables', 'roll-ups'])('counts of both sides of each flag add up to the whole, with %s', async (from) => {
  const later = new Date('2026-05-01T00:00:00Z');
  if (from === 'roll-ups') {
    for (let round = 0; round < 6; round++) await new RollUps(t.db).runOnce(later);
    expect((await t.db.query('select from rollup_day where counted_at is not null')).rowCount).toBeGreaterThan(10);
  }
  for (const by of ['', 'centre', 'centre,month'] as const)
    for (const flag of [...FLAGS, 'robots,staff']) {
      const sides = [{}, { without: flag }, { only: flag }].map((own) => ask({ by, ...own }));
      const rates = await Promise.all(sides.map((one) => reportRates(t.db, one, later)));
      const totals = rates.map(({ groups }) => LETTERS.map((letter) => groups.reduce((sum, { counts }) => sum + counts[letter], 0)));
      expect(totals[0]).toEqual(totals[1]?.map((n, place) => n + (totals[2]?.[place] ?? 0)));
      const visits = await Promise.all(sides.map(async (one) => (await reportLedger(t.db, one, later)).groups.reduce((sum, group) => sum + group.visits, 0)));
      expect(visits[0]).toBe((visits[1] ?? 0) + (visits[2] ?? 0));
      const { flagged } = rates[0] ?? {};
      expect(visits[2]).toBe(flag === 'robots,staff' ? flagged?.any : flagged?.[flag as Flag]);
      const completed = await Promise.all(sides.map(async (one) => (await reportFunnel(t.db, one, later)).groups.reduce((sum, { steps }) => sum + steps.completed, 0)));
      expect(completed[0]).toBe((completed[1] ?? 0) + (completed[2] ?? 0));
    }
}); // prettier-ignore

test('a report says how many of its visits are flagged, and what it did with them', async () => {
  const { flagged } = await reportCost(t.db, ask({ centre: 'large' }), now);
  expect(flagged).toEqual({ robots: 30, staff: 12, any: 36, without: [], only: [] });
  expect((await reportRates(t.db, ask({ centre: 'small', without: 'staff' }), now)).flagged).toEqual(
    { robots: 0, staff: 3, any: 3, without: ['staff'], only: [] },
  ); // prettier-ignore
});

describe('scores without flagged answers', () => {
  const n = async (query: Partial<ReportQuery>) =>
    (await reportScores(t.db, ask(query), now)).groups[0]?.scores.find(
      ({ question }) => question === 'quality',
    )?.n;

  test('are shown where ten or more are left out', async () => {
    const [all, without, only] = [await n({ centre: 'large' }), await n({ centre: 'large', without: 'robots' }), await n({ centre: 'large', only: 'robots' })]; // prettier-ignore
    expect(all).toBe((without ?? NaN) + (only ?? NaN));
    expect(only).toBeGreaterThanOrEqual(10);
  });

  test('are hidden where fewer are left out: the difference would be their score', async () => {
    expect(await n({ centre: 'small' })).toBeGreaterThanOrEqual(10);
    expect(await n({ centre: 'small', without: 'staff' })).toBeNull();
    expect(await n({ centre: 'small', only: 'staff' })).toBeNull();
  });

  test('nor are they shown in comparisons', async () => {
    const compared = async (own: Partial<ReportQuery>) =>
      (await reportCompare(t.db, ask(own), 'centre', now)).measures.find(({ question }) => question === 'quality')?.comparison?.units.map(({ unit }) => unit).sort(); // prettier-ignore
    expect(await compared({})).toEqual(['large', 'small']);
    expect(await compared({ without: 'staff' })).toBeUndefined();
  });
});

test('an export leaves flagged answers out when asked, and marks them otherwise', async () => {
  const exported = async (own: Partial<ReportQuery>): Promise<{ flags: string | null }[]> => {
    let text = '';
    for await (const piece of exportAnswers(t.db, new Vault(TEST_SECRET), ask(own), 'jsonl')) text += String(piece);
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { flags: string | null });
  }; // prettier-ignore
  const all = await exported({});
  const flaggedOnes = all.filter(({ flags }) => flags?.includes('robots'));
  expect(flaggedOnes.length).toBeGreaterThan(10);
  expect(await exported({ only: 'robots' })).toEqual(flaggedOnes);
  expect(await exported({ without: 'robots' })).toHaveLength(all.length - flaggedOnes.length);
  expect(new Set(all.map(({ flags }) => flags))).toEqual(new Set([null, 'robots', 'staff', 'robots|staff']));
});

test('a flag nobody knows is refused', () => {
  expect(() => ask({ without: 'aliens' })).toThrow(expect.objectContaining({ code: 'report_invalid' }));
});
