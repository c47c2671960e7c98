import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { addDuration, civilDate, fromLocal, isDuration, isZone, toLocal } from './zone.js';

const iso = (date: Date): string => date.toISOString();

describe('wall-clock times become instants', () => {
  test.each([
    ['an ordinary winter time', '2020-01-13', 600, 'Europe/Kyiv', '2020-01-13T08:00:00.000Z'],
    ['an ordinary summer time', '2026-07-01', 600, 'Europe/Kyiv', '2026-07-01T07:00:00.000Z'],
    [
      '03:30 in the hour that does not exist moves on by an hour',
      '2026-03-29',
      210,
      'Europe/Kyiv',
      '2026-03-29T01:30:00.000Z',
    ],
    [
      '03:30 in the hour that happens twice is the first pass',
      '2026-10-25',
      210,
      'Europe/Kyiv',
      '2026-10-25T00:30:00.000Z',
    ],
    ['24:00 is the next midnight', '2026-05-05', 1440, 'Europe/Warsaw', '2026-05-05T22:00:00.000Z'],
    ['a zone with a quarter-hour offset', '2026-05-05', 0, 'Asia/Kathmandu', '2026-05-04T18:15:00.000Z'],
  ])('%s', (_, date, minute, zone, expected) => {
    expect(iso(fromLocal(date, minute, zone))).toBe(expected);
  });

  test('every zone and minute agrees with Temporal', () => {
    const zones = [
      'Europe/Kyiv',
      'Europe/Warsaw',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'UTC',
    ];
    const minutes = fc.integer({ min: Date.UTC(2019, 0) / 60_000, max: Date.UTC(2029, 0) / 60_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, (zone, wallMinute) => {
        const wall = new Date(wallMinute * 60_000).toISOString().slice(0, 19);
        const expected = Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds;
        expect(fromLocal(wall.slice(0, 10), wallMinute % 1440, zone).getTime()).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('instants become wall-clock times', () => {
  test('the day, minute and weekday of the zone', () => {
    expect(toLocal(new Date('2020-01-12T23:30:00Z'), 'Europe/Kyiv')).toEqual({
      date: '2020-01-13',
      minute: 90,
      weekday: 1,
    });
  });

  test('a day belongs to the zone, not to UTC', () => {
    expect(civilDate(new Date('2026-06-30T21:30:00Z'), 'Europe/Kyiv')).toBe('2026-07-01');
  });

  test('Sunday is 7', () => {
    expect(toLocal(new Date('2026-03-29T09:00:00Z'), 'Europe/Kyiv').weekday).toBe(7);
  });
});

describe('durations', () => {
  test.each([
    ['hours are exact over the spring change', '2026-03-28T10:00:00Z', 'PT48H', '2026-03-30T10:00:00.000Z'],
    [
      'days keep the wall clock over the spring change',
      '2026-03-28T10:00:00Z',
      'P2D',
      '2026-03-30T09:00:00.000Z',
    ],
    [
      'days keep the wall clock over the autumn change',
      '2026-10-24T10:00:00Z',
      'P2D',
      '2026-10-26T11:00:00.000Z',
    ],
    ['weeks are seven days', '2026-10-24T10:00:00Z', 'P1W', '2026-10-31T11:00:00.000Z'],
    ['months stop at their end', '2026-01-31T10:00:00Z', 'P1M', '2026-02-28T10:00:00.000Z'],
    ['minutes', '2026-01-31T10:00:00Z', 'PT45M', '2026-01-31T10:45:00.000Z'],
  ])('%s', (_, from, duration, expected) => {
    expect(iso(addDuration(new Date(from), duration, 'Europe/Kyiv'))).toBe(expected);
  });

  test('agree with Temporal in every zone, forwards and backwards, over changes of summer time', () => {
    const zones = ['Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'UTC'];
    const moments = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2027, 0) });
    const lengths = [
      'PT36H',
      'P1D',
      '-P1D',
      'P1W',
      'P30D',
      'P1DT90M',
      '-P2DT3H',
      'P1M',
      '-P1M',
      'P1Y2M3DT4H',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...zones), moments, fc.constantFrom(...lengths), (zone, at, length) => {
        const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
        expect(addDuration(new Date(at), length, zone).getTime()).toBe(zoned.add(length).epochMilliseconds);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['PT45M', true],
    ['P1DT2H', true],
    ['P0D', true],
    ['-PT1H', false],
    ['45 minutes', false],
    ['', false],
  ])('%s is a duration: %s', (text, expected) => {
    expect(isDuration(text)).toBe(expected);
  });
});

test.each([
  ['Europe/Kyiv', true],
  ['Europe/Kiev', true],
  ['UTC', true],
  ['Europe/Nowhere', false],
  ['+02:00', false],
  ['', false],
])('%s is a zone: %s', (name, expected) => {
  expect(isZone(name)).toBe(expected);
});
