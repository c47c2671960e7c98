import { html } from './html.js';
import { pageFrame } from './page.js';
import { PASSWORD_SCRIPT, sight } from './password-sight.js';
import type { Locale } from './wording.js';
import { wordsOf } from './words.js';

/** The sign-in form; after a failure it says what to do and keeps the address typed. */
export function signInPage(
  locale: Locale,
  form: {
    email: string;
    next: string;
    provider: boolean;
    wrong?: boolean;
    expired?: boolean;
    waitMs?: number;
  },
): string {
  const words = wordsOf(locale);
  const { signIn } = words;
  const problem =
    form.waitMs !== undefined
      ? signIn.wait(Math.ceil(form.waitMs / 60_000))
      : form.wrong
        ? signIn.wrong
        : form.expired
          ? signIn.lapsed
          : undefined;
  return pageFrame(words, {
    title: signIn.title,
    path: `/sign-in?next=${encodeURIComponent(form.next)}`,
    mode: 'narrow',
    scripts: [PASSWORD_SCRIPT],
    main: html`<main id="main" class="card lone">
      <p class="quiet">${words.tagline}</p>
      <h1>${signIn.title}</h1>
      ${problem !== undefined && html`<p class="alert" role="alert" id="problem">${problem}</p>`}
      <form method="post" action="/sign-in">
        <input type="hidden" name="next" value="${form.next}" />
        <label for="email">${signIn.email}</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          required
          value="${form.email}"
          ${described(problem)}
        />
        <label for="password">${signIn.password}</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          ${sight(words)}${described(problem)}
        />
        <button class="button" type="submit">${signIn.button}</button>
      </form>
      ${
        form.provider &&
        html`<p>
          <a href="/sign-in/provider?next=${encodeURIComponent(form.next)}">${signIn.provider}</a>
        </p>`
      }
    </main>`,
  });
}

function described(problem: string | undefined): ReturnType<typeof html> | false {
  return problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`;
}
