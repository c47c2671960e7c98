/**
 * The 97.5 % point of the normal distribution to double precision. Fixed here because 1.96 moves an interval in
 * its sixth decimal place, and a published figure must be the same wherever it is computed.
 */
export const Z95 = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % interval of a share by Wilson's score method: `hits` of `n`, both counts, hits <= n. Null when n is zero.
 * Stays inside 0 to 1 and is exact at the ends (0 of n begins at 0, n of n ends at 1).
 */
export function wilson(hits: number, n: number): Interval | null {
  if (n === 0) return null;
  const p = hits / n;
  const z2 = Z95 * Z95;
  const centre = p + z2 / (2 * n);
  const half = Z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  const scale = 1 + z2 / n;
  return {
    low: hits === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: hits === n ? 1 : Math.min(1, (centre + half) / scale),
  };
}

export interface NpsScore extends Interval {
  /** Share of 9 and 10 minus share of 0 to 6, in points from -100 to 100. */
  readonly score: number;
  /** Standard deviation of one answer, where an answer counts +1, 0 or -1. */
  readonly deviation: number;
}

/** Net promoter score with its 95 % interval in points; null without answers. */
export function npsScore(promoters: number, passives: number, detractors: number): NpsScore | null {
  const n = promoters + passives + detractors;
  if (n === 0) return null;
  const p = promoters / n;
  const d = detractors / n;
  const deviation = Math.sqrt(Math.max(0, p + d - (p - d) ** 2));
  const margin = (Z95 * deviation) / Math.sqrt(n);
  return {
    score: 100 * (p - d),
    deviation,
    low: Math.max(-100, 100 * (p - d - margin)),
    high: Math.min(100, 100 * (p - d + margin)),
  };
}

export interface MeanScore extends Interval {
  readonly mean: number;
}

/**
 * Mean of `n` values with its 95 % t interval (n-1 degrees of freedom), from their sum and sum of squares. Null for
 * fewer than two values. On a scale where nearly everyone gives the top mark it promises more than it holds: read
 * the distribution beside it.
 */
export function meanScore(n: number, sum: number, squares: number): MeanScore | null {
  if (n < 2) return null;
  const mean = sum / n;
  const variance = Math.max(0, (squares - n * mean * mean) / (n - 1));
  const margin = student975(n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - margin, high: mean + margin };
}

/** The 97.5 % point of Student's t, by Hill's algorithm 396 (CACM 13:619, 1970): six digits from 3 degrees on. */
export function student975(degrees: number): number {
  const p = 0.05;
  if (degrees === 1) return 1 / Math.tan((p * Math.PI) / 2);
  if (degrees === 2) return Math.sqrt(2 / (p * (2 - p)) - 2);
  const a = 1 / (degrees - 0.5);
  const b = (48 / a) * (1 / a);
  let c = ((20700 * (a / b) - 98) * a - 16) * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * degrees;
  let y = (d * p) ** (2 / degrees);
  if (y <= 0.05 + a) {
    y =
      ((1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3) + 0.5 / (degrees + 4)) *
        y -
        1) *
        ((degrees + 1) / (degrees + 2)) +
      1 / y;
    return Math.sqrt(degrees * y);
  }
  const x = -Z95;
  y = x * x;
  if (degrees < 5) c += 0.3 * (degrees - 4.5) * (x + 0.6);
  c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
  y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
  y = a * y * y;
  return Math.sqrt(degrees * (y > 0.002 ? Math.exp(y) - 1 : 0.5 * y * y + y));
}
