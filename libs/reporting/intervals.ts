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
