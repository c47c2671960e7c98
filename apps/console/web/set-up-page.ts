import type { Principal } from '#access/principal';
import { messagesOf, type Campaign } from '#planning/campaign';
import type { MessageTexts } from '#planning/pack/read-pack';
import type { Preview, PreviewedText } from '#rendering/preview';
import { html, type Html } from './html.js';
import { pageFrame } from './page.js';
import { setUpWords, type SetUpWords } from './set-up-words.js';
import type { Locale } from './wording.js';
import { wordsOf } from './words.js';

interface View {
  readonly locale: Locale;
  readonly principal: Principal;
}

/** Something in force, with the pack it came from. */
export interface InForce<T> {
  readonly key: string;
  readonly pack: string;
  readonly revision: number;
  readonly content: T;
}

/** The campaigns in force and their schedules, to read. */
export function campaignsPage(
  view: View & { readonly campaigns: readonly InForce<Campaign | undefined>[] },
): string {
  const words = setUpWords(view.locale);
  return pageFrame(wordsOf(view.locale), {
    title: words.campaigns,
    principal: view.principal,
    path: '/campaigns',
    mode: 'wide',
    styles: ['set-up.css'],
    main: html`<main id="main" class="page">
      <div class="title"><h1>${words.campaigns}</h1></div>
      <p class="quiet">${view.campaigns.length === 0 ? words.none : words.campaignsNote}</p>
      ${view.campaigns.map((one) => card(one, words, view.locale))}
    </main>`,
  });
}

function card(one: InForce<Campaign | undefined>, words: SetUpWords, locale: Locale): Html {
  const { key, content, pack, revision } = one;
  const lines = content ? schedule(content, words) : [];
  const texts = (content ? messagesOf(content) : []).map((text) => html`<a href="/texts?key=${text.key}">${text.key}</a> `);
  return html`<section class="card">
    <h2>${content?.name[locale] ?? content?.name['uk'] ?? key}</h2>
    <dl class="facts">
      <dt>${words.facts.key}</dt><dd>${key} (${revision})</dd>
      <dt>${words.facts.pack}</dt><dd>${pack}</dd>
      ${lines.map(([name, value]) => html`<dt>${words.facts[name]}</dt><dd>${value}</dd>`)}
      <dt>${words.facts.texts}</dt><dd>${texts}</dd>
    </dl>
  </section>`;
} // prettier-ignore

function schedule(campaign: Campaign, words: SetUpWords): [keyof SetUpWords['facts'], string][] {
  const { when, window, cap, reminder, channels } = campaign;
  const centres = when.centres === 'all' ? words.everyCentre : when.centres.join(', ');
  const outcomes = when.outcomes.map((outcome) => words.outcomes[outcome] ?? outcome).join(', ');
  const days = window.days.map((day) => words.days[day] ?? day).join(' ');
  const next = channels.length > 1 ? `; ${words.fallback(words.duration(campaign.fallbackAfter))}` : '';
  return [
    ['who', `${outcomes}; ${centres}`],
    ['when', words.after(words.duration(campaign.delay))],
    ['hours', `${days} ${window.from}–${window.to}`],
    ['closed', window.closed.length === 0 ? words.no : window.closed.join(', ')],
    ['channels', `${channels.join(', ')}${next}`],
    ['cap', words.atMost(cap.invitations, words.duration(cap.per))],
    ['reminder', reminder ? words.reminderAfter(words.duration(reminder.after), reminder.max) : words.no],
    ['sample', words.percent(campaign.sample, campaign.control)],
    ['valid', words.validFor(words.duration(campaign.validFor))],
    ['basis', words.basis[campaign.legalBasis]],
    ['survey', campaign.survey],
  ];
}

/** What stands in the form of a text. */
export interface TextForm {
  readonly source: string;
  readonly role: 'invite' | 'reminder' | 'thanks';
  readonly channel: 'sms' | 'viber';
  readonly textLocale: string;
  readonly maxParts: number;
}

