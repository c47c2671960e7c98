import { REASONS } from '#reporting/ledger-report';
import { STEPS } from '#reporting/funnel-report';
import { eligible, unknown } from '#reporting/rates';
import { civilDate } from '#kernel/zone';
import { bar, columns, range } from './charts.js';
import { html, type Html } from './html.js';
import type { FeedItem } from './live-feed.sql.js';
import type { LiveFigures } from './live-figures.js';
import type { LiveState } from './live.js';
import type { Numbers } from './numbers.js';
import type { Words } from './wording.js';

interface Voice {
  readonly words: Words;
  readonly numbers: Numbers;
}

/** The cards at the top: the response rate with its interval, and what it is made of. */
export function keyFigures({ rates, ledger }: LiveFigures, { words, numbers }: Voice): Html {
  const { counts, coverage } = rates;
  const cases = eligible(counts) + unknown(counts);
  const answered = counts.I + counts.P;
  const n = (value: number): string => numbers.count(value);
  return html`<section class="card lead" aria-labelledby="rate-title">
      <h2 id="rate-title">${words.rate.title}</h2>
      ${rateFigure(rates, { words, numbers })}
      <p class="quiet">${words.rate.of(n(answered), n(cases))}. ${words.rate.open(n(coverage.open))}</p>
    </section>
    ${keyCard(words.key.visits, n(ledger.visits), words.key.pending(n(ledger.pending)))}
    ${keyCard(words.key.invited, n(coverage.invited), words.key.ofVisits(numbers.of(coverage.invited, ledger.visits)))}
    ${keyCard(words.key.answered, n(answered), words.key.partly(n(counts.P)))}
    ${keyCard(words.key.refused, n(counts.R), words.key.ofCases(numbers.of(counts.R, cases)))}`;
}

function keyCard(title: string, value: string, note: string): Html {
  return html`<section class="card key">
    <h2>${title}</h2>
    <p class="figure">${value}</p>
    <p class="quiet">${note}</p>
  </section>`;
}

function rateFigure({ rates, interval }: LiveFigures['rates'], { words, numbers }: Voice): Html {
  const { low, high } = interval;
  if (rates.RR2 === null || low === null || high === null) {
    return html`<p class="figure none">${words.rate.undefined}</p>`;
  }
  const most = Math.min(1, Math.max(0.1, Math.ceil(high * 10) / 10));
  return html`<p class="figure">${numbers.share(rates.RR2)}</p>
    ${range(rates.RR2, { low, high }, most)}
    <p class="scale" aria-hidden="true"><span>0 %</span><span>${numbers.count(100 * most)} %</span></p>
    <p>${words.rate.interval}: <strong>${numbers.share(low)} – ${numbers.share(high)}</strong></p>`;
}

