import { html, type Html } from './html.js';
import { listView } from './list-view.js';
import { threadView } from './thread-view.js';
import type { View } from './view.js';
import { words } from './words.js';

/** The whole page. It is also what the script fetches to bring itself up to date. */
export function pageView(view: View): Html {
  const w = words[view.language];
  return html`<!doctype html>
    <html lang="${view.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${w.title}</title>
        <link rel="icon" href="/assets/phone.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/phone.css" />
        <script src="/assets/phone.js" defer></script>
      </head>
      <body class="${view.chosen ? 'chosen' : 'unchosen'}" data-failed="${w.failed}">
        <a class="skip" href="#main">${w.skip}</a>
        <main class="app">${listView(view)} ${threadView(view)}</main>
      </body>
    </html> `;
}
