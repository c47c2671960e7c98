import type { Locale } from '../wording.js';
import type { PeopleWords } from './wording.js';
import { en } from './words-en.js';
import { uk } from './words-uk.js';

const byLocale: Readonly<Record<Locale, PeopleWords>> = { uk, en };

export function peopleWordsOf(locale: Locale): PeopleWords {
  return byLocale[locale];
}
