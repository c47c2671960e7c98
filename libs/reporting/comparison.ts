import { shareLimits, type Limits } from './binomial.js';
import { wilson, type Interval } from './intervals.js';
import { shrink } from './shrinkage.js';

/** What a centre or an employee did with one service: `hits` of `n`. */
export interface UnitService {
  readonly unit: string;
  readonly service: string | null;
  readonly n: number;
  readonly hits: number;
}

/**
 * Beside the 95 % line and the 99.8 % line of the funnel. `alike`: inside both, so it cannot be told apart from what all
 * together do with the same services.
 */
export type Verdict = 'far_below' | 'below' | 'alike' | 'above' | 'far_above';

export interface ComparedUnit {
  readonly unit: string;
  readonly n: number;
  readonly hits: number;
  readonly share: number;
  readonly interval: Interval;
  /** The share it would have if it did with each service as all together do: indirect standardisation. */
  readonly expected: number;
  /** Its share as it would be with the service mix of all: the point of the funnel. */
  readonly standardised: number;
  /** The same, pulled towards the whole as far as chance goes. */
  readonly shrunk: number;
  readonly shrunkInterval: Interval;
  /** Its own funnel lines, about `expected`. */
  readonly limits: { readonly p95: Limits; readonly p998: Limits };
  readonly verdict: Verdict;
  /** 95 % interval of its place; null where it covers more than half the table: then there is no place to speak of. */
  readonly rank: Interval | null;
}

export interface Comparison {
  /** Of all units together. */
  readonly n: number;
  readonly share: number;
  /** Cases a unit needs before its own share outweighs the whole; null: the units do not differ beyond chance. */
  readonly precision: number | null;
  /** How many would lie outside each line by chance if none differed. */
  readonly byChance: { readonly p95: number; readonly p998: number };
  /** Best standing first: by the lower end of the shrunk interval. */
  readonly units: readonly ComparedUnit[];
}

const TAILS = { p95: 0.025, p998: 0.001 } as const;
// A service of fewer cases has no share of its own: it is put together with the other rare ones.
const FEWEST_CASES = 10;

/** Compares units inside their service mix. Units without cases are left out; null when none is left. */
export function compareUnits(rows: readonly UnitService[]): Comparison | null {
  const n = rows.reduce((sum, row) => sum + row.n, 0);
  if (n === 0) return null;
  const share = rows.reduce((sum, row) => sum + row.hits, 0) / n;
  const usual = usualShares(rows);
  const groups = [...byUnit(rows)].map(([unit, own]) => {
    const cases = own.reduce((sum, row) => sum + row.n, 0);
    const expected = own.reduce((sum, row) => sum + row.n * usual(row.service), 0) / cases;
    return { unit, n: cases, hits: own.reduce((sum, row) => sum + row.hits, 0), expected: inside(expected) };
  });
  const { precision, groups: shrunk } = shrink(groups);
  const units = groups.map((group, place): ComparedUnit => {
    const { difference, interval, rank } = shrunk[place] ?? NOTHING;
    const limits = limitsOf(group);
    return {
      unit: group.unit, n: group.n, hits: group.hits, share: group.hits / group.n,
      interval: wilson(group.hits, group.n) ?? { low: 0, high: 1 },
      expected: group.expected,
      standardised: clamp(group.hits / group.n - group.expected + share),
      shrunk: clamp(difference + share),
      shrunkInterval: { low: clamp(interval.low + share), high: clamp(interval.high + share) },
      limits, verdict: verdictOf(group.hits / group.n, limits),
      rank: 2 * (rank.high - rank.low + 1) > groups.length ? null : rank,
    }; // prettier-ignore
  });
  units.sort((a, b) => b.shrunkInterval.low - a.shrunkInterval.low || (a.unit < b.unit ? -1 : 1));
  return {
    n,
    share,
    precision: Number.isFinite(precision) ? precision : null,
    byChance: { p95: units.length * 2 * TAILS.p95, p998: units.length * 2 * TAILS.p998 },
    units,
  };
}

const NOTHING = { difference: 0, interval: { low: 0, high: 0 }, rank: { low: 1, high: 1 } };

/** The share of all units together, by service. */
function usualShares(rows: readonly UnitService[]): (service: string | null) => number {
  const totals = new Map<string | null, { n: number; hits: number }>();
  for (const { service, n, hits } of rows) {
    const total = totals.get(service) ?? { n: 0, hits: 0 };
    totals.set(service, { n: total.n + n, hits: total.hits + hits });
  }
  const rare = { n: 0, hits: 0 };
  for (const { n, hits } of totals.values()) {
    if (n >= FEWEST_CASES) continue;
    rare.n += n;
    rare.hits += hits;
  }
  return (service) => {
    const own = totals.get(service);
    const { n, hits } = own && own.n >= FEWEST_CASES ? own : rare;
    return n === 0 ? 0 : hits / n;
  };
}

function byUnit(rows: readonly UnitService[]): Map<string, UnitService[]> {
  const units = new Map<string, UnitService[]>();
  for (const row of rows) if (row.n > 0) units.set(row.unit, [...(units.get(row.unit) ?? []), row]);
  return units;
}

function limitsOf({ n, expected }: { n: number; expected: number }): ComparedUnit['limits'] {
  return { p95: shareLimits(n, expected, TAILS.p95), p998: shareLimits(n, expected, TAILS.p998) };
}

/** The funnel's lines about the share of all, for groups of `n`: what a chart draws. */
export function funnelLines(
  share: number,
  sizes: readonly number[],
): { n: number; p95: Limits; p998: Limits }[] {
  return sizes.map((n) => ({ n, ...limitsOf({ n, expected: inside(share) }) }));
}

function verdictOf(share: number, { p95, p998 }: ComparedUnit['limits']): Verdict {
  if (share < p998.low) return 'far_below';
  if (share > p998.high) return 'far_above';
  if (share < p95.low) return 'below';
  return share > p95.high ? 'above' : 'alike';
}

/** Where all agree, the expected share is 0 or 1 and any other answer would be impossible: this keeps it possible. */
function inside(share: number): number {
  return Math.min(1 - 1e-6, Math.max(1e-6, share));
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
