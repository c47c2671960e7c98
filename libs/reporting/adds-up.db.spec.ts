import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '#kernel/seeded-random';
import { Builders, type FactColumn, type PathSpec } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { reportFunnel, STEPS } from './funnel-report.js';
import { REASONS, reportLedger } from './ledger-report.js';
import { DIMENSIONS, reportQuestion, type Dimension } from './question.js';
import { eligible, unknown } from './rates.js';
import { reportRates } from './rates-report.js';

const now = new Date('2026-03-12T12:00:00Z');
let t: TestDatabase;

/** Visits with facts at random, also combinations that should not happen. */
beforeAll(async () => {
  t = await testDatabase();
  const build = new Builders(t.db, now);
  const random = seededRandom('adds up');
  const one = await build.campaign('one');
  const two = await build.campaign('two');
  const facts: FactColumn[] = ['sent', 'delivered', 'undelivered', 'seen', 'opened', 'started', 'completed', 'refused', 'wrong_number', 'ineligible']; // prettier-ignore
  for (let i = 0; i < 160; i++) {
    const given = facts.filter(() => random.chance(0.35));
    const decision = random.weighted<NonNullable<PathSpec['decision']> | null>([
      ['invited', 6],
      ['control', 1],
      [{ reason: random.weighted(REASONS.map((reason) => [reason, 1] as const)) }, 3],
      [null, 1],
    ]);
    await build.path({
      centre: random.weighted([['a', 3], ['b', 1], ['c', 1]]), service: random.weighted([['x', 2], ['y', 1], [null, 1]]),
      language: random.weighted([['uk', 3], ['en', 1], [null, 1]]), channel: random.chance(0.4) ? 'viber' : 'sms',
      finishedAt: new Date(now.getTime() - random.below(20) * 86_400_000 - random.below(86_400_000)),
      campaign: random.chance(0.5) ? one : two, decision, facts: Object.fromEntries(given.map((fact) => [fact, true])),
      answers: given.includes('started') && random.chance(0.5) ? { quality: 4 } : {},
    }); // prettier-ignore
  }
});
afterAll(() => t.drop());

const day = fc.integer({ min: 10, max: 28 }).map((n) => `2026-02-${n}`);
const filters = fc.record(
  {
    centre: fc.subarray(['a', 'b', 'c', 'none such'], { minLength: 1 }),
    service: fc.subarray(['x', 'y', ''], { minLength: 1 }),
    campaign: fc.subarray(['one', 'two', ''], { minLength: 1 }),
    channel: fc.subarray(['sms', 'viber', ''], { minLength: 1 }),
    language: fc.subarray(['uk', 'en', ''], { minLength: 1 }),
    week: fc.subarray(['2026-W08', '2026-W09', '2026-W10'], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const by = fc.shuffledSubarray([...DIMENSIONS], { maxLength: 3 });
const query = fc.record({ from: day, to: fc.integer({ min: 1, max: 12 }).map((n) => `2026-03-${String(n).padStart(2, '0')}`), by, filters }); // prettier-ignore

test('under any span, filter and grouping the reports agree and add up', async () => {
  await fc.assert(
    fc.asyncProperty(query, async ({ from, to, by: dimensions, filters: kept }) => {
      const ask = (own: Dimension[]) => reportQuestion({ from, to, by: own, ...kept });
      const question = ask(dimensions);
      const [whole] = (await reportRates(t.db, ask([]), now)).groups;
      const [rates, ledger, funnel] = [
        (await reportRates(t.db, question, now)).groups,
        (await reportLedger(t.db, question, now)).groups,
        (await reportFunnel(t.db, question, now)).groups,
      ];
      expect(ledger.map((group) => group.by)).toEqual(rates.map((group) => group.by));
      expect(funnel.map((group) => group.by)).toEqual(rates.map((group) => group.by));
      for (const [i, { counts, coverage }] of rates.entries()) {
        expect(coverage.invited).toBe(eligible(counts) + unknown(counts) + counts.NE);
        const { visits, decisions, reasons, pending } = ledger[i] ?? {
          visits: -1,
          decisions: {},
          reasons: {},
          pending: 0,
        };
        expect(visits).toBe(sum(Object.values(decisions)) + pending);
        expect(sum(Object.values(reasons))).toBe(coverage.not_invited);
        const steps = STEPS.map((step) => funnel[i]?.steps[step] ?? -1);
        expect(steps).toEqual([...steps].sort((a, b) => b - a));
        expect([steps[0], steps[2]]).toEqual([visits, coverage.invited]);
      }
      for (const key of ['visits', 'invited', 'control', 'not_invited', 'pending', 'open'] as const) {
        expect(sum(rates.map(({ coverage }) => coverage[key]))).toBe(whole?.coverage[key]);
      }
      for (const letter of ['I', 'P', 'R', 'NC', 'O', 'UH', 'UO', 'NE'] as const) {
        expect(sum(rates.map(({ counts }) => counts[letter]))).toBe(whole?.counts[letter]);
      }
    }),
    { numRuns: 60 },
  );
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
