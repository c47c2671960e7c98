import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '#kernel/zone';
import {
  blocksOf,
  mondayOf,
  separable,
  wholeMonths,
  type DayCounts,
  type Period,
} from './reporting-period.js';

const march = (counts: Readonly<Record<number, number>>, month = '2026-03'): [string, number][] =>
  Object.entries(counts).map(([day, n]) => [`${month}-${day.padStart(2, '0')}`, n]);
const all = (): boolean => true;

describe('a period is separable', () => {
  test.each<[string, Period, [string, number][], boolean]>([
    ['a whole month', { from: '2026-03-01', to: '2026-03-31' }, march({ 2: 6, 9: 6 }), true],
    ['all days that have answers', { from: '2026-03-02', to: '2026-03-09' }, march({ 2: 6, 9: 6 }), true],
    ['all but a day of three', { from: '2026-03-01', to: '2026-03-30' }, march({ 2: 40, 31: 3 }), false],
    ['all but a day of ten, in a week of its own', { from: '2026-03-01', to: '2026-03-29' }, march({ 2: 40, 31: 10 }), true],
    ['a day of ten beside one of three', { from: '2026-03-03', to: '2026-03-03' }, march({ 2: 3, 3: 12 }), false],
    ['two heavy months', { from: '2026-02-01', to: '2026-03-31' }, [...march({ 5: 12 }, '2026-02'), ...march({ 2: 12 })], true],
    ['a heavy and a thin month', { from: '2026-02-01', to: '2026-03-31' }, [...march({ 5: 12 }, '2026-02'), ...march({ 2: 4 })], false],
    ['thin months that are all there is', { from: '2026-02-01', to: '2026-03-31' }, [...march({ 5: 7 }, '2026-02'), ...march({ 2: 8 })], true],
  ])('%s', (_, period, days, expected) => {
    expect(separable(period, new Map(days), all)).toBe(expected);
  }); // prettier-ignore

  test('thin months only when nothing of their year lies outside', () => {
    const days = new Map([...march({ 5: 7 }, '2026-02'), ...march({ 2: 8 })]);
    expect(separable({ from: '2026-02-01', to: '2026-03-31' }, days, () => false)).toBe(false);
  });
});

test('a month is cut into weeks, and these into days, as long as each piece keeps ten', () => {
  const days = new Map(march({ 2: 12, 3: 11, 4: 3, 9: 4, 16: 7, 30: 2 }));
  expect(blocksOf('2026-03', days)).toEqual([
    ['2026-03-02'],
    ['2026-03-03', '2026-03-04'],
    ['2026-03-09', '2026-03-16', '2026-03-30'],
  ]);
});

test('differences of any periods of a group hold no answers, or ten and more', () => {
  const counts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 30 })), {
    minLength: 70,
    maxLength: 70,
  }); // prettier-ignore
  const period = fc.tuple(fc.integer({ min: 0, max: 69 }), fc.integer({ min: 0, max: 69 })).map(([a, b]) => ({
    from: addDays('2026-02-01', Math.min(a, b)),
    to: addDays('2026-02-01', Math.max(a, b)),
  }));
  fc.assert(
    fc.property(counts, fc.array(period, { minLength: 2, maxLength: 40 }), (given, periods) => {
      const days = new Map(given.map((n, i) => [addDays('2026-02-01', i), n]));
      const shown = [...periods, { from: '2026-02-01', to: '2026-04-11' }, { from: '2026-03-01', to: '2026-03-31' }]
        .filter((one) => separable(one, inMonthsOf(one, days), coversAll(one, days)))
        .filter((one) => sumOf(one, days) > 0);
      for (const a of shown) {
        for (const b of shown) {
          if (a.from > b.from || b.to > a.to) continue;
          const rest = sumOf(a, days) - sumOf(b, days);
          expect(rest === 0 || rest >= 10).toBe(true);
        }
      }
    }),
    { numRuns: 300 },
  ); // prettier-ignore
});

test.each([
  ['2026-03-02', '2026-03-02'],
  ['2026-03-08', '2026-03-02'],
  ['2026-03-01', '2026-02-23'],
])('the week of %s begins on %s', (day, monday) => expect(mondayOf(day)).toBe(monday));

function inMonthsOf(period: Period, days: DayCounts): DayCounts {
  const { from, to } = wholeMonths(period);
  return new Map([...days].filter(([day]) => day >= from && day <= to));
}

function coversAll({ from, to }: Period, days: DayCounts) {
  return (year: string): boolean =>
    [...days].every(([day, n]) => n === 0 || !day.startsWith(year) || (day >= from && day <= to));
}

function sumOf({ from, to }: Period, days: DayCounts): number {
  return [...days].reduce((sum, [day, n]) => (day >= from && day <= to ? sum + n : sum), 0);
}
