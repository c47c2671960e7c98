import type { Problem } from '../http/problem.js';
import { html } from './html.js';
import { pageFrame } from './page.js';
import type { Locale } from './wording.js';
import { wordsOf } from './words.js';

/** What a person sees when a page cannot be shown; the stable code helps whoever is asked for help. */
export function errorPage(locale: Locale, problem: Problem): string {
  const words = wordsOf(locale);
  const text = problem.status === 404 ? words.error.notFound : words.error.other;
  return pageFrame(words, {
    title: words.error.title,
    path: '/',
    mode: 'narrow',
    main: html`<main id="main" class="card lone">
      <h1>${words.error.title}</h1>
      <p>${text}</p>
      <p class="quiet">${problem.code}</p>
      <p><a class="button" href="/">${words.error.back}</a></p>
    </main>`,
  });
}
