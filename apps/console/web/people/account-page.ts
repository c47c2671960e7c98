import type { Principal } from '#access/principal';
import type { Enrolment, SecondFactorState } from '#access/second-factor';
import type { ListedSession } from '#access/sessions';
import type { AccountEvent } from '#access/account-events.sql';
import { html, type Html } from '../html.js';
import { pageFrame } from '../page.js';
import { PASSWORD_SCRIPT, sight } from '../password-sight.js';
import type { Locale } from '../wording.js';
import { wordsOf } from '../words.js';
import { eventsPart } from './account-events.js';
import { momentOf } from './moment.js';
import { csrfField, noticeOf, type Notice } from './notice.js';
import type { PeopleWords } from './wording.js';
import { peopleWordsOf } from './words.js';

export interface AccountView extends Notice {
  readonly locale: Locale;
  readonly principal: Principal;
  /** False for who signs in through the organisation's provider only. */
  readonly hasPassword: boolean;
  readonly factor: SecondFactorState;
  /** Set while the second factor waits for its first code. */
  readonly enrolment?: Enrolment | undefined;
  /** Told this once, right after the second factor was turned on. */
  readonly recoveryCodes?: readonly string[] | undefined;
  readonly sessions: readonly ListedSession[];
  /** What happened to the account, newest first. */
  readonly events: readonly AccountEvent[];
}

/** A person's own page: password, second factor, open sessions, and what happened to the account. */
export function accountPage(view: AccountView): string {
  const words = wordsOf(view.locale);
  const own = peopleWordsOf(view.locale);
  const { name, role, centres } = view.principal;
  return pageFrame(words, {
    title: own.account.title,
    principal: view.principal,
    path: '/account',
    mode: 'people',
    styles: ['people.css'],
    scripts: [PASSWORD_SCRIPT],
    main: html`<main id="main" class="page">
      <div class="title">
        <h1>${own.account.title}</h1>
        <p class="quiet">${name} · ${own.roles[role]}, ${centres?.join(', ') ?? own.account.everywhere}</p>
      </div>
      ${view.principal.due !== null && html`<p class="alert" role="alert">${own.account.due[view.principal.due]}</p>`}
      ${noticeOf(view)}
      <div class="pair">
        <section class="card form">${passwordPart(view, own)}</section>
        <section class="card form">${factorPart(view, own)}</section>
      </div>
      <section class="card">${sessionsPart(view, own)}</section>
      <section class="card">${eventsPart(view, own)}</section>
    </main>`,
  });
}

function passwordPart({ hasPassword, principal, locale }: AccountView, { account }: PeopleWords): Html {
  const visible = sight(wordsOf(locale));
  if (!hasPassword) {
    return html`<h2>${account.password}</h2>
      <p>${account.noPassword}</p>`;
  }
  return html`<h2>${account.password}</h2>
    <form method="post" action="/account/password">
      ${csrfField(principal.csrf)}
      <label for="present">${account.present}</label>
      <input
        id="present"
        name="present"
        type="password"
        autocomplete="current-password"
        required
        ${visible}
      />
      <label for="next">${account.next}</label>
      <input
        id="next"
        name="next"
        type="password"
        autocomplete="new-password"
        minlength="12"
        required
        aria-describedby="next-hint"
        ${visible}
        data-meter="/account/password/strength"
      />
      <p class="quiet" id="next-hint">${account.passwordHint}</p>
      <p class="strength" id="next-strength" hidden>
        <span id="next-strength-label">${account.strength}</span>
        <meter
          min="0"
          max="4"
          low="2"
          high="3"
          optimum="4"
          value="0"
          aria-labelledby="next-strength-label"
        ></meter>
        <output for="next"></output>
      </p>
      <button class="button" type="submit">${account.change}</button>
    </form>`;
}

function factorPart(view: AccountView, { account }: PeopleWords): Html {
  const title = html`<h2>${account.factor}</h2>`;
  if (!view.hasPassword)
    return html`${title}
      <p>${account.noPassword}</p>`;
  if (view.factor.on) return html`${title}${recoveryCodes(view, account)}${turnOff(view, account)}`;
  if (view.enrolment) return html`${title}${enrolment(view, view.enrolment, account)}`;
  return html`${title}
    <p>${account.factorOff}</p>
    <form method="post" action="/account/second-factor">
      ${csrfField(view.principal.csrf)}
      <button class="button" type="submit">${account.factorStart}</button>
    </form>`;
}

function enrolment(view: AccountView, { secret, qr }: Enrolment, account: PeopleWords['account']): Html {
  const picture = `data:image/svg+xml;base64,${Buffer.from(qr).toString('base64')}`;
  return html`<p>${account.factorScan}</p>
    <img class="qr" src="${picture}" alt="${account.qr}" width="200" height="200" />
    <p class="quiet">${account.factorSecret} <code>${secret.match(/.{1,4}/g)?.join(' ')}</code></p>
    <form method="post" action="/account/second-factor/confirm">
      ${csrfField(view.principal.csrf)}
      <label for="code">${account.factorCode}</label>
      <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required />
      <button class="button" type="submit">${account.factorConfirm}</button>
    </form>`;
}

function recoveryCodes({ recoveryCodes: codes }: AccountView, account: PeopleWords['account']): Html | false {
  if (!codes) return false;
  return html`<h3>${account.codesTitle}</h3>
    <p>${account.codesNote}</p>
    <ul class="codes">
      ${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ul>`;
}

function turnOff({ factor, principal, locale }: AccountView, account: PeopleWords['account']): Html {
  return html`<p>${account.factorOn(factor.recoveryCodesLeft)}</p>
    <form method="post" action="/account/second-factor/off">
      ${csrfField(principal.csrf)}
      <label for="off-password">${account.present}</label>
      <input
        id="off-password"
        name="present"
        type="password"
        autocomplete="current-password"
        required
        ${sight(wordsOf(locale))}
      />
      <button class="button" type="submit">${account.factorEnd}</button>
    </form>`;
}

function sessionsPart({ sessions, principal, locale }: AccountView, { account }: PeopleWords): Html {
  return html`<h2>${account.sessions}</h2>
    <div class="wide" role="region" aria-label="${account.sessions}" tabindex="0">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">${account.browser}</th>
            <th scope="col">${account.from}</th>
            <th scope="col">${account.since}</th>
            <th scope="col">${account.used}</th>
            <td></td>
          </tr>
        </thead>
        <tbody>
          ${sessions.map(
            (session) =>
              html`<tr>
                <th scope="row" class="long">${session.agent || '—'}</th>
                <td>${session.address}</td>
                <td>${momentOf(session.createdAt, locale)}</td>
                <td>${momentOf(session.seenAt, locale)}</td>
                <td>
                  ${session.id === principal.sessionId ? account.thisOne : closing(principal, session, account)}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      sessions.length > 1 &&
      html`<form method="post" action="/account/sessions">
        ${csrfField(principal.csrf)}
        <button class="plain" type="submit">${account.closeOthers}</button>
      </form>`
    }`;
}

function closing(principal: Principal, session: ListedSession, account: PeopleWords['account']): Html {
  return html`<form method="post" action="/account/sessions">
    ${csrfField(principal.csrf)}<input type="hidden" name="session" value="${session.id}" />
    <button class="plain" type="submit" aria-label="${account.close}: ${session.agent}, ${session.address}">
      ${account.close}
    </button>
  </form>`;
}
