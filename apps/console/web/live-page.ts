import type { Principal } from '#access/principal';
import { html, type Html } from './html.js';
import { centresTable, daysChart, feedList, funnelTable, keyFigures, ledgerTable } from './live-parts.js';
import type { FeedItem } from './live-feed.sql.js';
import type { LiveState } from './live.js';
import { Numbers } from './numbers.js';
import { pageFrame } from './page.js';
import type { Locale, Words } from './wording.js';
import { wordsOf } from './words.js';

/** What the address of the page asks for: the last so many days, or fixed days. */
export type PeriodChoice = { readonly days: number } | { readonly from: string; readonly to: string };

export interface LiveView {
  readonly locale: Locale;
  readonly state: LiveState;
  readonly period: PeriodChoice;
  readonly principal: Principal;
  readonly phoneOf: (item: FeedItem) => string | undefined;
}

/** The parts that change, each in an element the script can exchange by its id. */
export function liveParts({ locale, state, phoneOf }: LiveView): Html {
  const voice = { words: wordsOf(locale), numbers: new Numbers(locale) };
  const { figures } = state;
  return html`<div id="keys" class="keys" data-part>${keyFigures(figures, voice)}</div>
    <div class="columns">
      <div class="left">
        <div class="pair">
          <section id="funnel" class="card" data-part>${funnelTable(figures, voice)}</section>
          <section id="ledger" class="card" data-part>${ledgerTable(figures, voice)}</section>
          <section id="days" class="card" data-part>${daysChart(figures, voice)}</section>
        </div>
        <section id="centres" class="card" data-part>${centresTable(figures, voice)}</section>
      </div>
      <section id="feed" class="card feeds" data-part>${feedList(state, voice, phoneOf)}</section>
    </div>`;
}

/** The same parts with the clock, as the script fetches them. */
export function liveFragment(view: LiveView): string {
  return html`${clock(view)}${liveParts(view)}`.text;
}

export function livePage(view: LiveView): string {
  const words = wordsOf(view.locale);
  const path = `/?${addressOf(view.period)}`;
  return pageFrame(words, {
    title: words.live.title,
    path,
    mode: 'live',
    scripts: ['live.js'],
    principal: view.principal,
    main: html`<main
      id="main"
      data-live="/live?${addressOf(view.period)}"
      data-words="${JSON.stringify({ on: words.live.on, paused: words.live.paused, lost: words.live.lost, pause: words.live.pause, resume: words.live.resume })}"
    >
      <div class="title">
        <h1>${words.live.title}</h1>
        ${clock(view)}
        <p class="status">
          <span id="status" role="status" class="on">${words.live.on}</span>
          <button id="pause" type="button" class="plain" hidden>${words.live.pause}</button>
        </p>
      </div>
      <noscript><p class="card">${words.live.noScript}</p></noscript>
      ${periodForm(words, view)} ${liveParts(view)}
    </main>`,
  });
}

function addressOf(period: PeriodChoice): string {
  return 'days' in period ? `days=${period.days}` : `from=${period.from}&to=${period.to}`;
}

function clock({ state, locale }: LiveView): Html {
  const words = wordsOf(locale);
  return html`<p id="clock" class="clock" data-part>
    ${new Numbers(locale).moment(state.now, state.zone)}${
      state.speed !== 1 && html` <span class="tag">${words.live.rehearsal(state.speed)}</span>`
    }
  </p>`;
}

function periodForm({ period: own }: Words, { period, state }: LiveView): Html {
  const choices = [
    [1, own.today],
    [7, own.week],
    [30, own.month],
  ] as const;
  const current = 'days' in period ? period.days : undefined;
  return html`<nav class="period" aria-label="${own.label}">
    <p class="choices">
      ${choices.map(([days, name]) => html`<a href="/?days=${days}" ${days === current && html` aria-current="true"`}>${name}</a>`)}
    </p>
    <form method="get" action="/">
      <label>${own.from} <input type="date" name="from" value="${state.figures.from}" required /></label>
      <label>${own.to} <input type="date" name="to" value="${state.figures.to}" required /></label>
      <button class="plain" type="submit">${own.show}</button>
    </form>
  </nav>`;
}
