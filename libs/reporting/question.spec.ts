import { describe, expect, test } from '@jest/globals';
import { grouped } from './grouping.js';
import { reportQuestion, type ReportQuery } from './question.js';

const march = { from: '2026-03-01', to: '2026-03-31' };

describe('the question of a report', () => {
  test.each<[string, ReportQuery, object]>([
    ['no grouping', march, { ...march, by: [], filter: {} }],
    ['a list in one word', { ...march, by: 'centre, month,centre' }, { by: ['centre', 'month'] }],
    ['a repeated parameter', { ...march, by: ['centre', 'day,week'] }, { by: ['centre', 'day', 'week'] }],
    ['an empty list', { ...march, by: '' }, { by: [] }],
    [
      'filters',
      { ...march, centre: 'a', campaign: ['x', ''] },
      { filter: { centre: ['a'], campaign: ['x', ''] } },
    ],
    ['one day', { from: '2024-02-29', to: '2024-02-29' }, { from: '2024-02-29' }],
  ])('reads %s', (_, query, expected) => {
    expect(reportQuestion(query)).toMatchObject(expected);
  });

  test.each<[string, ReportQuery, RegExp]>([
    ['a day that does not exist', { ...march, to: '2026-02-30' }, /to is not a day of the calendar/],
    ['a moment', { ...march, from: '2026-03-01T00:00:00Z' }, /from must be a day like/],
    ['a span that runs backwards', { from: '2026-03-02', to: '2026-03-01' }, /to must not be before from/],
    ['an unknown dimension', { ...march, by: 'centre,mood' }, /by\.1 must be among centre, service/],
    ['a misspelt filter', { ...march, center: 'a' } as ReportQuery, /"center"/],
  ])('refuses %s and says what is wrong', (_, query, message) => {
    expect(() => reportQuestion(query)).toThrow(message);
  });
});

test('groups come in the order of their values, "none" last', () => {
  const rows = [
    ['b', null],
    ['a', 'z'],
    ['b', 'y'],
    [null, 'a'],
    ['a', 'z'],
  ].map((by) => ({ by }));
  const found = grouped(['centre', 'service'], rows);
  expect(found.map(({ by, rows: own }) => [by.centre, by.service, own.length])).toEqual([
    ['a', 'z', 2],
    ['b', 'y', 1],
    ['b', null, 1],
    [null, 'a', 1],
  ]);
});
