import type { Principal } from '#access/principal';
import { html, type Html } from './html.js';
import { navigation } from './navigation.js';
import type { Words } from './wording.js';

/** The frame of every page. `principal`: who is signed in, and so where they can go; `scripts` and `styles` are files of our own. */
export function pageFrame(
  words: Words,
  part: {
    title: string;
    principal?: Principal;
    main: Html;
    path: string;
    scripts?: readonly string[];
    styles?: readonly string[];
    mode: string;
  },
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
        ${(part.styles ?? []).map((style) => html`<link rel="stylesheet" href="/assets/${style}" />`)}
        ${(part.scripts ?? []).map((script) => html`<script src="/assets/${script}" defer></script>`)}
      </head>
      <body class="${part.mode}">
        <a class="skip" href="#main">${words.skip}</a>
        <header class="bar">
          <a class="brand" href="/"
            ><img src="/assets/icon.svg" alt="" width="32" height="32" /><span>${words.brand}</span></a
          >
          ${part.principal && navigation(words, part.principal, part.path)}
          <a
            class="language"
            href="/locale/${locale}?next=${encodeURIComponent(part.path)}"
            lang="${locale}"
            hreflang="${locale}"
            >${name}</a
          >
        </header>
        ${part.principal && newsOf(words, part.principal)} ${part.main}
      </body>
    </html> `.text;
}

/** That something happened to the account of which this browser was not told. */
function newsOf(words: Words, { news = 0 }: Principal): Html | false {
  return (
    news > 0 && html`<p class="news" role="status"><a href="/account#events">${words.news(news)}</a></p>`
  );
}
