import type { Question, Survey } from '#surveys/survey';
import { wilson, type Interval } from './intervals.js';
import {
  balanceFigure, LOYALTY, MEAN, meanFigure, SATISFIED, shareFigure,
  type BalanceFigure, type Figure, type ShareFigure,
} from './measure.js'; // prettier-ignore

/** How often each answer was given: by its text form (`4`, `true`, a choice's key). */
export type Tally = ReadonlyMap<string, number>;

/**
 * A question as figures can be made of it. Rewording keeps the metric; another scale or other choices make another
 * one, so that two measures are never drawn as one line.
 */
export interface Metric {
  readonly id: string;
  readonly survey: string;
  readonly question: string;
  readonly type: Question['type'];
  /** Every possible answer in order; empty for free text. */
  readonly values: readonly string[];
}

export interface Share extends Interval {
  readonly count: number;
  readonly share: number;
}

/** The figures of a metric; those its type has no measure for are null. Shares are of the people who answered. */
export interface Score {
  readonly n: number;
  readonly satisfied: ShareFigure | null;
  readonly mean: Figure | null;
  readonly nps: BalanceFigure | null;
  readonly shares: Readonly<Record<string, Share>>;
}

export function metricOf(survey: Survey, question: Question): Metric {
  const values = valuesOf(question);
  const shape = values.length > 0 ? `(${values.join(' ')})` : '';
  const id = `${survey.key}/${question.key}:${question.type}${shape}`;
  return { id, survey: survey.key, question: question.key, type: question.type, values };
}

function valuesOf(question: Question): string[] {
  switch (question.type) {
    case 'scale':
      return Array.from({ length: question.max - question.min + 1 }, (_, i) => String(question.min + i));
    case 'nps':
      return Array.from({ length: 11 }, (_, i) => String(i));
    case 'yesno':
      return ['true', 'false'];
    case 'choice':
    case 'multi':
      return question.choices.map((choice) => choice.key);
    case 'text':
      return [];
  }
}

/** The figures of `n` people's answers; for `multi` a person may be in several tallies. */
export function scoreOf(metric: Metric, n: number, tally: Tally): Score {
  const count = (value: string): number => tally.get(value) ?? 0;
  const shares = metric.values.map((value): [string, Share] => {
    const interval = wilson(count(value), n) ?? { low: 0, high: 1 };
    return [value, { count: count(value), share: n === 0 ? 0 : count(value) / n, ...interval }];
  });
  const { type, values } = metric;
  return {
    n,
    satisfied: type === 'scale' ? shareFigure(SATISFIED, values, n, count) : null,
    mean: type === 'scale' ? meanFigure(MEAN, values, n, count) : null,
    nps: type === 'nps' ? balanceFigure(LOYALTY, values, count) : null,
    shares: Object.fromEntries(shares),
  };
}