/** A text to try, and those in force to begin with. A button shows it; a script shows it while one types. */
export function textsPage(
  view: View & {
    readonly form: TextForm;
    readonly preview: Preview | undefined;
    readonly inForce: readonly InForce<{ texts: MessageTexts }>[];
  },
): string {
  const words = setUpWords(view.locale);
  return pageFrame(wordsOf(view.locale), {
    title: words.texts,
    principal: view.principal,
    path: '/texts',
    mode: 'wide',
    styles: ['set-up.css'],
    scripts: ['texts.js'],
    main: html`<main id="main" class="page">
      <div class="title"><h1>${words.texts}</h1></div>
      <p class="quiet">${words.textsNote}</p>
      <div class="two">
        <section class="card">${form(view.form, words, view.principal)}</section>
        <section class="card" id="preview" aria-live="polite">
          ${view.preview && shown(view.preview, words)}
        </section>
      </div>
      <section class="card">
        <h2>${words.inForce}</h2>
        ${view.inForce.map(({ key, content }) => links(key, content.texts))}
      </section>
    </main>`,
  });
}

function form(given: TextForm, words: SetUpWords, { csrf }: Principal): Html {
  const option = (value: string, name: string, chosen: string): Html =>
    html`<option value="${value}"${value === chosen && html` selected`}>${name}</option>`;
  return html`<form method="post" action="/texts" id="text-form" class="note">
    <input type="hidden" name="csrf" value="${csrf}" />
    <label for="source">${words.source}</label>
    <p class="quiet" id="source-hint">${words.sourceHint}</p>
    <textarea id="source" name="source" rows="6" maxlength="4000" spellcheck="true" aria-describedby="source-hint">${given.source}</textarea>
    <div class="row">
      <label>${words.role} <select name="role">${(['invite', 'reminder', 'thanks'] as const).map((role) => option(role, words.roles[role], given.role))}</select></label>
      <label>${words.channel} <select name="channel">${['sms', 'viber'].map((channel) => option(channel, channel, given.channel))}</select></label>
      <label>${words.locale} <select name="textLocale">${['uk', 'en'].map((locale) => option(locale, locale, given.textLocale))}</select></label>
      <label>${words.maxParts} <input type="number" name="maxParts" min="1" max="10" value="${given.maxParts}" /></label>
    </div>
    <p class="buttons"><button type="submit">${words.check}</button></p>
  </form>`;
} // prettier-ignore

function shown({ problems, typical, worst }: Preview, words: SetUpWords): Html {
  return html`${
    problems.length === 0
      ? html`<p class="fine">${words.fine}</p>`
      : html`<p class="problem">${words.problems}</p>
          <ul>
            ${problems.map(({ line, column, problem }) => html`<li>${words.place(line, column)}: <span lang="en">${problem}</span></li>`)}
          </ul>`
  }
  ${typical && text(words.typical, typical, words)} ${worst && text(words.worst, worst, words)}`;
}

function text(title: string, one: PreviewedText, words: SetUpWords): Html {
  const costly = one.costly.slice(0, 12).join(' ');
  return html`<h2>${title}</h2>
    <blockquote>${one.text}</blockquote>
    <p><b>${words.cost(one.encoding, one.units, one.parts)}</b></p>
    ${costly !== '' && html`<p class="quiet">${words.costly(costly)}${one.costly.length > 12 && ' …'}</p>`}`;
}

function links(key: string, texts: MessageTexts): Html {
  const each = Object.entries(texts).flatMap(([locale, byChannel]) =>
    Object.keys(byChannel).map(
      (channel) => html`<a href="/texts?key=${key}&amp;textLocale=${locale}&amp;channel=${channel}">${locale} ${channel}</a> `,
    ),
  );
  return html`<p><b>${key}</b> ${each}</p>`;
} // prettier-ignore
