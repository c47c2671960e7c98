import { eligible, unknown } from '#reporting/rates';
import type { RatesGroup } from '#reporting/rates-report';
import { wilson, type Interval } from '#reporting/intervals';
import type { Trend } from '#reporting/trend-report';
import type { AnalysisFigures } from './analysis-figures.js';
import { chart, intervalOf, percent, type TrendChart } from './analysis-charts.js';
import type { AnalysisGroup } from './analysis-question.js';
import type { AnalysisWords } from './analysis-wording.js';
import { bar, range } from './charts.js';
import { html, type Html } from './html.js';
import type { Numbers } from './numbers.js';
import type { Words } from './wording.js';

/** How the page speaks, and what it calls things. */
export interface Tongue {
  readonly words: Words;
  readonly own: AnalysisWords;
  readonly numbers: Numbers;
  /** Name of a group's value, as people know it. */
  readonly nameOf: (group: string, value: string | null) => string;
}

const FEWEST_CASES = 10;
const MOST_BARS = 40;

export function between({ low, high }: Interval, numbers: Numbers): string {
  return `${numbers.share(low)} – ${numbers.share(high)}`;
}

/** A table that may be wider than the screen, in a frame that scrolls by keyboard too. */
export function wideTable(
  caption: string,
  head: readonly string[],
  rows: readonly Html[],
  label: string,
): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${label}: ${caption}">
    <table class="list">
      <caption class="hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name, place) => html`<th scope="col" ${place > 0 && html`class="number"`}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

export function headline({ whole }: AnalysisFigures, { words, own, numbers }: Tongue): Html {
  const { counts, coverage, rates, interval } = whole;
  const cases = eligible(counts) + unknown(counts);
  const { low, high } = interval;
  const card = (title: string, value: string, note: string): Html =>
    html`<section class="card key">
      <h2>${title}</h2>
      <p class="figure">${value}</p>
      <p class="quiet">${note}</p>
    </section>`;
  return html`<div class="keys">
    <section class="card lead">
      <h2>${words.rate.title}</h2>
      ${
        rates.RR2 === null || low === null || high === null
          ? html`<p class="figure none">${words.rate.undefined}</p>`
          : html`<p class="figure">${numbers.share(rates.RR2)}</p>
              ${range(rates.RR2, { low, high }, Math.min(1, Math.max(0.1, Math.ceil(high * 10) / 10)))}
              <p>${words.rate.interval}: <strong>${between({ low, high }, numbers)}</strong></p>`
      }
      <p class="quiet">
        ${words.rate.of(numbers.count(counts.I + counts.P), numbers.count(cases))}.
        ${coverage.open > 0 && own.provisional(numbers.count(coverage.open))}
      </p>
    </section>
    ${card(words.key.visits, numbers.count(coverage.visits), words.key.pending(numbers.count(coverage.pending)))}
    ${card(words.key.invited, numbers.count(coverage.invited), words.key.ofVisits(numbers.of(coverage.invited, coverage.visits)))}
    ${card(words.key.answered, numbers.count(counts.I + counts.P), words.key.partly(numbers.count(counts.P)))}
    ${card(words.key.refused, numbers.count(counts.R), words.key.ofCases(numbers.of(counts.R, cases)))}
  </div>`;
}

