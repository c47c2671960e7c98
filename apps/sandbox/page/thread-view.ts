import { civilDate } from '#kernel/zone';
import { showNumber } from '../phones/number.js';
import type { Bubble, BubbleStatus, Button, Phone } from '../phones/phone.js';
import { Html, html } from './html.js';
import { hidden } from './list-view.js';
import { address, type View } from './view.js';
import { clockTime, day, words, type Words } from './words.js';

const TICKS: Readonly<Record<BubbleStatus, string>> = {
  pending: '◷',
  sent: '✓',
  delivered: '✓✓',
  seen: '✓✓',
  undelivered: '✕',
  failed: '✕',
};

/** The right side: one phone's conversation, or an introduction while none is chosen. */
export function threadView(view: View): Html {
  const w = words[view.language];
  const phone = view.chosen;
  if (!phone) return introduction(w);
  return html`<section class="thread" id="main" aria-label="${w.conversation}" data-number="${phone.number}">
    ${header(view, phone)}
    <div class="log" role="log" aria-label="${w.conversation}" tabindex="0">
      <ol id="log">
        ${phone.bubbles.length === 0 ? html`<li class="none" id="none">${w.empty}</li>` : undefined}
        ${phone.bubbles.map((bubble, i) => [separator(view, phone.bubbles[i - 1], bubble), bubbleView(view, phone, bubble)]).flat()}
      </ol>
    </div>
    ${composer(view, phone)}
  </section>`;
}

function introduction(w: Words): Html {
  return html`<section class="thread intro" id="main" aria-label="${w.introTitle}">
    <div class="card">
      <h2>${w.introTitle}</h2>
      ${w.intro.map((text) => html`<p>${text}</p>`)}
    </div>
  </section>`;
}

function header(view: View, phone: Phone): Html {
  const w = words[view.language];
  const button = (path: string, label: string): Html =>
    html`<form method="post" action="${act(phone, path)}">
      ${hidden('lang', view.language)}<button class="button light">${label}</button>
    </form>`;
  return html`<header class="head" id="head">
    <a class="back" href="${address({ ...view, chosen: undefined })}"
      ><span aria-hidden="true">‹</span> ${w.back}</a
    >
    <div class="whose">
      <h1>${showNumber(phone.number)}</h1>
      <p>${phone.name}${phone.number === view.ownNumber ? ` · ${w.yours}` : ''}</p>
    </div>
    <p class="standing">
      <span class="mark ${phone.viber === 'subscribed' ? 'viber' : 'plain'}">${w.viber[phone.viber]}</span>
      ${phone.stopped.size > 0 ? html`<span class="mark stopped">${w.smsStopped}</span>` : undefined}
    </p>
    <div class="actions">
      ${button('viber', w.openChat)}
      ${phone.viber === 'subscribed' ? button('viber/unsubscribe', w.unsubscribe) : undefined}
    </div>
  </header>`;
}

/** A line between days, and one where the other side or the channel changes. */
function separator(view: View, before: Bubble | undefined, bubble: Bubble): Html | undefined {
  const today = civilDate(bubble.at, 'Europe/Kyiv');
  const newDay = !before || civilDate(before.at, 'Europe/Kyiv') !== today;
  const newThread = newDay || before.channel !== bubble.channel || before.sender !== bubble.sender;
  if (!newThread) return undefined;
  return html`<li class="between" id="before-${bubble.id}">
    ${newDay ? html`<span class="day">${day(view.language, bubble.at)}</span>` : undefined}
    <span class="via ${bubble.channel}"
      >${bubble.channel === 'sms' ? 'SMS' : 'Viber'} · ${bubble.sender}</span
    >
  </li>`;
}

function bubbleView(view: View, phone: Phone, bubble: Bubble): Html {
  const w = words[view.language];
  const failed = bubble.status === 'failed' || bubble.status === 'undelivered';
  const parts = bubble.parts === undefined ? '' : ` · ${w.parts(bubble.parts)}`;
  const code = bubble.errorCode === undefined ? '' : ` ${bubble.errorCode}`;
  return html`<li class="bubble ${bubble.by} ${bubble.channel}" id="${bubble.id}">
    <div class="body">
      <p class="text">${linked(bubble, w)}</p>
      <p class="meta">
        <time datetime="${bubble.at.toISOString()}">${clockTime(view.language, bubble.at)}</time>${parts}
        <span class="tick ${bubble.status}${failed ? ' bad' : ''}"
          ><span aria-hidden="true">${TICKS[bubble.status]}</span> ${w.status[bubble.status]}${code}</span
        >
      </p>
    </div>
    ${linkActions(view, phone, bubble)} ${keyboard(view, phone, bubble)}
  </li>`;
}

