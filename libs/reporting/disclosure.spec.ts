import { describe, expect, test } from '@jest/globals';
import { COUNTED_BY } from './disclosed-choices.js';
import { Disclosure } from './disclosure.js';
import type { DayCount } from './group-days.js';

const year = { from: '2026-01-01', to: '2026-12-31' };
const on = (day: string, centre: string, service: string, n: number, ...further: (string | null)[]): DayCount => ({
  by: [centre, service, 'after-visit', 'sms', null, 'uk', ...further], day, n,
}); // prettier-ignore
const counts = [
  on('2026-03-03', 'kyiv', 'passport', 40),
  on('2026-03-04', 'lviv', 'passport', 30),
  on('2026-03-10', 'lviv', 'permit', 12),
  on('2026-03-12', 'lviv', 'passport', 4),
];
const ask = (...by: ('centre' | 'service' | 'week' | 'day')[]) =>
  [...new Disclosure(COUNTED_BY, counts, year).shown({ by, filter: {} })].sort();

describe('reports of one measure', () => {
  test('show every group where none is small', () => {
    expect(ask('centre')).toEqual(['["kyiv"]', '["lviv"]']);
    expect(ask('centre', 'service')).toHaveLength(3);
  });

  test('by week and day are decided after those by other dimensions, and hide what these would give', () => {
    // The second week less the permit, which reports by service show, would be the four answers of a day.
    expect(ask('week')).toEqual([]);
    // These days are a centre and a service; another would give the four, as the rest of lviv's passports.
    expect(ask('day')).toEqual(['["2026-03-03"]', '["2026-03-10"]']);
  });

  test('of a group that is all of another for a while do not tell by two periods what a few said', () => {
    const starting = [
      on('2026-01-10', 'kyiv', 'permit', 12),
      on('2026-02-10', 'kyiv', 'permit', 5),
      on('2026-03-10', 'kyiv', 'permit', 12),
      on('2026-04-10', 'kyiv', 'permit', 6),
      on('2026-04-10', 'kyiv', 'passport', 30),
      ...['01', '02', '03', '04'].map((month) => on(`2026-${month}-11`, 'lviv', 'permit', 50)),
    ];
    const until = (to: string): ReadonlySet<string> =>
      new Disclosure(COUNTED_BY, starting, { from: '2026-01-01', to }).shown({ by: ['centre', 'service'], filter: {} });
    const both = [...until('2026-03-31')].filter((group) => until('2026-04-30').has(group));
    expect(both).not.toContain('["kyiv","permit"]');
    expect(until('2026-12-31')).toContain('["kyiv","permit"]');
  }); // prettier-ignore

  test('by employee tell nothing of one with few answers', () => {
    const named = [
      on('2026-03-03', 'kyiv', 'passport', 20, 'Olha'),
      on('2026-03-03', 'kyiv', 'passport', 15, 'Taras'),
      on('2026-03-03', 'kyiv', 'permit', 3, 'Ivan'),
    ];
    const disclosure = new Disclosure([...COUNTED_BY, 'employee'], named, year);
    expect([...disclosure.shown({ by: ['centre', 'employee'], filter: {} })]).toEqual(['["kyiv","Olha"]']);
  });

  test('with too few columns are decided from their own dimensions', () => {
    const own = counts.map((count) => ({ ...count, by: count.by.slice(0, 1) }));
    expect([...new Disclosure(['centre'], own, year).shown({ by: ['centre'], filter: {} })]).toHaveLength(2);
  });
});
