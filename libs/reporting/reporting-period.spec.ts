import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '#kernel/zone';
import { blocksOf, mondayOf, separable, type DayCounts, type Period } from './reporting-period.js';

const march = (counts: Readonly<Record<number, number>>, month = '2026-03'): [string, number][] =>
  Object.entries(counts).map(([day, n]) => [`${month}-${day.padStart(2, '0')}`, n]);
const february = (n: number): [string, number][] => march({ 5: n }, '2026-02');

describe('a period is separable', () => {
  test.each<[string, Period, [string, number][], boolean]>([
    ['a whole month', { from: '2026-03-01', to: '2026-03-31' }, march({ 2: 6, 9: 6 }), true],
    ['all days that have answers', { from: '2026-03-02', to: '2026-03-09' }, march({ 2: 6, 9: 6 }), true],
    ['all but a day of three', { from: '2026-03-01', to: '2026-03-30' }, march({ 2: 40, 31: 3 }), false],
    ['all but a week of ten', { from: '2026-03-01', to: '2026-03-29' }, march({ 2: 40, 31: 10 }), true],
    ['a day of twelve beside one of three', { from: '2026-03-03', to: '2026-03-03' }, march({ 2: 3, 3: 12 }), false],
    ['two heavy months', { from: '2026-02-01', to: '2026-03-31' }, [...february(12), ...march({ 2: 12 })], true],
    ['a month begun, with all before it', { from: '2026-02-01', to: '2026-03-31' }, [...february(12), ...march({ 2: 4 })], true],
    ['the month before, alone', { from: '2026-02-01', to: '2026-02-28' }, [...february(12), ...march({ 2: 4 })], false],
    ['a later heavy month beside a thin one', { from: '2026-03-01', to: '2026-03-31' }, [...february(12), ...march({ 2: 12 }), ...march({ 2: 4 }, '2026-04')], true],
    ['thin months together', { from: '2026-02-01', to: '2026-03-31' }, [...february(7), ...march({ 2: 8 })], true],
    ['some of the thin months', { from: '2026-02-01', to: '2026-03-31' }, [...february(7), ...march({ 2: 8 }), ...march({ 2: 5 }, '2026-05')], false],
  ])('%s', (_, period, days, expected) => {
    expect(separable(period, blocksOf(new Map(days)))).toBe(expected);
  }); // prettier-ignore
});

test('a month is cut into weeks, and these into days, as long as each piece keeps ten', () => {
  const days = new Map(march({ 2: 12, 3: 11, 4: 3, 9: 4, 16: 7, 30: 2 }));
  expect(blocksOf(days)).toEqual([
    ['2026-03-02'],
    ['2026-03-03', '2026-03-04'],
    ['2026-03-09', '2026-03-16', '2026-03-30'],
  ]);
});

describe('for any answers of a group', () => {
  const n = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 30 }));
  const first = '2025-11-01';
  const days = fc
    .array(n, { minLength: 200, maxLength: 200 })
    .map((given) => new Map(given.map((count, i) => [addDays(first, i), count])));
  const period = fc
    .tuple(fc.integer({ min: 0, max: 199 }), fc.integer({ min: 0, max: 199 }))
    .map(([a, b]) => ({ from: addDays(first, Math.min(a, b)), to: addDays(first, Math.max(a, b)) }));

  test('blocks hold every day once, and ten answers or all of a year', () => {
    fc.assert(
      fc.property(days, (given) => {
        const blocks = blocksOf(given);
        const filled = [...given].filter(([, count]) => count > 0).map(([day]) => day);
        expect(blocks.flat().sort()).toEqual(filled);
        for (const block of blocks) {
          const count = block.reduce((sum, day) => sum + (given.get(day) ?? 0), 0);
          const inYear = filled.filter((day) => day.slice(0, 4) === block[0]?.slice(0, 4));
          expect(count >= 10 || block.length === inYear.length).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('differences of periods that are shown hold no answers, or ten and more, or all of a year', () => {
    fc.assert(
      fc.property(days, fc.array(period, { minLength: 2, maxLength: 60 }), (given, periods) => {
        const whole = { from: first, to: addDays(first, 199) };
        const shown = [...periods, whole].filter((one) => separable(one, blocksOf(given)) && sumOf(one, given) >= 10);
        for (const a of shown) {
          for (const b of shown) {
            if (a.from > b.from || b.to > a.to) continue;
            const rest = sumOf(a, given) - sumOf(b, given);
            const years = ['2025', '2026'].map((year) => sumOf({ from: `${year}-01-01`, to: `${year}-12-31` }, given));
            expect(rest === 0 || rest >= 10 || years.includes(rest)).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
}); // prettier-ignore

test.each([
  ['2026-03-02', '2026-03-02'],
  ['2026-03-08', '2026-03-02'],
  ['2026-03-01', '2026-02-23'],
])('the week of %s begins on %s', (day, monday) => expect(mondayOf(day)).toBe(monday));

function sumOf({ from, to }: Period, days: DayCounts): number {
  return [...days].reduce((sum, [day, n]) => (day >= from && day <= to ? sum + n : sum), 0);
}