/** The text with its web addresses as links. */
function linked(bubble: Bubble, w: Words): Html {
  let rest = bubble.text;
  const pieces: Html[] = [];
  for (const { url } of bubble.links.filter((link) => /^https?:/i.test(link.url))) {
    const at = rest.indexOf(url);
    pieces.push(
      html`${rest.slice(0, at)}<a href="${url}" target="_blank" rel="noopener"
          >${url}<span class="unseen"> (${w.newTab})</span></a
        >`,
    );
    rest = rest.slice(at + url.length);
  }
  return html`${pieces}${rest}`;
}

function linkActions(view: View, phone: Phone, bubble: Bubble): Html | undefined {
  const w = words[view.language];
  const link = bubble.by === 'centre' ? bubble.links.find(({ code }) => code !== undefined) : undefined;
  if (link?.code === undefined) return undefined;
  const web = /^https?:/i.test(link.url)
    ? html`<a class="button light" href="${link.url}" target="_blank" rel="noopener"
        >${w.openSurvey}<span class="unseen"> (${w.newTab})</span></a
      >`
    : undefined;
  return html`<div class="link-actions">
    ${web}
    <form method="post" action="${act(phone, 'viber')}">
      ${hidden('lang', view.language)}${hidden('context', link.code)}
      <button class="button light">${w.openInViber}</button>
    </form>
  </div>`;
}

/** Viber shows the keyboard of the last message only. */
function keyboard(view: View, phone: Phone, bubble: Bubble): Html | undefined {
  const last = phone.bubbles.findLast(({ by, carrier }) => by === 'centre' && carrier === 'viber');
  if (bubble !== last || bubble.buttons.length === 0) return undefined;
  return html`<form class="keyboard" method="post" action="${act(phone, 'press')}">
    ${hidden('lang', view.language)}${hidden('messageId', bubble.id)}
    ${bubble.buttons.map((button) => key(button))}
  </form>`;
}

function key(button: Button): Html {
  const width = `w${button.columns}`;
  if (button.action === 'open-url' && /^https?:/i.test(button.reply)) {
    return html`<a class="key ${width}" href="${button.reply}" target="_blank" rel="noopener"
      >${button.label}</a
    >`;
  }
  return html`<button class="key ${width}" name="reply" value="${button.reply}">${button.label}</button>`;
}

function composer(view: View, phone: Phone): Html {
  const w = words[view.language];
  const last = phone.bubbles.at(-1)?.channel ?? 'sms';
  const viber = phone.viber !== 'none';
  const choice = (channel: 'sms' | 'viber', label: string): Html =>
    html`<label
      ><input
        type="radio"
        name="channel"
        value="${channel}"
        ${channel === (view.smsReply ? last : 'viber') ? html` checked` : undefined}
      />
      ${label}</label
    >`;
  return html`<footer class="composer">
    <div id="notice" role="alert">
      ${view.notice === undefined ? undefined : html`<p class="notice">${view.notice}</p>`}
    </div>
    <form method="post" action="${act(phone, 'reply')}" data-keep>
      ${hidden('lang', view.language)}
      <div id="channels">
        ${view.smsReply || viber ? undefined : html`<p class="hint">${w.oneWay}</p>`}
        ${
          view.smsReply && viber
            ? html`<fieldset class="channels">
                <legend>${w.channel}</legend>
                ${choice('sms', 'SMS')}${choice('viber', 'Viber')}
              </fieldset>`
            : undefined
        }
        ${!view.smsReply && viber ? hidden('channel', 'viber') : undefined}
      </div>
      <div class="quick" role="group" aria-label="${w.quick}">
        ${['5', '4', '2', 'СТОП'].map((text) => html`<button class="chip" name="quick" value="${text}">${text}</button>`)}
      </div>
      <div class="row">
        <label class="unseen" for="text">${w.reply}</label>
        <textarea id="text" name="text" rows="1" maxlength="1600" placeholder="${w.replyHint}"></textarea>
        <button class="button strong" id="send">${w.send}</button>
      </div>
    </form>
  </footer>`;
}

function act(phone: Phone, path: string): string {
  return `/phones/${encodeURIComponent(phone.number)}/${path}`;
}
