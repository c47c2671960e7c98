import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '#kernel/seeded-random';
import { difference, type Finding } from './difference.js';

describe('the difference of two shares', () => {
  // Newcombe 1998, Statistics in Medicine 17:873, table II, method 10; the arms are turned round here.
  test.each([
    [48, 80, 56, 70, 0.0524, 0.3339],
    [3, 10, 9, 10, 0.1705, 0.809],
    [2, 7, 6, 7, 0.0582, 0.8062],
    [0, 29, 5, 56, -0.0381, 0.1926],
    [0, 20, 0, 10, -0.1611, 0.2775],
    [0, 10, 10, 10, 0.6075, 1],
  ])('%d of %d against %d of %d', (a, m, b, n, low, high) => {
    const found = difference({ hits: a, n: m }, { hits: b, n });
    expect(found?.low).toBeCloseTo(low, 4);
    expect(found?.high).toBeCloseTo(high, 4);
  });

  test.each<[string, number, number, number, Finding]>([
    ['far apart', 100, 200, 0, 'higher'],
    ['far apart the other way', 200, 100, 0, 'lower'],
    ['apart by what chance makes', 100, 108, 0, 'not_enough'],
    ['while links can still be answered', 100, 200, 3, 'open'],
  ])('%s', (_, first, second, open, finding) => {
    expect(difference({ hits: first, n: 1000 }, { hits: second, n: 1000 }, open)?.finding).toBe(finding);
  });

  test('arms large enough to leave no room for a difference that matters are alike', () => {
    expect(difference({ hits: 1000, n: 10_000 }, { hits: 1010, n: 10_000 })?.finding).toBe('alike');
  });

  test('an empty arm has no difference', () => {
    expect(difference({ hits: 0, n: 0 }, { hits: 1, n: 2 })).toBeNull();
  });

  test('holds the true difference in about 95 of 100 draws', () => {
    const random = seededRandom('newcombe');
    const draw = (n: number, p: number) => ({ n, hits: Array.from({ length: n }, () => random.chance(p)).filter(Boolean).length }); // prettier-ignore
    let held = 0;
    for (let run = 0; run < 1000; run++) {
      const found = difference(draw(150, 0.1), draw(200, 0.16));
      if (found && found.low <= 0.06 && 0.06 <= found.high) held++;
    }
    expect(held).toBeGreaterThan(930);
    expect(held).toBeLessThan(985);
  });
});
