import type { ComparedMeasure } from '#reporting/compare-report';
import { funnelLines } from '#reporting/comparison';
import type { Interval } from '#reporting/intervals';
import { html, type Html } from './html.js';

/** Charts as data: `analysis.js` draws them with ECharts. Values are percent; the numbers stand in a table as well. */
export type Chart = IntervalChart | TrendChart | FunnelPlot;

/** A share with its interval for each name. */
export interface IntervalChart {
  readonly kind: 'intervals';
  readonly rows: readonly {
    readonly name: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** Of all together. */
  readonly whole: number | null;
}

/** A weekly share with its interval; null where a week has none or is hidden. */
export interface TrendChart {
  readonly kind: 'trend';
  readonly weeks: readonly string[];
  readonly values: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** Week from which a drop shows. */
  readonly since: string | null;
}

/** Standardised shares by number of cases, between their control lines. */
export interface FunnelPlot {
  readonly kind: 'funnel';
  readonly axis: string;
  readonly share: number;
  readonly points: readonly {
    readonly name: string;
    readonly n: number;
    readonly value: number;
    readonly verdict: string;
  }[];
  readonly lines: readonly {
    readonly n: number;
    readonly p95: readonly [number, number];
    readonly p998: readonly [number, number];
  }[];
}

/** The place of a chart; without JavaScript it stays empty and takes no room. `label`: what screen readers say. */
export function chart(data: Chart, label: string, tall = false): Html {
  return html`<div
    class="${tall ? 'plot tall' : 'plot'}"
    role="img"
    aria-label="${label}"
    data-chart="${JSON.stringify(data)}"
  ></div>`;
}

export function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}

export function intervalOf(
  name: string,
  value: number,
  { low, high }: Interval,
): IntervalChart['rows'][number] {
  return { name, value: percent(value), low: percent(low), high: percent(high) };
}

const LINE_POINTS = 24;

/** Lines are drawn at sizes that grow by a constant factor, from the smallest group to beyond the largest. */
export function funnelPlot(
  { comparison }: ComparedMeasure,
  nameOf: (unit: string) => string,
  axis: string,
): FunnelPlot | null {
  if (!comparison) return null;
  const sizes = comparison.units.map(({ n }) => n);
  const [least, most] = [Math.max(1, Math.min(...sizes) * 0.8), Math.max(...sizes) * 1.1];
  const at = Array.from({ length: LINE_POINTS }, (_, i) =>
    Math.round(least * (most / least) ** (i / (LINE_POINTS - 1))),
  );
  const pair = ({ low, high }: Interval): [number, number] => [percent(low), percent(high)];
  return {
    kind: 'funnel',
    axis,
    share: percent(comparison.share),
    points: comparison.units.map(({ unit, n, standardised, verdict }) => ({
      name: nameOf(unit), n, value: percent(standardised), verdict,
    })),
    lines: funnelLines(comparison.share, [...new Set(at)]).map(({ n, p95, p998 }) => ({ n, p95: pair(p95), p998: pair(p998) })),
  }; // prettier-ignore
}
