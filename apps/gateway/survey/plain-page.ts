import type { Pages } from './pages.js';
import { pageWords, PAGE_WORDS, type Message } from './words.js';

/** A page of no invitation: the same for everybody, in Ukrainian with the English words below. */
export function plainPage(pages: Pages, kind: 'unknown' | 'tooMany' | 'broken'): string {
  const words = pageWords('uk');
  const message: Message = words[kind];
  const english = (PAGE_WORDS['en'] ?? words)[kind];
  return pages.message({
    locale: 'uk',
    words,
    place: null,
    languages: null,
    links: null,
    ...message,
    foreign: { lang: 'en', heading: english.heading, paragraphs: english.paragraphs },
  });
}