export function funnelSection({ steps }: AnalysisFigures, { words, own, numbers }: Tongue): Html {
  const most = steps[0]?.count ?? 0;
  const rows = steps.map(
    ({ step, count, share, interval }) =>
      html`<tr>
        <th scope="row">${words.steps[step]}</th>
        <td class="drawn">${bar(most === 0 ? 0 : count / most)}</td>
        <td class="number">${numbers.count(count)}</td>
        <td class="number">${share === null ? '' : numbers.share(share)}</td>
        <td class="number quiet">${interval && between(interval, numbers)}</td>
      </tr>`,
  );
  return html`<section class="card" id="funnel-steps">
    <h2>${own.funnel.title}</h2>
    <p class="quiet">${own.funnel.note}</p>
    <div class="wide" tabindex="0" role="region" aria-label="${own.scroll}: ${own.funnel.title}">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">${own.funnel.title}</th>
            <td></td>
            <th scope="col" class="number">${own.figure.count}</th>
            <th scope="col" class="number">${own.funnel.ofInvited}</th>
            <th scope="col" class="number">${own.figure.interval}</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}

export function ratesSection({ rates, whole }: AnalysisFigures, group: AnalysisGroup, tongue: Tongue): Html {
  const { own } = tongue;
  const title = own.rates.title(own.groups[group] ?? group);
  const calendar = group === 'week' || group === 'month';
  const ordered = calendar ? rates : [...rates].sort((a, b) => casesOf(b) - casesOf(a));
  const known = ordered.filter((one) => one.rates.RR2 !== null && casesOf(one) >= FEWEST_CASES);
  const rows = known.slice(0, MOST_BARS).map(({ by, rates: own, interval }) =>
    intervalOf(tongue.nameOf(group, by[group] ?? null), own.RR2 ?? 0, {
      low: interval.low ?? 0,
      high: interval.high ?? 1,
    }),
  );
  const all = whole.rates.RR2;
  return html`<section class="card" id="rates">
    <h2>${title}</h2>
    <p class="quiet">${own.rates.note}</p>
    ${rows.length > 0 && chart({ kind: 'intervals', rows, whole: all === null ? null : percent(all) }, `${title}. ${own.chart}`)}
    ${wideTable(
      title,
      [own.groups[group] ?? group, own.rates.cases, own.rates.answered, 'RR2', own.figure.interval],
      [
        ...ordered.map((one) => rateRow(tongue.nameOf(group, one.by[group] ?? null), one, tongue)),
        rateRow(own.rates.whole, whole, tongue),
      ],
      own.scroll,
    )}
  </section>`;
}

function rateRow(name: string, one: RatesGroup, { own, numbers }: Tongue): Html {
  const { RR2 } = one.rates;
  const { low, high } = one.interval;
  const told = casesOf(one) >= FEWEST_CASES && RR2 !== null && low !== null && high !== null;
  return html`<tr>
    <th scope="row">${name}</th>
    <td class="number">${numbers.count(casesOf(one))}</td>
    <td class="number">${numbers.count(one.counts.I + one.counts.P)}</td>
    ${
      told
        ? html`<td class="number strong">${numbers.share(RR2)}</td>
            <td class="number quiet">${between({ low, high }, numbers)}</td>`
        : html`<td class="number quiet" colspan="2">${own.rates.few}</td>`
    }
  </tr>`;
}

function casesOf({ counts }: RatesGroup): number {
  return eligible(counts) + unknown(counts);
}

export function trendSection(
  { trend }: AnalysisFigures,
  tongue: Tongue,
  textOf: (one: Trend) => string,
): Html {
  const { own } = tongue;
  return html`<section class="card" id="trend">
    <h2>${own.trend.title}</h2>
    <p class="quiet">${own.trend.note}</p>
    <div class="halves">${trend.trends.map((one) => trendPart(one, textOf(one), tongue))}</div>
  </section>`;
}

/** One line, one definition: each measure has a chart of its own. */
function trendPart(one: Trend, title: string, { own, numbers }: Tongue): Html {
  const { watch } = one;
  const points = one.weeks.map(({ week, n, hits }) => {
    const interval = n === null || hits === null ? null : wilson(hits, n);
    return { week, n, hits, interval };
  });
  const data: TrendChart = {
    kind: 'trend',
    weeks: points.map(({ week }) => week),
    values: points.map(({ n, hits }) => (n === null || hits === null || n === 0 ? null : percent(hits / n))),
    low: points.map(({ interval }) => (interval ? percent(interval.low) : null)),
    high: points.map(({ interval }) => (interval ? percent(interval.high) : null)),
    since: watch?.since ?? null,
  };
  const said =
    watch === null
      ? own.trend.unwatched
      : watch.since === null
        ? own.trend.steady
        : own.trend.drop(watch.since);
  return html`<div>
    <h3>${title}</h3>
    <p class="${watch?.since ? 'finding bad' : 'finding'}">${said}</p>
    ${chart(data, `${title}. ${own.chart}`)}
    <details>
      <summary>${own.trend.title}: ${own.figure.count}</summary>
      ${wideTable(
        title,
        [own.trend.week, own.figure.n, own.figure.share, own.figure.interval],
        points.map(
          ({ week, n, hits, interval }) =>
            html`<tr>
              <th scope="row">${week}</th>
              ${
                n === null || hits === null || interval === null
                  ? html`<td class="number quiet" colspan="3">${own.scores.hidden}</td>`
                  : html`<td class="number">${numbers.count(n)}</td>
                      <td class="number">${numbers.share(hits / n)}</td>
                      <td class="number quiet">${between(interval, numbers)}</td>`
              }
            </tr>`,
        ),
        `${own.scroll}, ${own.trend.title}`,
      )}
    </details>
  </div>`;
}
