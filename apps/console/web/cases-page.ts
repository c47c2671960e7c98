import type { Principal } from '#access/principal';
import { CASE_ACTIONS, possible, type CaseAction } from '../cases/case-desk.js';
import type { Case, CaseDetail } from '../cases/case-shape.js';
import { CASE_STATES, type CaseState } from '../cases/cases.sql.js';
import { caseWords, type CaseWords } from './cases-words.js';
import { html, type Html } from './html.js';
import { Numbers } from './numbers.js';
import { pageFrame } from './page.js';
import type { Locale } from './wording.js';
import { wordsOf } from './words.js';

interface View {
  readonly locale: Locale;
  readonly principal: Principal;
}

/** The list that operators work through, newest first. */
export function casesPage(
  view: View & { readonly cases: readonly Case[]; readonly state: CaseState | undefined; readonly next: string | null },
): string {
  const words = caseWords(view.locale);
  const query = view.state === undefined ? '' : `state=${view.state}`;
  return pageFrame(wordsOf(view.locale), {
    title: words.title,
    principal: view.principal,
    path: '/cases',
    mode: 'wide',
    styles: ['set-up.css'],
    main: html`<main id="main" class="page">
      <div class="title"><h1>${words.title}</h1></div>
      <p class="quiet">${words.note}</p>
      ${filters(words, view.state)}
      <section class="card">
        ${view.cases.length === 0 ? html`<p>${words.empty}</p>` : table(view.cases, words, view.locale)}
        ${view.next !== null && html`<p><a href="/cases?${query}&amp;cursor=${view.next}">${words.more}</a></p>`}
      </section>
    </main>`,
  });
} // prettier-ignore

function filters(words: CaseWords, state: CaseState | undefined): Html {
  const link = (name: 'standing' | CaseState): Html => {
    const current = (state ?? 'standing') === name && html` aria-current="true"`;
    const href = name === 'standing' ? '/cases' : `/cases?state=${name}`;
    return html`<a href="${href}" ${current}>${words.filters[name]}</a>`;
  };
  return html`<nav class="states" aria-label="${words.columns.state}">
    ${link('standing')}${CASE_STATES.map(link)}
  </nav>`;
}

function table(cases: readonly Case[], words: CaseWords, locale: Locale): Html {
  const { columns } = words;
  return html`<div class="scrolled" role="region" aria-label="${words.title}" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">${columns.opened}</th>
          <th scope="col">${columns.centre}</th>
          <th scope="col">${columns.scores}</th>
          <th scope="col">${columns.state}</th>
        </tr>
      </thead>
      <tbody>
        ${cases.map((one) => row(one, words, locale))}
      </tbody>
    </table>
  </div>`;
}

function row(one: Case, words: CaseWords, locale: Locale): Html {
  return html`<tr>
    <th scope="row">
      <a href="/cases/${one.id}">${new Numbers(locale).moment(one.openedAt, one.timezone)}</a>
    </th>
    <td>${one.centreName}<br /><span class="quiet">${one.service ?? words.unknown}</span></td>
    <td>${scores(one)}</td>
    <td>
      ${words.states[one.state]}${one.assignee !== null && html`<br /><span class="quiet">${one.assignee}</span>`}
    </td>
  </tr>`;
}

function scores({ scores: given }: Case): Html {
  return html`${given.map(({ question, value, label }) => html`<span class="score">${question} <b>${value}</b> ${label}</span>`)}`;
}

/** One case: what was rated and said, what was done, and what can be done next. */
export function casePage(
  view: View & { readonly detail: CaseDetail; readonly problem?: string | undefined; readonly note?: string | undefined },
): string {
  const { detail, locale, principal } = view;
  const words = caseWords(locale);
  const title = words.matter(detail.id);
  return pageFrame(wordsOf(locale), {
    title,
    principal,
    path: `/cases/${detail.id}`,
    mode: 'wide',
    styles: ['set-up.css'],
    main: html`<main id="main" class="page">
      <p><a href="/cases">${words.back}</a></p>
      <div class="title"><h1>${title}</h1><span class="tag">${words.states[detail.state]}</span></div>
      ${view.problem !== undefined && html`<p class="problem" role="alert">${words.problems[view.problem] ?? view.problem}</p>`}
      <div class="two">
        <section class="card">${scores(detail)} ${facts(detail, words, locale)}</section>
        <section class="card">
          <h2>${words.said}</h2>
          ${detail.words.length === 0 && html`<p class="quiet">${words.nothingSaid}</p>`}
          ${detail.words.map(({ question, text }) => html`<p class="quiet">${question}</p><blockquote>${text}</blockquote>`)}
        </section>
      </div>
      <section class="card">
        <h2>${words.notes}</h2>
        ${detail.notes.length === 0 && html`<p class="quiet">${words.noNotes}</p>`}
        ${notes(detail, words, locale)} ${form(view, words)}
      </section>
    </main>`,
  });
} // prettier-ignore

function facts(detail: CaseDetail, words: CaseWords, locale: Locale): Html {
  const finished = new Numbers(locale).moment(detail.finishedAt, detail.timezone);
  const lines: [keyof CaseWords['facts'], string | null][] = [
    ['centre', detail.centreName],
    ['service', detail.service],
    ['desk', detail.desk],
    ['employee', detail.employee],
    ['finished', finished],
    ['visit', detail.visit],
    ['phone', detail.phone],
    ['assignee', detail.assignee],
  ];
  return html`<dl class="facts">
      ${lines.map(([name, value]) => value !== null && html`<dt>${words.facts[name]}</dt><dd>${value}</dd>`)}
    </dl>
    <p><a href="${detail.timeline}">${words.timeline}</a></p>`;
} // prettier-ignore

function notes(detail: CaseDetail, words: CaseWords, locale: Locale): Html {
  const moment = (at: Date): string => new Numbers(locale).moment(at, detail.timezone);
  return html`${detail.notes.map(
    ({ author, writtenAt, text }) =>
      html`<p class="quiet">${moment(writtenAt)}, ${author}</p>
        <blockquote>${text ?? words.forgotten}</blockquote>`,
  )}`;
}

function form({ detail, principal, note = '' }: Parameters<typeof casePage>[0], words: CaseWords): Html {
  const button = (action: CaseAction): Html =>
    html`<button type="submit" name="action" value="${action}"${action !== 'take' && html` class="plain"`}>${words.actions[action]}</button>`;
  return html`<form method="post" action="/cases/${detail.id}" class="note">
    <input type="hidden" name="csrf" value="${principal.csrf}" />
    <label for="note">${words.noteLabel}</label>
    <p class="quiet" id="note-hint">${words.noteHint}</p>
    <textarea id="note" name="note" rows="3" maxlength="4000" aria-describedby="note-hint">${note}</textarea>
    <p class="buttons">${CASE_ACTIONS.filter((action) => possible(action, detail.state)).map(button)}</p>
  </form>`;
} // prettier-ignore
