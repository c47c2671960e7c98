import type { AccountEvent } from '#access/account-events.sql';
import type { Principal } from '#access/principal';
import { html, type Html } from '../html.js';
import type { Locale } from '../wording.js';
import { momentOf } from './moment.js';
import { csrfField } from './notice.js';
import type { PeopleWords } from './wording.js';

/** What happened to the account lately, by whom and from where, and the way to say that one knows. */
export function eventsPart(
  view: {
    readonly events: readonly AccountEvent[];
    readonly principal: Principal;
    readonly locale: Locale;
  },
  words: PeopleWords,
): Html {
  const { events, principal, locale } = view;
  const { account } = words;
  const [newest] = events;
  return html`<h2 id="events">${account.events}</h2>
    <p class="quiet">${account.eventsNote}</p>
    <div class="wide" role="region" aria-label="${account.events}" tabindex="0">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">${words.audit.when}</th>
            <th scope="col">${words.audit.what}</th>
            <th scope="col">${words.audit.who}</th>
            <th scope="col">${words.audit.from}</th>
          </tr>
        </thead>
        <tbody>
          ${events.map(
            (event) =>
              html`<tr>
                <td class="moment">${momentOf(event.happenedAt, locale)}</td>
                <th scope="row">${whatOf(event, words)}</th>
                <td class="long">${event.by === principal.name ? account.you : event.by}</td>
                <td>${event.address ?? '—'}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      newest !== undefined &&
      (principal.news ?? 0) > 0 &&
      html`<form method="post" action="/account/events">
        ${csrfField(principal.csrf)}<input type="hidden" name="until" value="${newest.id}" />
        <button class="button" type="submit">${account.eventsKnown}</button>
      </form>`
    }`;
}

function whatOf({ action, newBrowser, here }: AccountEvent, { actions, account }: PeopleWords): Html {
  return html`${actions[action] ?? action}${newBrowser && html`, ${account.newBrowser}`}${
    here && html` <span class="tag">${account.thisOne}</span>`
  }`;
}
