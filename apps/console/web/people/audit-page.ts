import type { AuditFacts, Json } from '#access/audit-chain';
import type { Principal } from '#access/principal';
import { html, type Html } from '../html.js';
import { pageFrame } from '../page.js';
import type { Locale } from '../wording.js';
import { wordsOf } from '../words.js';
import { momentOf } from './moment.js';
import type { PeopleWords } from './wording.js';
import { peopleWordsOf } from './words.js';

export interface AuditView {
  readonly locale: Locale;
  readonly principal: Principal;
  readonly entries: readonly AuditFacts[];
  readonly filter: { readonly actor: string; readonly action: string; readonly subject: string };
  /** Cursor of the page with older entries; null on the last. */
  readonly next: string | null;
}

/** Who did what, for administrators, newest first. */
export function auditPage(view: AuditView): string {
  const words = wordsOf(view.locale);
  const own = peopleWordsOf(view.locale);
  const { audit } = own;
  return pageFrame(words, {
    title: audit.title,
    principal: view.principal,
    path: '/audit',
    mode: 'people',
    styles: ['people.css'],
    main: html`<main id="main" class="page">
      <div class="title">
        <h1>${audit.title}</h1>
        <p class="quiet">${audit.note}</p>
      </div>
      ${filterForm(view, own)}
      <section class="card">
        ${view.entries.length === 0 ? html`<p>${audit.empty}</p>` : table(view, own)}
      </section>
      <p class="pager">
        <a href="/audit">${audit.newest}</a>
        ${view.next !== null && html`<a href="/audit?${addressOf(view, view.next)}">${audit.older}</a>`}
      </p>
    </main>`,
  });
}

function addressOf({ filter }: AuditView, cursor: string): string {
  return new URLSearchParams({ ...filter, cursor }).toString();
}

function filterForm({ filter }: AuditView, own: PeopleWords): Html {
  const { audit, actions } = own;
  const known = Object.entries(actions);
  return html`<form class="filters" method="get" action="/audit">
    <label>${audit.who} <input name="actor" value="${filter.actor}" /></label>
    <label
      >${audit.what}
      <select name="action">
        <option value="">—</option>
        ${known.map(
          ([action, name]) =>
            html`<option value="${action}" ${action === filter.action && html` selected`}>${name}</option>`,
        )}
      </select></label
    >
    <label>${audit.on} <input name="subject" value="${filter.subject}" placeholder="user:12" /></label>
    <button class="plain" type="submit">${audit.filter}</button>
  </form>`;
}

function table({ entries, locale }: AuditView, { audit, actions }: PeopleWords): Html {
  return html`<div class="wide" role="region" aria-label="${audit.title}" tabindex="0">
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">${audit.when}</th>
          <th scope="col">${audit.who}</th>
          <th scope="col">${audit.what}</th>
          <th scope="col">${audit.on}</th>
          <th scope="col">${audit.change}</th>
          <th scope="col">${audit.from}</th>
        </tr>
      </thead>
      <tbody>
        ${entries.map(
          (entry) =>
            html`<tr>
              <td class="moment">${momentOf(entry.happenedAt, locale)}</td>
              <th scope="row" class="long">${entry.actorName}</th>
              <td>${actions[entry.action] ?? html`<code>${entry.action}</code>`}</td>
              <td>${entry.subjectKind !== null && html`${entry.subjectKind} ${entry.subjectId}`}</td>
              <td class="change">${changes(entry)}</td>
              <td>${entry.address ?? '—'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What differs, one line each: `role: analyst → operator`. */
function changes({ before, after }: AuditFacts): Html[] {
  const was = partsOf(before);
  const is = partsOf(after);
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names
    .filter((name) => written(was[name]) !== written(is[name]))
    .map((name) => {
      const old = was[name];
      return html`<p>
        <span class="quiet">${name}:</span>
        ${old !== undefined && html`${written(old)} → `}${written(is[name])}
      </p>`;
    });
}

function partsOf(value: Json): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : {};
}

function written(value: Json | undefined): string {
  if (value === undefined || value === null) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
