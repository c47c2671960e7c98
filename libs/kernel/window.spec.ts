import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { closingAfter, isOpen, nextOpening, WEEKDAYS, type SendingWindow } from './window.js';
import { fromLocal } from './zone.js';

const WORKDAYS: SendingWindow = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  from: '09:00',
  to: '20:00',
  closed: ['2026-03-07'],
};
const ANY_HOUR: SendingWindow = { days: WEEKDAYS, from: '00:00', to: '24:00', closed: [] };

const kyiv = (wall: string): Date => {
  const [date = '', clock = ''] = wall.split(' ');
  const [hour, minute, second] = clock.split(':').map(Number);
  const at = fromLocal(date, (hour ?? 0) * 60 + (minute ?? 0), 'Europe/Kyiv');
  return new Date(at.getTime() + (second ?? 0) * 1000);
};

describe('the next opening in the zone of the centre', () => {
  test.each([
    ['an open hour stays as it is', WORKDAYS, '2026-03-02 12:34:56', '2026-03-02 12:34:56'],
    ['the first minute is open', WORKDAYS, '2026-03-02 09:00', '2026-03-02 09:00'],
    ['the second before opening waits for it', WORKDAYS, '2026-03-02 08:59:59', '2026-03-02 09:00'],
    ['the last second is open', WORKDAYS, '2026-03-02 19:59:59', '2026-03-02 19:59:59'],
    ['the closing minute is not', WORKDAYS, '2026-03-02 20:00', '2026-03-03 09:00'],
    ['Friday evening passes over a closed Saturday and Sunday', WORKDAYS, '2026-03-06 20:00', '2026-03-09 09:00'], // prettier-ignore
    ['the morning after summer time began', WORKDAYS, '2026-03-28 21:00', '2026-03-30 09:00'],
    ['"24:00" keeps the last minute of the day open', { ...WORKDAYS, to: '24:00' }, '2026-03-02 23:59', '2026-03-02 23:59'], // prettier-ignore
    ['midnight belongs to the new day', { ...WORKDAYS, to: '24:00' }, '2026-03-03 00:00', '2026-03-03 09:00'],
    ['any hour is never moved', ANY_HOUR, '2026-03-01 03:17', '2026-03-01 03:17'],
  ])('%s', (_, window, at, expected) => {
    expect(nextOpening(kyiv(at), window, 'Europe/Kyiv')).toEqual(kyiv(expected));
  });

  test('an opening inside the skipped hour is the end of the gap', () => {
    const window: SendingWindow = { days: ['sun'], from: '03:30', to: '08:00', closed: [] };
    expect(nextOpening(kyiv('2026-03-29 01:00'), window, 'Europe/Kyiv')).toEqual(
      new Date('2026-03-29T01:00:00Z'),
    );
  });

  test('a window that the skipped hour all but covers opens for what is left of it', () => {
    const window: SendingWindow = { days: ['sun'], from: '02:40', to: '03:05', closed: [] };
    expect(nextOpening(new Date('2026-03-08T06:55:00Z'), window, 'America/New_York')).toEqual(
      new Date('2026-03-08T07:00:00Z'),
    );
  });

  test('an opening missed in the first pass of the repeated hour comes in the second', () => {
    const window: SendingWindow = { days: ['sun'], from: '03:10', to: '03:20', closed: [] };
    expect(nextOpening(new Date('2026-10-25T00:30:00Z'), window, 'Europe/Kyiv')).toEqual(
      new Date('2026-10-25T01:10:00Z'),
    );
  });

  test('a day that a zone left out is not opened', () => {
    const window: SendingWindow = { days: ['fri'], from: '09:00', to: '10:00', closed: [] };
    expect(nextOpening(new Date('2011-12-30T00:00:00Z'), window, 'Pacific/Apia')).toEqual(
      fromLocal('2012-01-06', 540, 'Pacific/Apia'),
    );
  });

  test('a window that is shut for longer than a year never opens', () => {
    const closed = Array.from({ length: 60 }, (_, week) =>
      new Date(Date.UTC(2026, 0, 4 + 7 * week)).toISOString().slice(0, 10),
    );
    const sundays: SendingWindow = { days: ['sun'], from: '09:00', to: '10:00', closed };
    expect(nextOpening(kyiv('2026-01-01 00:00'), sundays, 'Europe/Kyiv')).toBeUndefined();
  });
});

