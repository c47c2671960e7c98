import type { ScoreEntry } from '#reporting/scores-report';
import type { Interval } from '#reporting/intervals';
import { MEASURES } from '#reporting/measure';
import type { AnalysisFigures } from './analysis-figures.js';
import { chart, intervalOf } from './analysis-charts.js';
import { between, wideTable, type Tongue } from './analysis-parts.js';
import type { AnalysisGroup } from './analysis-question.js';
import { bar } from './charts.js';
import { html, type Html } from './html.js';

/** Each question with its figures and its distribution; a hidden one says so in words. */
export function scoresSection(
  { scores }: AnalysisFigures,
  tongue: Tongue,
  textOf: (one: ScoreEntry) => string,
): Html {
  const { own } = tongue;
  const entries = scores?.scores ?? [];
  return html`<section class="card" id="scores">
    <h2>${own.scores.title}</h2>
    <p class="quiet">${own.scores.note}</p>
    ${entries.length === 0 && html`<p>${tongue.words.nothing}</p>`}
    <div class="questions">${entries.map((entry) => scorePart(entry, textOf(entry), tongue))}</div>
    ${entries.some(({ hidden }) => hidden) && html`<p class="quiet">${own.scores.hidden}: ${own.scores.hiddenWhy}</p>`}
  </section>`;
}

export function scorePart(entry: ScoreEntry, title: string, { own, numbers }: Tongue): Html {
  const { n, satisfied, mean, nps, shares, type } = entry;
  if (n === null || shares === null) {
    return html`<article class="question">
      <h3>${title}</h3>
      <p class="hidden-score">${own.scores.hidden}</p>
    </article>`;
  }
  const decimal = (value: number): string => numbers.decimal(value);
  const points = ({ low, high }: Interval): string => `${decimal(low)} – ${decimal(high)}`;
  return html`<article class="question">
    <h3>${title}</h3>
    <p class="quiet">
      ${type === 'text' ? own.scores.texts(numbers.count(n)) : own.scores.n(numbers.count(n))}
    </p>
    <dl class="figures">
      ${satisfied && figure(own.scores.satisfied, numbers.share(satisfied.value), between(satisfied, numbers), satisfied.definition, own.scores.definition)}
      ${mean && figure(own.scores.mean, decimal(mean.value), points(mean), mean.definition, own.scores.definition)}
      ${nps && figure(`${own.scores.loyalty} (${own.scores.band[nps.band] ?? nps.band})`, decimal(nps.value), points(nps), nps.definition, own.scores.definition)}
    </dl>
    ${Object.keys(shares).length > 0 && distribution(entry, { own, numbers })}
  </article>`;
}

function figure(name: string, value: string, interval: string, definition: string, label: string): Html {
  const source = MEASURES.find(({ id }) => id === definition)?.source;
  return html`<div>
    <dt>${name}</dt>
    <dd>
      <strong>${value}</strong> <span class="quiet">${interval}</span>
      <span class="definition" title="${source}">${label} ${definition}</span>
    </dd>
  </div>`;
}

function distribution({ shares, type }: ScoreEntry, { own, numbers }: Pick<Tongue, 'own' | 'numbers'>): Html {
  const name = (value: string): string =>
    type === 'yesno' ? (value === 'true' ? own.scores.yes : own.scores.no) : value;
  return html`<table class="bars marks">
    <caption class="hidden">
      ${own.scores.distribution}
    </caption>
    <tbody>
      ${Object.entries(shares ?? {}).map(
        ([value, { share, count }]) =>
          html`<tr>
            <th scope="row">${name(value)}</th>
            <td class="drawn">${bar(share, 'soft')}</td>
            <td class="number">${numbers.count(count)}</td>
            <td class="number quiet">${numbers.share(share)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The satisfied share of each question by group: one table and one chart for each measure. */
export function scoresBySection(
  { scoresBy, scores }: AnalysisFigures,
  group: AnalysisGroup,
  tongue: Tongue,
  textOf: (one: ScoreEntry) => string,
): Html {
  const { own, numbers } = tongue;
  const measures = new Map<string, { title: string; rows: { name: string; entry: ScoreEntry }[] }>();
  for (const { by, scores: entries } of scoresBy) {
    for (const entry of entries.filter(({ type }) => type === 'scale')) {
      const known = measures.get(entry.metric) ?? { title: textOf(entry), rows: [] };
      known.rows.push({ name: tongue.nameOf(group, by[group] ?? null), entry });
      measures.set(entry.metric, known);
    }
  }
  const parts = [...measures].map(([metric, { title, rows }]) => {
    const shown = rows.flatMap(({ name, entry: { satisfied } }) =>
      satisfied ? [intervalOf(name, satisfied.value, satisfied)] : [],
    );
    const whole = scores?.scores.find((entry) => entry.metric === metric)?.satisfied;
    return html`<h3>${title}</h3>
      ${shown.length > 0 && chart({ kind: 'intervals', rows: shown, whole: whole ? Math.round(1000 * whole.value) / 10 : null }, `${title}. ${own.chart}`)}
      ${wideTable(
        title,
        [own.groups[group] ?? group, own.figure.n, own.scores.satisfied, own.figure.interval],
        rows.map(
          ({ name, entry: { n, satisfied } }) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${
                n !== null && satisfied
                  ? html`<td class="number">${numbers.count(n)}</td>
                      <td class="number strong">${numbers.share(satisfied.value)}</td>
                      <td class="number quiet">${between(satisfied, numbers)}</td>`
                  : html`<td class="number quiet" colspan="3">${own.scores.hidden}</td>`
              }
            </tr>`,
        ),
        `${own.scroll}, ${own.scores.by}`,
      )}`;
  });
  return html`${
    parts.length > 0 &&
    html`<section class="card" id="scores-by">
      <h2>${own.scores.by}: ${own.groups[group]}</h2>
      ${parts}
    </section>`
  }`;
}
