import { wilson, type Interval } from './intervals.js';

export interface Arm {
  readonly n: number;
  readonly hits: number;
}

/**
 * What a comparison of two arms shows. `not_enough`: chance alone could have made it, and the interval still holds
 * differences that would matter. `alike`: whatever difference there is, it is smaller than MATTERS.
 */
export type Finding = 'open' | 'not_enough' | 'alike' | 'higher' | 'lower';

export interface Difference extends Interval {
  /** Share of the second arm minus that of the first. */
  readonly value: number;
  readonly finding: Finding;
}

/** A difference of shares too small to act on. */
export const MATTERS = 0.03;

/**
 * Difference of two independent shares with its 95 % interval: Newcombe 1998 (Statistics in Medicine 17:873), method 10,
 * from the two Wilson intervals. Null when an arm is empty. `open`: cases that may still change; then there is no finding
 * yet, because whoever looks until a difference appears will find one.
 */
export function difference(first: Arm, second: Arm, open = 0): Difference | null {
  const [a, b] = [wilson(first.hits, first.n), wilson(second.hits, second.n)];
  if (!a || !b) return null;
  const [p, q] = [first.hits / first.n, second.hits / second.n];
  const low = q - p - Math.hypot(q - b.low, a.high - p);
  const high = q - p + Math.hypot(b.high - q, p - a.low);
  return { value: q - p, low, high, finding: findingOf({ low, high }, open) };
}

function findingOf({ low, high }: Interval, open: number): Finding {
  if (open > 0) return 'open';
  if (low > 0) return 'higher';
  if (high < 0) return 'lower';
  return -MATTERS < low && high < MATTERS ? 'alike' : 'not_enough';
}
