import { civilDate } from '#kernel/zone';
import { showNumber } from '../phones/number.js';
import type { Phone } from '../phones/phone.js';
import { html, type Html } from './html.js';
import { address, type View } from './view.js';
import { clockTime, count, shortDay, words } from './words.js';

/** The left side: search, the phones with the most recent first, and the state of the sandbox. */
export function listView(view: View): Html {
  const w = words[view.language];
  return html`<nav class="side" aria-label="${w.phones}">
    <header class="brand">
      <div>
        ${view.chosen ? html`<p class="title">${w.title}</p>` : html`<h1 class="title">${w.title}</h1>`}
        <p>${w.tagline}</p>
      </div>
      <a
        class="lang"
        hreflang="${view.language === 'uk' ? 'en' : 'uk'}"
        lang="${view.language === 'uk' ? 'en' : 'uk'}"
        href="${address(view, { language: view.language === 'uk' ? 'en' : 'uk' })}"
        >${w.otherLanguage}</a
      >
    </header>
    <form class="search" role="search" method="get" action="/">
      ${hidden('lang', view.language)}
      <label class="unseen" for="search">${w.search}</label>
      <input
        id="search"
        name="q"
        type="search"
        value="${view.search}"
        placeholder="${w.search}"
        autocomplete="off"
      />
      <button class="unseen-until-focus">${w.find}</button>
    </form>
    <ul class="phones" id="phones">
      ${view.phones.map((phone) => entry(view, phone))}
      ${view.phones.length === 0 ? html`<li class="none">${w.nothingFound}</li>` : undefined} ${more(view)}
    </ul>
    <details class="add">
      <summary>${w.addPhone}</summary>
      <form method="post" action="/phones">
        ${hidden('lang', view.language)}
        <label for="number">${w.number}</label>
        <div class="row">
          <input
            id="number"
            name="number"
            type="tel"
            inputmode="tel"
            required
            placeholder="+380 50 …"
            autocomplete="off"
          />
          <button class="button">${w.add}</button>
        </div>
      </form>
    </details>
    ${stateView(view)}
  </nav>`;
}

function entry(view: View, phone: Phone): Html {
  const w = words[view.language];
  const last = phone.bubbles.at(-1);
  const current = view.chosen === phone ? html` aria-current="page"` : undefined;
  const preview = last ? `${last.by === 'person' ? `${w.you}: ` : ''}${last.text}` : w.noMessages;
  const channels = [...new Set(phone.bubbles.map(({ channel }) => channel))];
  return html`<li id="phone-${phone.number.slice(1)}">
    <a href="${address(view, { number: phone.number })}" ${current}>
      <span class="face" aria-hidden="true">${phone.name.slice(0, 1)}</span>
      <span class="who">${showNumber(phone.number)}</span>
      <span class="when">${last ? when(view, phone.lastAt) : ''}</span>
      <span class="preview">${preview}</span>
      <span class="marks">
        ${phone.number === view.ownNumber ? html`<span class="mark own">${w.yours}</span>` : undefined}
        ${channels.map((channel) => html`<span class="mark ${channel}">${channel === 'sms' ? 'SMS' : 'Viber'}</span>`)}
        ${phone.unread > 0 ? html`<span class="unread"><span aria-hidden="true">${phone.unread}</span><span class="unseen">${w.unread(phone.unread)}</span></span>` : undefined}
      </span>
    </a>
  </li>`;
}

function more(view: View): Html | undefined {
  if (view.total <= view.phones.length) return undefined;
  return html`<li class="more">
    <a href="${address(view, { show: view.show + 50 })}">${words[view.language].more}</a>
  </li>`;
}

/** The time for today, else the day. */
function when(view: View, at: Date): string {
  const today = civilDate(view.now, 'Europe/Kyiv') === civilDate(at, 'Europe/Kyiv');
  return today ? clockTime(view.language, at) : shortDay(view.language, at);
}

function stateView(view: View): Html {
  const w = words[view.language];
  const { language, state } = view;
  return html`<section class="state" id="state">
    <dl>
      <div>
        <dt>${w.counts.clock}</dt>
        <dd>${shortDay(language, view.now)}, ${clockTime(language, view.now)}</dd>
      </div>
      <div>
        <dt>${w.counts.accepted}</dt>
        <dd>${count(language, state.accepted)}</dd>
      </div>
      <div>
        <dt>${w.counts.phones}</dt>
        <dd>${count(language, state.phones)}</dd>
      </div>
    </dl>
    <form class="visitors" method="post" action="/visitors">
      ${hidden('lang', language)}
      <span>${w.visitors}: ${state.visitors ? w.visitorsOn : w.visitorsOff}</span>
      <button class="quiet" name="on" value="${state.visitors ? 'no' : 'yes'}">
        ${state.visitors ? w.switchOff : w.switchOn}
      </button>
    </form>
    ${
      state.problems.length === 0
        ? undefined
        : html`<details class="problems">
            <summary>${w.problems} (${state.problems.length})</summary>
            <ul>
              ${state.problems
                .slice(-10)
                .reverse()
                .map(
                  ({ at, carrier, event, problem }) =>
                    html`<li>${clockTime(language, at)} ${carrier} ${event}: ${problem}</li>`,
                )}
            </ul>
          </details>`
    }
  </section>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}
