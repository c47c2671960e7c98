import { cookieOf } from '#access/authenticate';
import type { Locale, Words } from './wording.js';
import { en } from './words-en.js';
import { uk } from './words-uk.js';

export const LOCALE_COOKIE = 'vidhuk_locale';

const byLocale: Readonly<Record<Locale, Words>> = { uk, en };

export function wordsOf(locale: Locale): Words {
  return byLocale[locale];
}

/** The language a person chose, else Ukrainian: the state language is the default (Law 2704-VIII). */
export function localeOf(request: { readonly headers: { readonly cookie?: string | undefined } }): Locale {
  return cookieOf(request.headers.cookie, LOCALE_COOKIE) === 'en' ? 'en' : 'uk';
}
