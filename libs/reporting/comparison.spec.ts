import { describe, expect, test } from '@jest/globals';
import { seededRandom, type SeededRandom } from '#kernel/seeded-random';
import { binomial, logGamma, shareLimits } from './binomial.js';
import { compareUnits, funnelLines, type UnitService } from './comparison.js';

const unit = (name: string, n: number, hits: number, service = 's'): UnitService => ({
  unit: name,
  service,
  n,
  hits,
});
const drawn = (random: SeededRandom, n: number, share: number): number =>
  Array.from({ length: n }, () => random.chance(share)).filter(Boolean).length;

describe('binomial', () => {
  test.each([
    [1, 0],
    [5, Math.log(24)],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [171, 706.573062245787],
  ])('log gamma of %d', (x, expected) => expect(logGamma(x)).toBeCloseTo(expected, 9));

  test('probabilities of all counts add up to one', () => {
    const sum = Array.from({ length: 41 }, (_, hits) => binomial(hits, 40, 0.93)).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 12);
    expect(binomial(2, 4, 0.5)).toBeCloseTo(0.375, 12);
    expect([binomial(0, 3, 0), binomial(1, 3, 0), binomial(3, 3, 1)]).toEqual([1, 0, 1]);
  });

  test('limits hold the stated probability between them', () => {
    for (const [n, p] of [[20, 0.5], [100, 0.93], [500, 0.98]] as const) {
      const { low, high } = shareLimits(n, p, 0.025);
      const outside = Array.from({ length: n + 1 }, (_, hits) => hits)
        .filter((hits) => hits / n < low || hits / n > high)
        .reduce((sum, hits) => sum + binomial(hits, n, p), 0);
      expect(outside).toBeLessThanOrEqual(0.05 + 1e-9);
      expect(low).toBeLessThan(p);
      expect(high).toBeGreaterThan(p);
    } // prettier-ignore
  });
});

describe('centres compared', () => {
  test('nothing to compare is null, a unit without cases is left out', () => {
    expect(compareUnits([])).toBeNull();
    expect(compareUnits([unit('a', 0, 0), unit('b', 40, 30)])?.units.map((one) => one.unit)).toEqual(['b']);
  });

  test('a centre whose services please less everywhere is not blamed for them', () => {
    const rows = ['a', 'b', 'c', 'd'].flatMap((name) => [
      unit(name, name === 'a' ? 20 : 380, name === 'a' ? 19 : 361, 'passport'),
      unit(name, name === 'a' ? 380 : 20, name === 'a' ? 266 : 14, 'land'),
    ]);
    const { units = [], share } = compareUnits(rows) ?? {};
    const a = units.find((one) => one.unit === 'a');
    expect(a?.share).toBeCloseTo(0.7125, 9);
    expect(a?.expected).toBeCloseTo(0.7125, 9);
    expect(a?.standardised).toBeCloseTo(share ?? 0, 9);
    expect(a?.verdict).toBe('alike');
  });

  test('a centre that differs is told apart, and how far', () => {
    const rows = [...Array.from({ length: 20 }, (_, i) => unit(`c${i}`, 300, 285)), unit('low', 300, 240), unit('odd', 300, 276)];
    const verdicts = new Map(compareUnits(rows)?.units.map((one) => [one.unit, one.verdict]));
    expect([verdicts.get('low'), verdicts.get('odd'), verdicts.get('c3')]).toEqual(['far_below', 'alike', 'alike']);
  }); // prettier-ignore

  test('few cases are pulled to the whole, many keep their own share', () => {
    const rows = [...Array.from({ length: 30 }, (_, i) => unit(`c${i}`, 200, i % 2 ? 150 : 190)), unit('small', 10, 2), unit('large', 4000, 3000)];
    const units = compareUnits(rows)?.units ?? [];
    const small = units.find((one) => one.unit === 'small');
    const large = units.find((one) => one.unit === 'large');
    expect(small?.shrunk).toBeGreaterThan((small?.share ?? 0) + 0.1);
    expect(Math.abs((large?.shrunk ?? 0) - 0.75)).toBeLessThan(0.01);
  }); // prettier-ignore

  test('where nothing differs nobody gets a place, and the precision says so', () => {
    const random = seededRandom('alike');
    const rows = Array.from({ length: 40 }, (_, i) => unit(`c${i}`, 120, drawn(random, 120, 0.95)));
    const { units = [], precision } = compareUnits(rows) ?? {};
    expect(units.filter((one) => one.rank !== null)).toEqual([]);
    expect(precision ?? Number.POSITIVE_INFINITY).toBeGreaterThan(500);
  });

  test('where centres differ much the ends of the table have places that hold the truth', () => {
    const random = seededRandom('different');
    const rows = Array.from({ length: 20 }, (_, i) => unit(`c${i}`, 800, drawn(random, 800, 0.5 + 0.02 * i)));
    const units = compareUnits(rows)?.units ?? [];
    const placed = units.filter((one) => one.rank !== null);
    expect(placed.length).toBeGreaterThan(10);
    const right = placed.filter(({ unit: name, rank }) => {
      const truth = 20 - Number(name.slice(1));
      return rank && rank.low <= truth && truth <= rank.high;
    });
    expect(right.length).toBeGreaterThanOrEqual(placed.length - 1);
  });

  test('by chance alone about 5 % lie outside the inner lines and 0.2 % outside the outer ones', () => {
    const random = seededRandom('by chance');
    let [outer, inner, all] = [0, 0, 0];
    for (let run = 0; run < 12; run++) {
      const rows = Array.from({ length: 50 }, (_, i) => unit(`c${i}`, 100 + 5 * i, drawn(random, 100 + 5 * i, 0.9)));
      for (const { verdict } of compareUnits(rows)?.units ?? []) {
        all++;
        if (verdict !== 'alike') inner++;
        if (verdict.startsWith('far')) outer++;
      }
    }
    expect(inner / all).toBeGreaterThan(0.025);
    expect(inner / all).toBeLessThan(0.07);
    expect(outer / all).toBeLessThan(0.006);
  }); // prettier-ignore

  test('lines narrow as groups grow', () => {
    const [few, many] = funnelLines(0.9, [20, 400]);
    expect((few?.p95.low ?? 0) < (many?.p95.low ?? 0)).toBe(true);
    expect((many?.p998.low ?? 0) < (many?.p95.low ?? 0)).toBe(true);
  });
});
