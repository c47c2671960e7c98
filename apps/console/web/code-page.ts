import { html } from './html.js';
import { pageFrame } from './page.js';
import { peopleWordsOf } from './people/words.js';
import type { Locale } from './wording.js';
import { wordsOf } from './words.js';

/** The second step of signing in: a code of the authenticator, or a recovery code. */
export function codePage(
  locale: Locale,
  form: { next: string; wrong?: boolean; expired?: boolean; waitMs?: number },
): string {
  const words = wordsOf(locale);
  const { code } = peopleWordsOf(locale);
  const back = `/sign-in?next=${encodeURIComponent(form.next)}`;
  const problem =
    form.waitMs !== undefined
      ? words.signIn.wait(Math.ceil(form.waitMs / 60_000))
      : form.expired
        ? code.expired
        : form.wrong
          ? code.wrong
          : undefined;
  return pageFrame(words, {
    title: code.title,
    path: `/sign-in/code?next=${encodeURIComponent(form.next)}`,
    mode: 'narrow',
    main: html`<main id="main" class="card lone">
      <h1>${code.title}</h1>
      ${problem !== undefined && html`<p class="alert" role="alert" id="problem">${problem}</p>`}
      <form method="post" action="/sign-in/code">
        <input type="hidden" name="next" value="${form.next}" />
        <label for="code">${code.label}</label>
        <input
          id="code"
          name="code"
          autocomplete="one-time-code"
          autocapitalize="off"
          spellcheck="false"
          required
          aria-describedby="hint${problem !== undefined && ' problem'}"
        />
        <p class="quiet" id="hint">${code.hint}</p>
        <button class="button" type="submit">${words.signIn.button}</button>
      </form>
      <p><a href="${back}">${code.back}</a></p>
    </main>`,
  });
}
