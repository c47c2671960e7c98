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

// Below this many promoters or detractors the normal interval holds too rarely: 65 of 100 for ten contented people.
const FEWEST_FOR_NORMAL = 15;

/**
 * Net promoter score with its 95 % interval in points; null without answers. The interval comes from the variance of
 * one answer, p + d - (p - d)², as long as there are fifteen promoters and fifteen detractors. With fewer it is the score
 * interval of two shares of the same people (Tango 1998, Statistics in Medicine 17:891; for this score: Rocks 2016, The
 * American Statistician 70:365), which never shrinks to a point. Coverage of both: docs/for-analysts.md.
 */
export function npsScore(promoters: number, passives: number, detractors: number): NpsScore | null {
  const n = promoters + passives + detractors;
  if (n === 0) return null;
  const p = promoters / n;
  const d = detractors / n;
  const deviation = Math.sqrt(Math.max(0, p + d - (p - d) ** 2));
  const margin = (Z95 * deviation) / Math.sqrt(n);
  const { low, high } =
    Math.min(promoters, detractors) >= FEWEST_FOR_NORMAL
      ? { low: p - d - margin, high: p - d + margin }
      : balanceScore(promoters, detractors, n);
  return { score: 100 * (p - d), deviation, low: 100 * Math.max(-1, low), high: 100 * Math.min(1, high) };
}

/** Every true difference of the two shares that lies within z of what was found, each with the variance it would have. */
function balanceScore(promoters: number, detractors: number, n: number): Interval {
  const found = (promoters - detractors) / n;
  const distance = (truth: number): number => {
    const linear = -promoters - detractors + (2 * n - promoters + detractors) * truth;
    const root = Math.sqrt(Math.max(0, linear ** 2 + 8 * n * detractors * truth * (1 - truth)));
    // The most likely share of detractors if the difference were `truth`.
    const least = (root - linear) / (4 * n);
    const variance = Math.max(0, n * (2 * least + truth * (1 - truth)));
    return Math.abs(promoters - detractors - n * truth) / Math.sqrt(variance);
  };
  return { low: edge(distance, found, -1), high: edge(distance, found, 1) };
}

/** Where, on the way from what was found to the end of the scale, `distance` passes z. */
function edge(distance: (truth: number) => number, found: number, end: number): number {
  let [inside, outside] = [found, end];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (inside + outside) / 2;
    if (distance(middle) <= Z95) inside = middle;
    else outside = middle;
  }
  return inside;
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
