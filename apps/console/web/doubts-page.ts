import type { Principal } from '#access/principal';
import { DOUBT_ACTIONS, DOUBT_REASON, type DoubtAction } from '#dispatch/doubt';
import { DOUBT_STATES, type DoubtState } from '#dispatch/doubt-list.sql';
import type { Doubt } from '../doubts/doubt-desk.js';
import { doubtWords, type DoubtWords } from './doubts-words.js';
import { html, type Html } from './html.js';
import { Numbers } from './numbers.js';
import { pageFrame } from './page.js';
import type { Locale } from './wording.js';
import { wordsOf } from './words.js';

/** For messages that belong to no visit, and so to no centre: a notice to somebody who wrote of their own accord. */
const ZONE = 'Europe/Kyiv';

export interface DoubtsView {
  readonly locale: Locale;
  readonly principal: Principal;
  readonly doubts: readonly Doubt[];
  readonly state: DoubtState;
  readonly next: string | null;
  /** Code of what kept a decision from being carried out. */
  readonly problem?: string | undefined;
}

/** Messages in doubt with what a person may decide about each, or those given up. Plain forms, no script. */
export function doubtsPage(view: DoubtsView): string {
  const words = doubtWords(view.locale);
  const { state, problem, doubts, next } = view;
  return pageFrame(wordsOf(view.locale), {
    title: words.title,
    principal: view.principal,
    path: '/doubts',
    mode: 'wide',
    styles: ['set-up.css'],
    main: html`<main id="main" class="page">
      <div class="title"><h1>${words.title}</h1></div>
      <p class="quiet">${words.note}</p>
      ${problem !== undefined && html`<p class="problem" role="alert">${words.problems[problem] ?? problem}</p>`}
      ${filters(words, state)}
      <section class="card">
        ${doubts.length === 0 ? html`<p>${words.empty}</p>` : table(view, words)}
        ${next !== null && html`<p><a href="/doubts?state=${state}&amp;cursor=${next}">${words.more}</a></p>`}
      </section>
    </main>`,
  });
}

function filters(words: DoubtWords, state: DoubtState): Html {
  const link = (name: DoubtState): Html =>
    html`<a href="/doubts?state=${name}" ${name === state && html` aria-current="true"`}>${words.states[name]}</a>`; // prettier-ignore
  return html`<nav class="states" aria-label="${words.title}">${DOUBT_STATES.map(link)}</nav>`;
}

function table(view: DoubtsView, words: DoubtWords): Html {
  const { columns } = words;
  const open = view.state === 'uncertain';
  return html`<div class="scrolled" role="region" aria-label="${words.title}" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">${columns.sent}</th>
          <th scope="col">${columns.message}</th>
          <th scope="col">${columns.person}</th>
          <th scope="col">${columns.why}</th>
          ${open && html`<th scope="col">${columns.decide}</th>`}
        </tr>
      </thead>
      <tbody>
        ${view.doubts.map((one) => row(one, view, words))}
      </tbody>
    </table>
  </div>`;
}

function row(one: Doubt, { locale, principal, state }: DoubtsView, words: DoubtWords): Html {
  const { id, kind, sender, centreName, phone, reason, invitation, sentAt, timezone } = one;
  return html`<tr>
    <th scope="row">${new Numbers(locale).moment(sentAt, timezone ?? ZONE)}</th>
    <td>${words.kinds[kind] ?? kind} ${id}<br /><span class="quiet">${sender}</span></td>
    <td>
      ${phone ?? words.noNumber}<br /><span class="quiet">${centreName ?? ''}</span>
      ${invitation !== null && html`<br /><a href="/api/v1/invitations/${invitation}/timeline">${words.timeline}</a>`}
    </td>
    <td>${words.reasons[reason ?? ''] ?? reason ?? ''}</td>
    ${state === 'uncertain' && html`<td>${form(id, principal, words)}</td>`}
  </tr>`;
}

function form(id: string, { csrf }: Principal, words: DoubtWords): Html {
  const button = (action: DoubtAction): Html =>
    html`<button type="submit" name="action" value="${action}" class="plain">
      ${words.actions[action]}
    </button>`;
  return html`<form method="post" action="/doubts/${id}" class="note">
    <input type="hidden" name="csrf" value="${csrf}" />
    <label for="reason-${id}">${words.reasonLabel}</label>
    <p class="quiet" id="hint-${id}">${words.reasonHint}</p>
    <input id="reason-${id}" name="reason" maxlength="${DOUBT_REASON.max}" aria-describedby="hint-${id}" />
    <p class="buttons">${DOUBT_ACTIONS.map(button)}</p>
  </form>`;
}
