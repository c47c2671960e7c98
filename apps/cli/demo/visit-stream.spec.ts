import { describe, expect, test } from '@jest/globals';
import { toLocal } from '#kernel/zone';
import { DEMO_ZONE, demoStart, isLively, visitsBetween } from './visit-stream.js';

const centres = ['demo-01', 'demo-02', 'demo-03'];
const at = (text: string): Date => new Date(text);
// Monday 13 January 2020, 09:00 to 17:00 in Kyiv.
const morning = at('2020-01-13T07:00:00Z');
const evening = at('2020-01-13T15:00:00Z');

describe('demo visits', () => {
  const day = visitsBetween(centres, morning, evening, 'seed');

  test('are the same for the same seed and others for another', () => {
    expect(visitsBetween(centres, morning, evening, 'seed')).toEqual(day);
    expect(visitsBetween(centres, morning, evening, 'other')).not.toEqual(day);
  });

  test('are the same in pieces as at once, so that a repeated post repeats records', () => {
    const cut = at('2020-01-13T09:17:31Z');
    const pieces = [
      ...visitsBetween(centres, morning, cut, 'seed'),
      ...visitsBetween(centres, cut, evening, 'seed'),
    ];
    expect(pieces).toEqual(day);
  });

  test('have distinct record ids and finish inside the interval, arrived before called before finished', () => {
    expect(new Set(day.map((visit) => visit.recordId)).size).toBe(day.length);
    for (const visit of day) {
      expect(visit.finishedAt >= morning.toISOString() && visit.finishedAt < evening.toISOString()).toBe(
        true,
      );
      expect(visit.arrivedAt < visit.calledAt && visit.calledAt < visit.finishedAt).toBe(true);
      expect(centres).toContain(visit.centre);
    }
  });

  test('are shaped like a day: noon is busier than the late afternoon, nobody comes at night or on Sunday', () => {
    const inHour = (hour: number): number =>
      day.filter((visit) => Math.floor(toLocal(at(visit.finishedAt), DEMO_ZONE).minute / 60) === hour).length;
    expect(day.length).toBeGreaterThan(1000);
    expect(inHour(12)).toBeGreaterThan(3 * inHour(16));
    expect(visitsBetween(centres, at('2020-01-13T20:00:00Z'), at('2020-01-14T05:00:00Z'), 'seed')).toEqual(
      [],
    );
    expect(visitsBetween(centres, at('2020-01-12T07:00:00Z'), at('2020-01-12T15:00:00Z'), 'seed')).toEqual(
      [],
    );
  });

  test('have the faults that a real feed has', () => {
    const share = (test: (visit: (typeof day)[number]) => boolean): number =>
      day.filter(test).length / day.length;
    expect(share((visit) => visit.phone === '')).toBeGreaterThan(0.02);
    expect(share((visit) => visit.outcome !== 'served')).toBeGreaterThan(0.03);
    expect(share((visit) => visit.consent === 'refused')).toBeGreaterThan(0.02);
    expect(share((visit) => visit.phone.startsWith('80'))).toBeGreaterThan(0.01);
  });

  test('leave the numbers kept for people alone', () => {
    expect(day.filter((visit) => visit.phone.replace(/\D/g, '').includes('500000'))).toEqual([]);
  });
});

describe('a demo begins', () => {
  test.each([
    ['on the day itself when it is a working day', '2020-01-13T20:00:00Z', '2020-01-13T08:30:00.000Z'],
    ['on Saturday too', '2020-01-11T01:00:00Z', '2020-01-11T08:30:00.000Z'],
    ['on Monday after a Sunday', '2020-01-12T09:00:00Z', '2020-01-13T08:30:00.000Z'],
  ])('%s', (_, now, start) => {
    expect(demoStart(at(now)).toISOString()).toBe(start);
  });

  test.each([
    ['2020-01-13T08:30:00Z', true],
    ['2020-01-13T06:00:00Z', false],
    ['2020-01-13T16:00:00Z', false],
    ['2020-01-12T10:00:00Z', false],
  ])('%s is lively: %s', (now, lively) => {
    expect(isLively(at(now))).toBe(lively);
  });
});
