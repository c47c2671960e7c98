import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Chance } from './chance.js';

const keyed = (key: string): Chance => new Chance((text) => createHmac('sha256', key).update(text).digest());
const people = Array.from({ length: 4000 }, (_, i) => `person-${i}`);
const visits = people.map((visitKey) => ({ source: 'test', visitKey }));
const share = <T>(all: readonly T[], test: (one: T) => boolean): number =>
  all.filter(test).length / all.length;

describe('chance', () => {
  const chance = keyed('a');

  test('takes the share that is asked for', () => {
    expect(share(visits, (visit) => chance.sampled(visit, 30))).toBeCloseTo(0.3, 1);
    expect(share(people, (person) => chance.control(person, 10))).toBeCloseTo(0.1, 1);
    expect(share(people, (person) => chance.variant(person, 'c', { x: 3, y: 1 }) === 'x')).toBeCloseTo(
      0.75,
      1,
    );
  });

  test.each([
    [100, 0, true, false],
    [0, 100, false, true],
  ])('sample %i and control %i leave nothing to chance', (sample, control, sampled, controlled) => {
    expect(visits.every((visit) => chance.sampled(visit, sample) === sampled)).toBe(true);
    expect(people.every((person) => chance.control(person, control) === controlled)).toBe(true);
  });

  test('says the same again under the same key and something else under another', () => {
    const draw = (with_: Chance): boolean[] => visits.map((visit) => with_.sampled(visit, 50));
    expect(draw(keyed('a'))).toEqual(draw(chance));
    expect(draw(keyed('b'))).not.toEqual(draw(chance));
  });

  test('keeps everybody of a smaller sample or control group in a larger one', () => {
    for (const visit of visits) if (chance.sampled(visit, 20)) expect(chance.sampled(visit, 40)).toBe(true);
    for (const person of people) if (chance.control(person, 5)) expect(chance.control(person, 20)).toBe(true);
  });

  test('draws sample, control and variants apart from each other', () => {
    const inSample = people.filter((_, i) => chance.sampled(visits[i] ?? { source: '', visitKey: '' }, 50));
    expect(share(inSample, (person) => chance.control(person, 50))).toBeCloseTo(0.5, 1);
    expect(share(inSample, (person) => chance.variant(person, 'c', { x: 1, y: 1 }) === 'x')).toBeCloseTo(
      0.5,
      1,
    );
  });

  test('gives variants whatever the order in which they are listed', () => {
    for (const person of people.slice(0, 200)) {
      expect(chance.variant(person, 'c', { x: 3, y: 1 })).toBe(chance.variant(person, 'c', { y: 1, x: 3 }));
    }
  });

  test('samples by the visit key alone, so that a rehearsal under another source name draws the same', () => {
    const same = share(visits, (v) => chance.sampled(v, 50) === chance.sampled({ visitKey: v.visitKey }, 50));
    expect(same).toBe(1);
  });
});
