import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { npsScore, wilson } from './intervals.js';

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
    expect(npsScore(3, 0, 0)).toMatchObject({ score: 100, low: 100, high: 100 });
    expect(npsScore(9, 0, 1)?.high).toBe(100);
    expect(npsScore(0, 1, 9)?.low).toBe(-100);
    expect(npsScore(0, 0, 0)).toBeNull();
  });
});
