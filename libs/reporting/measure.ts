import { meanScore, npsScore, wilson, type Interval } from './intervals.js';

/**
 * How a figure is made of the answers to one question. Definitions are data: one is never changed, a new version gets
 * a new id, and every figure carries the id of its own. (A published series of the UK Ministry of Justice once rose by
 * some three points because its formula changed and its data did not say so.)
 */
export type Measure = ShareMeasure | MeanMeasure | BalanceMeasure;

interface Described {
  readonly id: string;
  readonly source: string;
}
/** Share of the answers that are among `hits`. */
export interface ShareMeasure extends Described {
  readonly kind: 'share';
  /** The possible answers of the questions it fits, in order. */
  readonly values: readonly string[];
  readonly hits: readonly string[];
}
/** Mean mark; its distribution stands beside it, as the shares of each mark. */
export interface MeanMeasure extends Described {
  readonly kind: 'mean';
}
/** Share of `promoters` minus share of `detractors`, in points from -100 to 100, with named bands. */
export interface BalanceMeasure extends Described {
  readonly kind: 'balance';
  readonly values: readonly string[];
  readonly promoters: readonly string[];
  readonly detractors: readonly string[];
  /** From the lowest: a score belongs to the first band it is below. */
  readonly bands: readonly { readonly name: string; readonly below: number }[];
}

export interface Figure extends Interval {
  /** Id of the definition; two definitions are never one line. */
  readonly definition: string;
  readonly value: number;
}

const marks = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

/** Share of "good" and "excellent" on the published five-word scale. */
export const SATISFIED: ShareMeasure = {
  id: 'satisfied/1',
  kind: 'share',
  source: 'positive marks of the national monitoring: чудово and добре, the two best of the scale',
  values: marks(1, 5),
  hits: ['4', '5'],
};

export const MEAN: MeanMeasure = { id: 'mean/1', kind: 'mean', source: 't interval, n-1 degrees of freedom' };

/**
 * "Індекс лояльності суб'єктів звернення". The resolution names 9-10 as promoters, the range -100 to 100 and a negative
 * band below zero; 0-6 as detractors is the usual reading and not confirmed by its text, so another reading is a new id.
 * /2: with fewer than fifteen promoters or detractors the interval is the score interval; /1 had the normal one always.
 */
export const LOYALTY: BalanceMeasure = {
  id: 'loyalty-864/2',
  kind: 'balance',
  source: 'Cabinet resolution 864 of 11 August 2021, as changed by 662 of 7 June 2024',
  values: marks(0, 10),
  promoters: ['9', '10'],
  detractors: marks(0, 6),
  bands: [
    { name: 'negative', below: 0 },
    { name: 'not negative', below: Number.POSITIVE_INFINITY },
  ],
};

/** Of one answer among those of all who answered, with Wilson's interval. */
export const SHARE_OF_ONE = 'share/1';

/** Every definition that a figure may name, for whoever has to explain one. */
export const MEASURES: readonly Measure[] = [SATISFIED, MEAN, LOYALTY];

type CountOf = (value: string) => number;

export interface ShareFigure extends Figure {
  readonly count: number;
}
export interface BalanceFigure extends Figure {
  readonly band: string;
}

/** Null where the question has other answers than the measure is made for, or nobody answered. */
export function shareFigure(
  measure: ShareMeasure,
  values: readonly string[],
  n: number,
  count: CountOf,
): ShareFigure | null {
  if (!same(measure.values, values)) return null;
  const hits = total(measure.hits, count);
  const interval = wilson(hits, n);
  return interval && { definition: measure.id, count: hits, value: hits / n, ...interval };
}

/** Null for fewer than two answers. */
export function meanFigure(
  measure: MeanMeasure,
  values: readonly string[],
  n: number,
  count: CountOf,
): Figure | null {
  const power = (exponent: number): number =>
    values.reduce((sum, value) => sum + count(value) * Number(value) ** exponent, 0);
  const found = meanScore(n, power(1), power(2));
  return found && { definition: measure.id, value: found.mean, low: found.low, high: found.high };
}

/** Null where the question has other answers than the measure is made for, or nobody answered. */
export function balanceFigure(
  measure: BalanceMeasure,
  values: readonly string[],
  count: CountOf,
): BalanceFigure | null {
  if (!same(measure.values, values)) return null;
  const [promoters, detractors] = [total(measure.promoters, count), total(measure.detractors, count)];
  const found = npsScore(promoters, total(values, count) - promoters - detractors, detractors);
  if (!found) return null;
  const band = measure.bands.find(({ below }) => found.score < below)?.name ?? '';
  return { definition: measure.id, value: found.score, low: found.low, high: found.high, band };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, place) => value === b[place]);
}

function total(values: readonly string[], count: CountOf): number {
  return values.reduce((sum, value) => sum + count(value), 0);
}
