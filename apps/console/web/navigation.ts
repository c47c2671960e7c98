import type { Principal } from '#access/principal';
import { ROLES } from '#access/users';
import type { Role } from '#store/entities';
import { html, type Html } from './html.js';
import type { Words } from './wording.js';

interface Place {
  readonly href: string;
  readonly name: keyof Words['places'];
  readonly roles: readonly Role[];
}

/** The pages of the console in the order of the bar; a page for some roles is shown to those only. */
const PLACES: readonly Place[] = [
  { href: '/', name: 'live', roles: ROLES },
  { href: '/analysis', name: 'analysis', roles: ['admin', 'analyst'] },
  { href: '/cases', name: 'cases', roles: ['admin', 'operator'] },
  { href: '/doubts', name: 'doubts', roles: ['admin', 'operator'] },
  { href: '/campaigns', name: 'campaigns', roles: ['admin'] },
  { href: '/texts', name: 'texts', roles: ['admin'] },
  { href: '/users', name: 'users', roles: ['admin'] },
  { href: '/audit', name: 'audit', roles: ['admin'] },
];

/** Where a signed-in person can go, who they are, and the way out. `path`: the page they are on. */
export function navigation(words: Words, principal: Principal, path: string): Html {
  const here = path.split('?')[0];
  const current = (href: string): Html | false => href === here && html` aria-current="page"`;
  // Until what is due is done, every other page leads back to the account.
  const places = PLACES.filter(({ roles }) => principal.due === null && roles.includes(principal.role));
  return html`<nav class="places" aria-label="${words.places.label}">
      ${places.map(({ href, name }) => html`<a href="${href}" ${current(href)}>${words.places[name]}</a>`)}
    </nav>
    ${
      principal.kind === 'user' &&
      html`<a class="who" href="/account" ${current('/account')} title="${words.places.account}"
          >${principal.name}</a
        >
        <form method="post" action="/sign-out">
          <input type="hidden" name="csrf" value="${principal.csrf}" /><button class="plain" type="submit">
            ${words.signIn.out}
          </button>
        </form>`
    }`;
}
