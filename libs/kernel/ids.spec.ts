import { describe, expect, test } from '@jest/globals';
import { randomHex, randomToken, secretsEqual, SURVEY_CODE, surveyCode } from './ids.js';
import { seededRandom } from './seeded-random.js';

describe('survey codes', () => {
  test('have eight base58 characters and do not repeat', () => {
    const codes = Array.from({ length: 5000 }, surveyCode);
    expect(codes.every((code) => SURVEY_CODE.test(code))).toBe(true);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test.each(['0bcdefgh', 'Obcdefgh', 'Ibcdefgh', 'lbcdefgh', 'abcdefg', 'abcdefghj', 'abcd efg'])(
    '%p is none',
    (code) => {
      expect(SURVEY_CODE.test(code)).toBe(false);
    },
  );
});

test.each([
  ['same', 'same', true],
  ['same', 'sane', false],
  ['short', 'shorter', false],
  ['', '', true],
])('comparing %p with %p gives %p', (a, b, expected) => {
  expect(secretsEqual(a, b)).toBe(expected);
});

test('tokens have the length asked for', () => {
  expect(randomToken(24)).toMatch(/^[1-9A-HJ-NP-Za-km-z]{24}$/);
  expect(randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
});

describe('seeded chance', () => {
  test('repeats for the same seed and differs for another', () => {
    const draw = (seed: string): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
  });

  test('weights are shares in the long run', () => {
    const random = seededRandom('weights');
    const drawn = Array.from({ length: 20_000 }, () => random.weighted([['a', 3], ['b', 1]])); // prettier-ignore
    const share = drawn.filter((value) => value === 'a').length / drawn.length;
    expect(share).toBeGreaterThan(0.73);
    expect(share).toBeLessThan(0.77);
    expect(random.below(10)).toBeLessThan(10);
    expect(random.chance(0)).toBe(false);
  });
});
