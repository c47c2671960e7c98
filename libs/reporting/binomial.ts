/** Natural logarithm of the gamma function for x > 0, Lanczos (g = 7, nine terms): 15 digits. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  let sum = LANCZOS[0] ?? 0;
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] ?? 0) / (x - 1 + i);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]; // prettier-ignore

/** Probability of `hits` among `n`, each with probability `p`. */
export function binomial(hits: number, n: number, p: number): number {
  if (p <= 0 || p >= 1) return hits === (p <= 0 ? 0 : n) ? 1 : 0;
  const ways = logGamma(n + 1) - logGamma(hits + 1) - logGamma(n - hits + 1);
  return Math.exp(ways + hits * Math.log(p) + (n - hits) * Math.log1p(-p));
}

/** Control limits of a share: a group of `n` with the true share `p` lies below `low`, or above `high`, with probability `tail` each. */
export interface Limits {
  readonly low: number;
  readonly high: number;
}

/**
 * Exact binomial limits, interpolated between counts so that a line can be drawn through them (Spiegelhalter 2005,
 * Statistics in Medicine 24:1185, appendix A.1.1). Few cases are taken as they are: near a ceiling a normal
 * approximation would flag centres for a single bad mark.
 */
export function shareLimits(n: number, p: number, tail: number): Limits {
  return { low: quantile(n, p, tail) / n, high: (n - quantile(n, 1 - p, tail)) / n };
}

/** Interpolated count below which lies the probability `tail`. */
function quantile(n: number, p: number, tail: number): number {
  let below = 0;
  // The sum starts where the first noticeable probability is: far from there nothing can be added to `tail`.
  const deviation = Math.sqrt(n * p * (1 - p));
  for (let hits = Math.max(0, Math.floor(n * p - 12 * deviation - 12)); hits <= n; hits++) {
    const here = binomial(hits, n, p);
    if (below + here > tail) return Math.max(0, hits - (below + here - tail) / here);
    below += here;
  }
  return n;
}
