import { seededRandom, type SeededRandom } from '#kernel/seeded-random';
import { logGamma } from './binomial.js';
import type { Interval } from './intervals.js';

/** `hits` of `n` in a group whose share would be `expected` if it did as all do with the same kind of cases. */
export interface Group {
  readonly n: number;
  readonly hits: number;
  readonly expected: number;
}

export interface Shrunk {
  /** How far the group's own share lies from what is expected of it, pulled towards zero as far as chance goes. */
  readonly difference: number;
  readonly interval: Interval;
  /** 95 % interval of its place, 1 the highest difference. */
  readonly rank: Interval;
}

export interface Shrinkage {
  /** Cases a group would need before its own share weighs as much as the expected one; Infinity: no difference found. */
  readonly precision: number;
  readonly groups: readonly Shrunk[];
}

const MOST_PRECISION = 1e6;
const DRAWS = 1000;

/**
 * Empirical Bayes: true shares vary about what is expected of each group by a beta distribution, whose precision is
 * fitted to all groups by maximum likelihood; places are counted over 1,000 repeatable draws from the posteriors
 * (Goldstein and Spiegelhalter 1996, JRSS A 159:385, on why a rank needs an interval).
 */
export function shrink(groups: readonly Group[]): Shrinkage {
  const precision = fitPrecision(groups);
  const random = seededRandom('ranks');
  const posteriors = groups.map(({ n, hits, expected }) => ({
    a: precision * expected + hits,
    b: precision * (1 - expected) + n - hits,
    expected,
  }));
  const drawn = posteriors.map(({ a, b, expected }) =>
    betaDraws(random, a, b).map((share) => share - expected),
  );
  const ranks = placesOf(drawn);
  return {
    precision: precision >= MOST_PRECISION ? Number.POSITIVE_INFINITY : precision,
    groups: posteriors.map(({ a, b, expected }, place) => ({
      difference: a / (a + b) - expected,
      interval: middle95(drawn[place] ?? new Float64Array()),
      rank: middle95(ranks[place] ?? new Float64Array()),
    })),
  };
}

/** Log likelihood of the precision, up to a constant: beta-binomial in each group. */
function likelihood(groups: readonly Group[], precision: number): number {
  let sum = 0;
  for (const { n, hits, expected } of groups) {
    const [a, b] = [precision * expected, precision * (1 - expected)];
    sum +=
      logGamma(a + hits) + logGamma(b + n - hits) - logGamma(precision + n) -
      logGamma(a) - logGamma(b) + logGamma(precision); // prettier-ignore
  }
  return sum;
}

/** Golden section over the logarithm: the likelihood has one peak or rises to the end. */
function fitPrecision(groups: readonly Group[]): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [0, Math.log(MOST_PRECISION)];
  const at = (x: number): number => likelihood(groups, Math.exp(x));
  for (let i = 0; i < 60; i++) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (at(left) < at(right)) low = left;
    else high = right;
  }
  const best = Math.exp((low + high) / 2);
  return best > MOST_PRECISION / 1.1 ? MOST_PRECISION : best;
}

/**
 * Draws from a beta distribution by the normal distribution of its logit, which has the same mean and variance there:
 * an order of magnitude faster than exact draws, and 2,700 centres need 2.7 million of them.
 */
function betaDraws(random: SeededRandom, a: number, b: number): Float64Array {
  const mean = digamma(a) - digamma(b);
  const deviation = Math.sqrt(trigamma(a) + trigamma(b));
  const draws = new Float64Array(DRAWS);
  for (let i = 0; i < DRAWS; i += 2) {
    // Box and Muller: two normal values at a time.
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    draws[i] = 1 / (1 + Math.exp(-mean - radius * Math.cos(angle)));
    draws[i + 1] = 1 / (1 + Math.exp(-mean - radius * Math.sin(angle)));
  }
  return draws;
}

/** Derivative of the logarithm of the gamma function: recurrence up to 6, then its asymptotic series. */
function digamma(x: number): number {
  if (x < 6) return digamma(x + 1) - 1 / x;
  const y = 1 / (x * x);
  return Math.log(x) - 0.5 / x - y * (1 / 12 - y * (1 / 120 - y / 252));
}

/** Derivative of digamma. */
function trigamma(x: number): number {
  if (x < 6) return trigamma(x + 1) + 1 / (x * x);
  const y = 1 / (x * x);
  return 1 / x + y / 2 + (y / x) * (1 / 6 - y * (1 / 30 - y / 42));
}

/** Each group's place in each draw. */
function placesOf(drawn: readonly Float64Array[]): Float64Array[] {
  const places = drawn.map(() => new Float64Array(DRAWS));
  const order = drawn.map((_, group) => group);
  for (let draw = 0; draw < DRAWS; draw++) {
    order.sort((a, b) => (drawn[b]?.[draw] ?? 0) - (drawn[a]?.[draw] ?? 0));
    for (const [place, group] of order.entries()) {
      const own = places[group];
      if (own) own[draw] = place + 1;
    }
  }
  return places;
}

function middle95(values: Float64Array): Interval {
  const sorted = values.slice().sort();
  return {
    low: sorted[Math.floor(0.025 * sorted.length)] ?? Number.NaN,
    high: sorted[Math.ceil(0.975 * sorted.length) - 1] ?? Number.NaN,
  };
}
