import type { ComparedMeasure } from '#reporting/compare-report';
import type { ComparedUnit } from '#reporting/comparison';
import type { Experiment, ExperimentArm } from '#reporting/experiment-report';
import type { AnalysisFigures } from './analysis-figures.js';
import { chart, funnelPlot } from './analysis-charts.js';
import { between, wideTable, type Tongue } from './analysis-parts.js';
import { html, type Html } from './html.js';

/** Centres in a funnel plot for each measure, with what can be said of each in words. */
export function compareSection(
  { compare }: AnalysisFigures,
  tongue: Tongue,
  textOf: (one: ComparedMeasure) => string,
): Html {
  const { own } = tongue;
  return html`<section class="card" id="compare">
    <h2>${own.compare.title}</h2>
    <p class="quiet">${own.compare.note}</p>
    ${compare.measures.map((measure) => comparePart(measure, textOf(measure), tongue))}
  </section>`;
}

function comparePart(measure: ComparedMeasure, title: string, tongue: Tongue): Html {
  const { own, numbers, nameOf } = tongue;
  const { comparison, hidden } = measure;
  const plot = funnelPlot(measure, (unit) => nameOf('centre', unit), own.compare.cases);
  const { byChance, units = [] } = comparison ?? {};
  return html`<h3>${title}</h3>
    ${!comparison && html`<p>${own.compare.nothing}</p>`}
    ${comparison?.precision === null && units.length > 1 && html`<p class="finding">${own.compare.noDifference}</p>`}
    ${byChance && html`<p class="quiet">${own.compare.byChance(numbers.decimal(byChance.p95), numbers.decimal(byChance.p998), numbers.count(units.length))}</p>`}
    ${hidden > 0 && html`<p class="quiet">${own.compare.hidden(numbers.count(hidden))}</p>`}
    ${plot && units.length > 1 && chart(plot, `${title}, ${own.compare.lines}. ${own.chart}`, true)}
    ${
      units.length > 0 &&
      wideTable(
        title,
        [
          own.filter.centre,
          own.compare.cases,
          own.figure.share,
          own.compare.expected,
          own.compare.standardised,
          own.compare.shrunk,
          own.figure.interval,
          own.compare.place,
          own.compare.verdict,
        ],
        units.map((unit) => unitRow(unit, tongue)),
        `${own.scroll}, ${own.compare.title}`,
      )
    }`;
}

function unitRow(one: ComparedUnit, { own, numbers, nameOf }: Tongue): Html {
  const place = (value: number): string => numbers.count(Math.round(value));
  return html`<tr>
    <th scope="row">${nameOf('centre', one.unit)}</th>
    <td class="number">${numbers.count(one.n)}</td>
    <td class="number">${numbers.share(one.share)}</td>
    <td class="number quiet">${numbers.share(one.expected)}</td>
    <td class="number">${numbers.share(one.standardised)}</td>
    <td class="number strong">${numbers.share(one.shrunk)}</td>
    <td class="number quiet">${between(one.shrunkInterval, numbers)}</td>
    <td class="number quiet">
      ${one.rank ? `${place(one.rank.low)} – ${place(one.rank.high)}` : own.compare.noPlace}
    </td>
    <td class="verdict ${one.verdict}">${own.compare.verdicts[one.verdict]}</td>
  </tr>`;
}

export function experimentsSection({ experiments }: AnalysisFigures, tongue: Tongue): Html {
  const { own } = tongue;
  const found = experiments.experiments;
  return html`<section class="card" id="experiments">
    <h2>${own.experiments.title}</h2>
    <p class="quiet">${found.length === 0 ? own.experiments.nothing : own.experiments.note}</p>
    ${found.map((one) => experimentPart(one, tongue))}
    ${found.length > 0 && html`<p class="quiet">${own.experiments.looks}</p>`}
  </section>`;
}

function experimentPart({ campaign, outcome, arms }: Experiment, tongue: Tongue): Html {
  const { own } = tongue;
  const title = `${campaign}: ${own.experiments.outcome[outcome] ?? outcome}`;
  return html`<h3>${title}</h3>
    ${wideTable(
      title,
      [
        own.experiments.arm,
        own.rates.cases,
        own.figure.count,
        own.figure.share,
        own.figure.interval,
        own.experiments.difference,
        own.experiments.finding,
      ],
      arms.map((arm) => armRow(arm, tongue)),
      `${own.scroll}, ${own.experiments.title}`,
    )}`;
}

function armRow(
  { name, n, hits, share, interval, difference }: ExperimentArm,
  { own, numbers }: Tongue,
): Html {
  const points = (value: number): string => `${value > 0 ? '+' : ''}${numbers.decimal(100 * value)}`;
  return html`<tr>
    <th scope="row">${own.experiments.arms[name] ?? name}</th>
    <td class="number">${numbers.count(n)}</td>
    <td class="number">${numbers.count(hits)}</td>
    <td class="number strong">${share === null ? '–' : numbers.share(share)}</td>
    <td class="number quiet">${interval && between(interval, numbers)}</td>
    <td class="number">
      ${difference && `${points(difference.value)} (${points(difference.low)} … ${points(difference.high)}) ${own.experiments.points}`}
    </td>
    <td>${difference && own.experiments.findings[difference.finding]}</td>
  </tr>`;
}
