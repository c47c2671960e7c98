import type { Principal } from '#access/principal';
import { analysisWords } from './analysis-wording.js';
import { html, type Html } from './html.js';
import type { Words } from './wording.js';

/** The frame of every page. `head` goes beside the brand, `scripts` are files of our own. */
export function pageFrame(
  words: Words,
  part: { title: string; bar?: Html; main: Html; path: string; scripts?: readonly string[]; mode: string },
): string {
  const { locale, name } = words.otherLanguage;
  return html`<!doctype html>
    <html lang="${words.locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <title>${part.title} · ${words.brand}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/console.css" />
        ${(part.scripts ?? []).map((script) => html`<script src="/assets/${script}" defer></script>`)}
      </head>
      <body class="${part.mode}">
        <a class="skip" href="#main">${words.skip}</a>
        <header class="bar">
          <a class="brand" href="/"
            ><img src="/assets/icon.svg" alt="" width="32" height="32" /><span>${words.brand}</span></a
          >
          ${part.bar ?? ''}
          <a
            class="language"
            href="/locale/${locale}?next=${encodeURIComponent(part.path)}"
            lang="${locale}"
            hreflang="${locale}"
            >${name}</a
          >
        </header>
        ${part.main}
      </body>
    </html> `.text;
}

/** Who is signed in, where else they may go, and the way out. */
export function signOut(words: Words, { name, csrf, role }: Principal): Html {
  const { nav } = analysisWords(words.locale);
  return html`<nav class="pages" aria-label="${words.brand}">
      <a href="/">${nav.live}</a> ${role !== 'operator' && html`<a href="/analysis">${nav.analysis}</a>`}
    </nav>
    <span class="who">${name}</span>
    <form method="post" action="/sign-out">
      <input type="hidden" name="csrf" value="${csrf}" /><button class="plain" type="submit">
        ${words.signIn.out}
      </button>
    </form>`;
}