export function funnelTable({ steps }: LiveFigures, { words, numbers }: Voice): Html {
  const rows = STEPS.map((step, place) => {
    const before = STEPS[place - 1];
    return html`<tr>
      <th scope="row">${words.steps[step]}</th>
      <td class="drawn">${bar(steps.visits === 0 ? 0 : steps[step] / steps.visits)}</td>
      <td class="number">${numbers.count(steps[step])}</td>
      <td class="number quiet">${before === undefined ? '' : numbers.of(steps[step], steps[before])}</td>
    </tr>`;
  });
  return html`<h2>${words.funnel.title}</h2>
    <p class="quiet">${words.funnel.note}</p>
    <table class="bars">
      <thead class="hidden">
        <tr>
          <th scope="col">${words.funnel.title}</th>
          <td></td>
          <th scope="col">${words.steps['visits']}</th>
          <th scope="col">${words.funnel.ofPrevious}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

export function ledgerTable({ ledger }: LiveFigures, { words, numbers }: Voice): Html {
  const { visits, decisions, reasons, pending } = ledger;
  const share = (n: number): number => (visits === 0 ? 0 : n / visits);
  const row = (name: string | undefined, n: number, tone: 'strong' | 'soft' | 'warm'): Html =>
    html`<tr${tone === 'warm' && html` class="reason"`}><th scope="row">${name}</th><td class="drawn">${bar(share(n), tone)}</td><td class="number">${numbers.count(n)}</td></tr>`;
  return html`<h2>${words.ledger.title}</h2>
    <p class="quiet">${words.ledger.note}</p>
    <table class="bars">
      <thead class="hidden">
        <tr>
          <th scope="col">${words.ledger.title}</th>
          <td></td>
          <th scope="col">${words.steps['visits']}</th>
        </tr>
      </thead>
      <tbody>
        ${row(words.decisions['invited'], decisions.invited, 'strong')}
        ${decisions.control > 0 && row(words.decisions['control'], decisions.control, 'soft')}
        ${row(words.decisions['not_invited'], decisions.not_invited, 'soft')}
        ${REASONS.filter((reason) => reasons[reason]).map((reason) => row(words.reasons[reason], reasons[reason] ?? 0, 'warm'))}
        ${pending > 0 && row(words.decisions['pending'], pending, 'soft')}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">${words.ledger.sum}</th>
          <td></td>
          <td class="number">${numbers.count(visits)}</td>
        </tr>
      </tfoot>
    </table>`;
}

export function daysChart({ days }: LiveFigures, { words, numbers }: Voice): Html {
  const items = days.map(({ visits, answered }) => ({ whole: visits, part: answered }));
  const rows = days.map(
    ({ day, visits, answered }) =>
      html`<tr>
        <th scope="row">${numbers.day(day)}</th>
        <td>${numbers.count(visits)}</td>
        <td>${numbers.count(answered)}</td>
      </tr>`,
  );
  const first = days[0];
  const last = days.at(-1);
  return html`<h2>${words.days.title}</h2>
    <p class="legend" aria-hidden="true">
      <span class="swatch ground"></span>${words.days.visits}
      <span class="swatch value"></span>${words.days.answered}
    </p>
    ${items.length === 0 ? html`<p class="quiet">${words.nothing}</p>` : columns(items)}
    <p class="scale" aria-hidden="true">
      <span>${first && numbers.day(first.day)}</span
      ><span>${last && last !== first && numbers.day(last.day)}</span>
    </p>
    <table class="hidden">
      <caption>
        ${words.days.title}
      </caption>
      <thead>
        <tr>
          <th scope="col">${words.days.day}</th>
          <th scope="col">${words.days.visits}</th>
          <th scope="col">${words.days.answered}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

export function centresTable({ centres, otherCentres }: LiveFigures, { words, numbers }: Voice): Html {
  const { centres: own } = words;
  const most = Math.max(0, ...centres.map(({ rate }) => rate?.high ?? 0));
  const rows = centres.map(
    ({ name, visits, invited, answered, rate }) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td class="number">${numbers.count(visits)}</td>
        <td class="number">${numbers.count(invited)}</td>
        <td class="number">${numbers.count(answered)}</td>
        ${
          rate === null
            ? html`<td class="number quiet" colspan="3">${own.few}</td>`
            : html`<td class="number">${numbers.share(rate.value)}</td>
                <td class="drawn">${range(rate.value, rate, most)}</td>
                <td class="number quiet">${numbers.share(rate.low)} – ${numbers.share(rate.high)}</td>`
        }
      </tr>`,
  );
  return html`<h2>${own.title}</h2>
    <p class="quiet">${own.note}</p>
    <div class="wide" tabindex="0" role="region" aria-label="${own.title}">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">${own.centre}</th>
            <th scope="col" class="number">${own.visits}</th>
            <th scope="col" class="number">${own.invited}</th>
            <th scope="col" class="number">${own.answered}</th>
            <th scope="col" class="number">${own.rate}</th>
            <th scope="colgroup" colspan="2">${own.interval}</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${otherCentres > 0 && html`<p class="quiet">${own.more(otherCentres)}</p>`}`;
}

/** `phoneOf` gives the masked number, or nothing for those who may see none. */
export function feedList(
  { feed, now, zone }: LiveState,
  { words, numbers }: Voice,
  phoneOf: (item: FeedItem) => string | undefined,
): Html {
  const today = civilDate(now, zone);
  const items = feed.map((item) => {
    const own = item.timezone ?? zone;
    const day = civilDate(item.at, own);
    const phone = phoneOf(item);
    return html`<li data-key="${item.key}" class="${item.state} ${item.kind}">
      <p>
        <strong>${words.kinds[item.kind] ?? item.kind}</strong>
        <span class="state">${words.states[item.state] ?? item.state}</span>
      </p>
      <p class="quiet">
        <time datetime="${item.at.toISOString()}"
          >${day !== today && html`${numbers.day(day)}, `}${numbers.time(item.at, own)}</time
        >
        <span>${words.channels[item.channel]}</span
        >${phone !== undefined && html` <span class="phone">${phone}</span>`}
      </p>
      <p class="quiet">${item.centre}</p>
    </li>`;
  });
  return html`<h2>${words.feed.title}</h2>
    <p class="quiet">${words.feed.note}</p>
    ${
      items.length === 0
        ? html`<p class="quiet">${words.feed.empty}</p>`
        : html`<ol class="feed" tabindex="0" aria-label="${words.feed.title}">
            ${items}
          </ol>`
    }`;
}
