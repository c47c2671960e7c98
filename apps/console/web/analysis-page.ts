import type { Principal } from '#access/principal';
import { FLAGS } from '#reporting/question';
import { textIn } from '#surveys/survey';
import type { AnalysisFigures } from './analysis-figures.js';
import { compareSection, experimentsSection } from './analysis-comparisons.js';
import { funnelSection, headline, ratesSection, trendSection, type Tongue } from './analysis-parts.js';
import { analysisAddress, GROUPS, type AnalysisAsked } from './analysis-question.js';
import { scoresBySection, scoresSection } from './analysis-scores.js';
import { analysisWords } from './analysis-wording.js';
import { html, type Html } from './html.js';
import { Numbers } from './numbers.js';
import { pageFrame } from './page.js';
import type { Locale } from './wording.js';
import { wordsOf } from './words.js';

export interface AnalysisView {
  readonly locale: Locale;
  readonly asked: AnalysisAsked;
  readonly figures: AnalysisFigures;
  readonly principal: Principal;
}

/** The page of an analyst: rates, scores, comparisons, each as a table and, with JavaScript, as a chart. */
export function analysisPage({ locale, asked, figures, principal }: AnalysisView): string {
  const tongue = tongueOf(locale, figures);
  const { words, own } = tongue;
  const titleOf = (entry: { survey?: string; question: string | null; metric: string | null }): string => {
    if (entry.question === null) return own.trend.rate;
    const survey = entry.survey ?? entry.metric?.split('/')[0] ?? '';
    const texts = figures.texts.get(`${survey}/${entry.question}`);
    return texts ? textIn(texts, locale) : entry.question;
  };
  return pageFrame(words, {
    title: own.title,
    path: analysisAddress(asked),
    mode: 'analysis',
    scripts: ['echarts.js', 'analysis.js'],
    principal,
    main: html`<main id="main">
      <div class="title">
        <h1>${own.title}</h1>
        <p class="clock">
          ${tongue.numbers.day(asked.question.from)} – ${tongue.numbers.day(asked.question.to)}
        </p>
      </div>
      <p class="quiet intro">${own.intro}</p>
      ${filterForm(asked, figures, tongue)} ${headline(figures, tongue)}
      <div class="sections">
        ${funnelSection(figures, tongue)} ${groupLinks(asked, tongue)}
        ${ratesSection(figures, asked.group, tongue)} ${scoresSection(figures, tongue, titleOf)}
        ${scoresBySection(figures, asked.group, tongue, titleOf)} ${trendSection(figures, tongue, titleOf)}
        ${compareSection(figures, tongue, titleOf)} ${experimentsSection(figures, tongue)}
      </div>
    </main>`,
  });
}

export function tongueOf(locale: Locale, { offered }: Pick<AnalysisFigures, 'offered'>): Tongue {
  const words = wordsOf(locale);
  const own = analysisWords(locale);
  const names: Readonly<Record<string, ReadonlyMap<string, string>>> = {
    centre: new Map(offered.centres.map(({ code, name }) => [code, name])),
    service: new Map(offered.services.map(({ code, name }) => [code, name])),
    channel: new Map(Object.entries(words.channels)),
  };
  return {
    words,
    own,
    numbers: new Numbers(locale),
    nameOf: (group, value) =>
      value === null || value === '' ? own.none : (names[group]?.get(value) ?? value),
  };
}

function filterForm(
  { question, group }: AnalysisAsked,
  { offered, flagged }: AnalysisFigures,
  { words, own, numbers }: Tongue,
): Html {
  const choice = (
    name: 'centre' | 'service' | 'campaign' | 'channel',
    label: string,
    options: readonly { code: string; name: string }[],
  ): Html => {
    const chosen = question.filter[name] ?? [];
    return html`<label
      >${label}
      <select name="${name}">
        <option value="">${own.filter.all}</option>
        ${options.map(({ code, name: text }) => html`<option value="${code}" ${chosen.length === 1 && chosen[0] === code && html`selected`}>${text}</option>`)}
      </select></label
    >`;
  };
  const keys = (list: readonly string[]): { code: string; name: string }[] =>
    list.map((code) => ({ code, name: code }));
  return html`<form class="card filters" method="get" action="/analysis" aria-label="${own.filter.title}">
    <label>${words.period.from} <input type="date" name="from" value="${question.from}" /></label>
    <label>${words.period.to} <input type="date" name="to" value="${question.to}" /></label>
    ${choice('centre', own.filter.centre, offered.centres)}
    ${choice('service', own.filter.service, offered.services)}
    ${choice('campaign', own.filter.campaign, keys(offered.campaigns))}
    ${choice('channel', own.filter.channel, [
      { code: 'sms', name: 'SMS' },
      { code: 'viber', name: 'Viber' },
    ])}
    <fieldset>
      <legend>${own.filter.flags(numbers.count(flagged.any))}</legend>
      ${FLAGS.map(
        (flag) =>
          html`<label class="check"
            ><input
              type="checkbox"
              name="without"
              value="${flag}"
              ${question.without?.includes(flag) && html`checked`}
            />
            ${own.filter.without[flag](numbers.count(flagged[flag]))}</label
          >`,
      )}
    </fieldset>
    <input type="hidden" name="group" value="${group}" />
    <button class="plain" type="submit">${own.filter.apply}</button>
    <a href="/analysis">${own.filter.clear}</a>
    ${monthLink(question, own.filter.month)}
  </form>`;
}

/** With one centre chosen, the way to its monthly report. */
function monthLink({ filter, to }: AnalysisAsked['question'], label: string): Html {
  const [centre, ...others] = filter.centre ?? [];
  if (centre === undefined || others.length > 0) return html``;
  return html`<a href="/monthly?centre=${encodeURIComponent(centre)}&month=${to.slice(0, 7)}">${label}</a>`;
}

function groupLinks(asked: AnalysisAsked, { own }: Tongue): Html {
  return html`<nav class="period" aria-label="${own.filter.group}">
    <p class="choices">
      ${GROUPS.map((group) => html`<a href="${analysisAddress({ ...asked, group })}#rates" ${group === asked.group && html`aria-current="true"`}>${own.groups[group]}</a>`)}
    </p>
  </nav>`;
}
