import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { binomial } from './binomial.js';
import { meanScore, npsScore, student975, wilson } from './intervals.js';

describe('Wilson interval', () => {
  // Newcombe 1998, Statistics in Medicine 17:857.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%d of %d as published', (hits, n, low, high) => {
    const got = wilson(hits, n);
    expect(got?.low).toBeCloseTo(low, 4);
    expect(got?.high).toBeCloseTo(high, 4);
  });

  test('is exact at the ends and undefined without cases', () => {
    expect(wilson(0, 7)?.low).toBe(0);
    expect(wilson(7, 7)?.high).toBe(1);
    expect(wilson(0, 0)).toBeNull();
  });

  test('holds the share, mirrors its complement and narrows with n', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const hits = Math.round(share * n);
          const got = wilson(hits, n);
          const mirror = wilson(n - hits, n);
          const wider = wilson(hits * 4, n * 4);
          if (!got || !mirror || !wider) throw new Error('n is not zero');
          expect(got.low <= hits / n && hits / n <= got.high).toBe(true);
          expect(mirror.low).toBeCloseTo(1 - got.high, 9);
          expect(wider.high - wider.low).toBeLessThan(got.high - got.low);
        },
      ),
    );
  });
});

describe('net promoter score', () => {
  test('50 promoters, 30 passives, 20 detractors: 30 points, give or take 15.3', () => {
    const got = npsScore(50, 30, 20);
    expect(got?.score).toBeCloseTo(30, 9);
    expect(got?.deviation).toBeCloseTo(0.781, 4);
    expect((got?.high ?? 0) - 30).toBeCloseTo(15.3, 1);
    expect(30 - (got?.low ?? 0)).toBeCloseTo(15.3, 1);
  });

  test('does not leave the scale and is undefined without answers', () => {
    expect(npsScore(10, 0, 0)).toMatchObject({ score: 100, high: 100 });
    expect(npsScore(0, 0, 10)).toMatchObject({ score: -100, low: -100 });
    expect(npsScore(0, 0, 0)).toBeNull();
  });

  test('ten promoters alone do not prove that all are: the interval has a width', () => {
    expect(npsScore(10, 0, 0)?.low).toBeCloseTo(44.4934, 4);
    expect(npsScore(0, 10, 0)?.high).toBeCloseTo(27.7533, 4);
  });

  test('holds the score and is mirrored when promoters and detractors change places', () => {
    const some = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(some, some, some, (promoters, passives, detractors) => {
        const got = npsScore(promoters, passives, detractors);
        const mirror = npsScore(detractors, passives, promoters);
        if (!got || !mirror) return;
        expect(got.low <= got.score && got.score <= got.high).toBe(true);
        expect(mirror.low).toBeCloseTo(-got.high, 9);
        expect(mirror.high).toBeCloseTo(-got.low, 9);
      }),
    );
  });

  // Exact: the probabilities of all counts whose interval holds the truth, added up.
  test.each([
    [10, 0.9, 0],
    [10, 0.5, 0.5],
    [10, 0.98, 0.005],
    [20, 0.6, 0.15],
    [30, 0.85, 0.03],
    [50, 0.95, 0.01],
    [60, 0.6, 0.15],
    [100, 0.6, 0.15],
    [100, 0.33, 0.33],
    [100, 0.02, 0.01],
  ])('of %d answers, %d promoters and %d detractors, it holds the truth in 91 of 100 or more', (n, p, d) => {
    let held = 0;
    for (let promoters = 0; promoters <= n; promoters++)
      for (let detractors = 0; detractors <= n - promoters; detractors++) {
        const got = npsScore(promoters, n - promoters - detractors, detractors);
        const inside = got && got.low <= 100 * (p - d) + 1e-9 && 100 * (p - d) <= got.high + 1e-9;
        if (inside) held += binomial(promoters, n, p) * binomial(detractors, n - promoters, d / (1 - p));
      }
    expect(held).toBeGreaterThan(0.91);
    expect(held).toBeLessThan(0.997);
  });
});

describe('mean of a scale', () => {
  // Two-sided 95 % points of any printed t table, to six digits.
  test.each([
    [1, 12.706205],
    [2, 4.302653],
    [3, 3.182446],
    [4, 2.776445],
    [9, 2.262157],
    [19, 2.093024],
    [99, 1.984217],
    [1000, 1.962339],
  ])('t with %d degrees of freedom is %d', (degrees, expected) => {
    expect(student975(degrees)).toBeCloseTo(expected, 4);
  });

  test('is as by hand', () => {
    const marks = [5, 5, 4, 3, 5, 1, 4, 5, 5, 2];
    const sum = marks.reduce((total, mark) => total + mark, 0);
    const got = meanScore(10, sum, marks.reduce((total, mark) => total + mark * mark, 0)); // prettier-ignore
    expect(got?.mean).toBeCloseTo(3.9, 9);
    // Deviation 1.449138, standard error 0.458258, times 2.262157.
    expect(got?.high).toBeCloseTo(3.9 + 1.036651, 4);
    expect(got?.low).toBeCloseTo(3.9 - 1.036651, 4);
  });

  test('needs two values; equal ones have no spread', () => {
    expect(meanScore(1, 5, 25)).toBeNull();
    expect(meanScore(12, 60, 300)).toEqual({ mean: 5, low: 5, high: 5 });
  });
});
