import { seededRandom, type SeededRandom } from '#kernel/seeded-random';

/** `hits` of `n` in one week. */
export interface Week {
  readonly week: string;
  readonly n: number;
  readonly hits: number;
}

export interface WatchedWeek extends Week {
  /** Null in a week without cases. */
  readonly share: number | null;
  /** Evidence gathered for a drop since it was last nil: log likelihood ratio. */
  readonly evidence: number;
  readonly alarm: boolean;
}

export interface Watch {
  /** Share of the reference weeks, which later ones are held against. */
  readonly reference: { readonly weeks: number; readonly share: number; readonly n: number };
  /** The share a drop is looked for at: odds of the reference divided by DROP_ODDS. */
  readonly dropped: number;
  readonly threshold: number;
  /** Chance that a series like this one, without any change, raises an alarm at all: at most this. */
  readonly falseAlarm: number;
  readonly weeks: readonly WatchedWeek[];
  /** The week from which the evidence of the first alarm was gathered; null: no drop is shown. */
  readonly since: string | null;
}

const REFERENCE_WEEKS = 8;
// With fewer hits or misses the reference is too uncertain: false alarms rose to 8 in 100 with twelve of them.
const FEWEST_OF_EACH = 20;
const DROP_ODDS = 1.5;
const FALSE_ALARM = 0.05;
const RUNS = 999;

/**
 * Looks for a lasting fall of a weekly share: CUSUM of log likelihood ratios (Page 1954, Biometrika 41:100) against the
 * first eight weeks. The threshold is not taken from a table, since weeks have unequal counts and the reference is itself
 * an estimate: 999 repeatable series with the same counts and no change are drawn, reference included, and it is set so
 * that at most 5 % of them raise an alarm. Null when the series is too short, or the reference has fewer than 20 hits or
 * 20 misses.
 */
export function watchForDrop(series: readonly Week[]): Watch | null {
  const length = Math.min(REFERENCE_WEEKS, Math.floor(series.length / 2));
  const reference = totalOf(series.slice(0, length));
  const rarer = Math.min(reference.hits, reference.n - reference.hits);
  if (length < 4 || rarer < FEWEST_OF_EACH) return null;
  const later = series.slice(length);
  const share = reference.hits / reference.n;
  const threshold = thresholdOf(series, length, share);
  const path = cusum(later, share);
  let began = 0;
  let since: string | null = null;
  const weeks = path.map((evidence, place): WatchedWeek => {
    const { week = '', n = 0, hits = 0 } = later[place] ?? {};
    if ((path[place - 1] ?? 0) === 0) began = place;
    const alarm = evidence > threshold;
    if (alarm) since ??= later[began]?.week ?? null;
    return { week, n, hits, share: n === 0 ? null : hits / n, evidence, alarm };
  });
  return {
    reference: { weeks: length, share, n: reference.n },
    dropped: lowered(share),
    threshold,
    falseAlarm: FALSE_ALARM,
    weeks,
    since,
  };
}

/** Evidence after each week; it never falls below zero, so that good weeks do not hide a later drop. */
function cusum(weeks: readonly { n: number; hits: number }[], share: number): number[] {
  const worse = lowered(share);
  const [hit, miss] = [Math.log(worse / share), Math.log((1 - worse) / (1 - share))];
  let sum = 0;
  return weeks.map(({ n, hits }) => (sum = Math.max(0, sum + hits * hit + (n - hits) * miss)));
}

function thresholdOf(series: readonly Week[], length: number, share: number): number {
  const random = seededRandom('no drop');
  const highest = Float64Array.from({ length: RUNS }, () => {
    const drawn = series.map(({ n }) => ({ n, hits: binomialDraw(random, n, share) }));
    const { n, hits } = totalOf(drawn.slice(0, length));
    // A reference of only hits, or none, gives no odds: half a case keeps it inside.
    const reference = Math.min(n - 0.5, Math.max(0.5, hits)) / n;
    return Math.max(...cusum(drawn.slice(length), reference));
  }).sort();
  return highest[Math.ceil((1 - FALSE_ALARM) * (RUNS + 1)) - 1] ?? Number.POSITIVE_INFINITY;
}

/** A binomial count: one draw each for small groups, by the normal distribution where that is near enough. */
function binomialDraw(random: SeededRandom, n: number, share: number): number {
  const variance = n * share * (1 - share);
  if (variance > 9) {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    return Math.min(n, Math.max(0, Math.round(n * share + normal * Math.sqrt(variance))));
  }
  // Gaps between the rarer outcome are geometric: as many draws as there are rare cases, not as there are cases.
  const rare = Math.min(share, 1 - share);
  let found = 0;
  for (let at = gap(random, rare); at < n; at += 1 + gap(random, rare)) found++;
  return share <= 0.5 ? found : n - found;
}

function gap(random: SeededRandom, share: number): number {
  return share <= 0 ? Number.POSITIVE_INFINITY : Math.floor(Math.log(1 - random.next()) / Math.log1p(-share));
}

function lowered(share: number): number {
  return share / (share + DROP_ODDS * (1 - share));
}

function totalOf(weeks: readonly { n: number; hits: number }[]): { n: number; hits: number } {
  return weeks.reduce((sum, { n, hits }) => ({ n: sum.n + n, hits: sum.hits + hits }), { n: 0, hits: 0 });
}