describe('the end of the open stretch', () => {
  test.each([
    ['is the closing minute of the day', WORKDAYS, '2026-03-02 12:00', '2026-03-02 20:00'],
    ['is midnight for "24:00" when the next day opens later', { ...WORKDAYS, to: '24:00' }, '2026-03-02 12:00', '2026-03-03 00:00'], // prettier-ignore
    ['runs over midnight into a day that opens at 00:00', { ...ANY_HOUR, closed: ['2026-03-05'] }, '2026-03-02 12:00', '2026-03-05 00:00'], // prettier-ignore
    ['is the end of the gap when it falls into one', { ...ANY_HOUR, to: '03:30' }, '2026-03-29 01:00', '2026-03-29 04:00'], // prettier-ignore
  ])('%s', (_, window, at, expected) => {
    expect(closingAfter(kyiv(at), window, 'Europe/Kyiv')).toEqual(kyiv(expected));
  });

  test('goes on where a day begins after the opening hour, its midnight being skipped', () => {
    const window: SendingWindow = { days: ['thu', 'fri'], from: '00:05', to: '24:00', closed: [] };
    expect(closingAfter(new Date('2026-04-23T21:55:00Z'), window, 'Africa/Cairo')).toEqual(
      fromLocal('2026-04-25', 0, 'Africa/Cairo'),
    );
  });

  test('does not exist when no hour is closed', () => {
    expect(closingAfter(kyiv('2026-03-02 12:00'), ANY_HOUR, 'Europe/Kyiv')).toBeUndefined();
  });
});

const FIVE_MINUTES = 300_000;
// Each with a change of its clocks, among them one at midnight and one of half an hour.
const CHANGES: readonly (readonly [string, string])[] = [
  ['Europe/Kyiv', '2026-03-29T01:00:00Z'],
  ['Europe/Kyiv', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Africa/Cairo', '2026-04-23T22:00:00Z'],
  ['Africa/Cairo', '2026-10-29T21:00:00Z'],
  ['Asia/Kathmandu', '2026-03-01T00:00:00Z'],
];
const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const cases = fc
  .record({
    change: fc.constantFrom(...CHANGES),
    steps: fc.oneof(fc.integer({ min: -600, max: 600 }), fc.integer({ min: -30, max: 30 })),
    offsetMs: fc.integer({ min: 0, max: FIVE_MINUTES - 1 }),
    days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    hours: fc.uniqueArray(fc.integer({ min: 0, max: 288 }), { minLength: 2, maxLength: 2 }),
    closedDay: fc.option(fc.integer({ min: -2, max: 2 }), { nil: undefined }),
  })
  .map(({ change: [zone, instant], steps, offsetMs, days, hours, closedDay }) => {
    const base = Date.parse(instant);
    const [from = 0, to = 288] = hours.sort((a, b) => a - b);
    const closed = closedDay === undefined ? [] : [new Date(base + closedDay * 86_400_000).toISOString().slice(0, 10)]; // prettier-ignore
    const window: SendingWindow = { days, from: clock(from * 5), to: clock(to * 5), closed };
    return { zone, window, at: new Date(base + steps * FIVE_MINUTES + offsetMs) };
  });

describe('over every change of summer time', () => {
  test('the next opening is the first open instant that a walk through the minutes finds', () => {
    fc.assert(
      fc.property(cases, ({ zone, window, at }) => {
        const found = nextOpening(at, window, zone);
        let walked = at;
        while (!isOpen(walked, window, zone)) {
          walked = new Date((Math.floor(walked.getTime() / FIVE_MINUTES) + 1) * FIVE_MINUTES);
        }
        expect(found).toEqual(walked);
      }),
      { numRuns: 400 },
    );
  });

  test('a later moment never opens earlier', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 200_000_000 }), ({ zone, window, at }, later) => {
        const first = nextOpening(at, window, zone);
        const second = nextOpening(new Date(at.getTime() + later), window, zone);
        expect(Number(second)).toBeGreaterThanOrEqual(Number(first));
      }),
      { numRuns: 1000 },
    );
  });

  test('a stretch ends with an open instant before a closed one', () => {
    fc.assert(
      fc.property(cases, ({ zone, window, at }) => {
        const opening = nextOpening(at, window, zone) as Date;
        const closing = closingAfter(opening, window, zone);
        if (!closing) return;
        expect(closing > opening).toBe(true);
        expect(isOpen(closing, window, zone)).toBe(false);
        expect(isOpen(new Date(closing.getTime() - 1), window, zone)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
