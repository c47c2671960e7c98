import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '#kernel/zone';
import { reportQuestion, type ReportQuery } from './question.js';
import { countingPlan, daysOf, keptFor } from './rollup-plan.js';

const spring = { from: '2026-02-10', to: '2026-04-20' };
const march = daysOf('2026-03-01');

describe('where a question is counted', () => {
  test.each<[string, Partial<ReportQuery>, string[], string[], string[]]>([
    ['nothing is kept: in the tables', {}, [], [], ['2026-02-10..2026-04-20']],
    [
      'kept days come from the roll-up, the rest from the tables',
      {},
      ['2026-02-10', '2026-02-12'],
      [],
      ['2026-02-11..2026-02-11', '2026-02-13..2026-04-20'],
    ],
    ['a whole kept month is one', {}, march, ['2026-03-01'], ['2026-02-10..2026-02-28', '2026-04-01..2026-04-20']],
    ['a month asked for in part is days', { from: '2026-03-02', to: '2026-03-31' }, march.slice(1), [], []],
    ['days need days', { from: '2026-03-01', to: '2026-03-31', by: 'day' }, march, [], []],
    ['weeks need days', { from: '2026-03-01', to: '2026-03-31', week: '2026-W10' }, march, [], []],
    [
      'a month with a day that changed is days, and that day is counted in the tables',
      { from: '2026-03-01', to: '2026-03-31' },
      march.slice(0, -1),
      [],
      ['2026-03-31..2026-03-31'],
    ],
  ])('%s', (_, query, days, months, tables) => {
    const plan = countingPlan(reportQuestion({ ...spring, ...query }), { days, months: ['2026-03-01'] });
    expect(plan.months).toEqual(months);
    expect(plan.days).toEqual(months.length > 0 ? [] : days);
    expect(plan.tables.map(({ from, to }) => `${from}..${to}`)).toEqual(tables);
  }); // prettier-ignore

  test('every day of the span is counted in exactly one place', () => {
    const from = fc.integer({ min: 0, max: 80 }).map((n) => addDays('2026-01-20', n));
    const kept = fc.uniqueArray(fc.integer({ min: 0, max: 160 }).map((n) => addDays('2026-01-20', n)));
    const wholeMonths = fc.subarray(['2026-02-01', '2026-03-01', '2026-04-01']);
    const byDay = fc.boolean();
    fc.assert(
      fc.property(from, fc.integer({ min: 0, max: 90 }), kept, wholeMonths, byDay, (first, length, some, months, day) => {
        const span = { from: first, to: addDays(first, length) };
        const inSpan = [...new Set([...some, ...months.flatMap(daysOf)])].filter((one) => one >= span.from && one <= span.to); // prettier-ignore
        const question = reportQuestion({ ...span, by: day ? ['day'] : [] });
        const plan = countingPlan(question, { days: inSpan, months });
        const counted = [
          ...plan.months.flatMap(daysOf),
          ...plan.days,
          ...plan.tables.flatMap((gap) => range(gap.from, gap.to)),
        ];
        expect(counted.sort()).toEqual(range(span.from, span.to));
        expect(plan.tables.flatMap((gap) => range(gap.from, gap.to)).some((one) => inSpan.includes(one))).toBe(false); // prettier-ignore
      }),
    ); // prettier-ignore
  });

  test.each<[Partial<ReportQuery>, number, number]>([
    [{}, 0, 0],
    [{ by: 'month' }, 0, 0],
    [{ by: 'centre,month' }, 1, 1],
    [{ by: 'centre', service: 'passport' }, 63, 3],
    [{ by: 'service' }, 2, 2],
    [{ by: 'channel,variant' }, 60, 60],
    [{ by: 'service,channel' }, 63, 62],
    [{ by: 'centre,channel' }, 63, 61],
    [{ by: 'centre,service,channel' }, 63, 63],
  ])('for %j the smallest roll-up that keeps enough is read', (query, byDay, byMonth) => {
    const question = reportQuestion({ ...spring, ...query });
    expect([keptFor(question, 'd'), keptFor(question, 'm')]).toEqual([byDay, byMonth]);
  });
});

function range(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}
