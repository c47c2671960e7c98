import type { Principal } from '#access/principal';
import { ROLES, type User } from '#access/users';
import { html, type Html } from '../html.js';
import { pageFrame } from '../page.js';
import type { Locale } from '../wording.js';
import { wordsOf } from '../words.js';
import { csrfField, noticeOf, type Notice } from './notice.js';
import type { PeopleWords } from './wording.js';
import { peopleWordsOf } from './words.js';

export interface UsersView extends Notice {
  readonly locale: Locale;
  readonly principal: Principal;
  readonly users: readonly User[];
  /** A password that was just made, shown this once. */
  readonly made?: { readonly email: string; readonly password: string } | undefined;
}

/** Everyone who may sign in, for administrators: add, change, bar, reset. */
export function usersPage(view: UsersView): string {
  const words = wordsOf(view.locale);
  const own = peopleWordsOf(view.locale);
  return pageFrame(words, {
    title: own.users.title,
    principal: view.principal,
    path: '/users',
    mode: 'people',
    styles: ['people.css'],
    main: html`<main id="main" class="page">
      <div class="title"><h1>${own.users.title}</h1></div>
      ${noticeOf(view)} ${madePassword(view, own)}
      <section class="card">${table(view, own)}</section>
      <section class="card form">${addForm(view, own)}</section>
    </main>`,
  });
}

function madePassword({ made }: UsersView, { users }: PeopleWords): Html | false {
  return (
    made !== undefined &&
    html`<div class="done" role="status">
      <p>${users.password(made.email)} <code class="secret">${made.password}</code></p>
      <p class="quiet">${users.passwordNote}</p>
    </div>`
  );
}

function table(view: UsersView, own: PeopleWords): Html {
  const { users } = own;
  return html`<div class="wide" role="region" aria-label="${users.title}" tabindex="0">
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">${users.email}</th>
          <th scope="col">${users.role}</th>
          <th scope="col">${users.centres}</th>
          <th scope="col">${users.state}</th>
          <td></td>
        </tr>
      </thead>
      <tbody>
        ${view.users.map((user) => row(user, view, own))}
      </tbody>
    </table>
  </div>`;
}

function row(user: User, { principal }: UsersView, own: PeopleWords): Html {
  const { users, roles } = own;
  const self = principal.kind === 'user' && principal.id === user.id;
  return html`<tr${user.disabledAt !== null && html` class="off"`}>
    <th scope="row" class="long">${user.email}${self && html` <span class="tag">${users.you}</span>`}</th>
    <td>${roles[user.role]}</td>
    <td>${user.centres?.join(', ') ?? users.everywhere}</td>
    <td>${user.disabledAt === null ? users.active : users.disabled}${user.secondFactor && html`, ${users.factor}`}${user.passwordDue !== null && html`, ${users.passwordDue}`}</td>
    <td>${!self && editing(user, principal, own)}</td>
  </tr>`;
}

/** Opens under the row without any script. */
function editing(user: User, principal: Principal, own: PeopleWords): Html {
  const { users } = own;
  const off = user.disabledAt !== null;
  return html`<details>
    <summary aria-label="${users.edit}: ${user.email}">${users.edit}</summary>
    <form method="post" action="/users/${user.id}">
      ${csrfField(principal.csrf)} ${rights(user.id, own, user)}
      <button class="plain" type="submit">${users.save}</button>
    </form>
    <form method="post" action="/users/${user.id}">
      ${csrfField(principal.csrf)}<input type="hidden" name="disabled" value="${off ? 'no' : 'yes'}" />
      <button class="plain" type="submit">${off ? users.enable : users.disable}</button>
    </form>
    <form method="post" action="/users/${user.id}/reset">
      ${csrfField(principal.csrf)}
      ${
        user.secondFactor &&
        html`<label class="check"
          ><input type="checkbox" name="secondFactor" value="yes" /> ${users.resetFactor}</label
        >`
      }
      <button class="plain" type="submit">${users.reset}</button>
    </form>
  </details>`;
}

function rights(id: string, { users, roles }: PeopleWords, user?: User): Html {
  return html`<label for="role-${id}">${users.role}</label>
    <select id="role-${id}" name="role">
      ${ROLES.map(
        (role) =>
          html`<option value="${role}" ${role === (user?.role ?? 'operator') && html` selected`}>
            ${roles[role]}
          </option>`,
      )}
    </select>
    <label for="centres-${id}">${users.centres}</label>
    <input
      id="centres-${id}"
      name="centres"
      value="${user?.centres?.join(', ') ?? ''}"
      aria-describedby="centres-hint-${id}"
    />
    <p class="quiet" id="centres-hint-${id}">${users.centresHint}</p>`;
}

function addForm({ principal }: UsersView, own: PeopleWords): Html {
  const { users } = own;
  return html`<h2>${users.addTitle}</h2>
    <form method="post" action="/users">
      ${csrfField(principal.csrf)}
      <label for="email">${users.email}</label>
      <input id="email" name="email" type="email" autocomplete="off" required />
      ${rights('new', own)}
      <button class="button" type="submit">${users.add}</button>
    </form>`;
}
