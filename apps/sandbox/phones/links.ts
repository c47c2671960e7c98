import { SURVEY_CODE } from '#kernel/ids';
import type { Link } from './phone.js';

const ADDRESS = /\b(?:https?:\/\/|viber:\/\/)[^\s<>"«»]+/gi;
const AFTER_SENTENCE = /[.,;:!?)\]…]+$/;

/** Addresses in a text as a phone would underline them, without the full stop that ends the sentence. */
export function linksIn(text: string): Link[] {
  return [...text.matchAll(ADDRESS)].map(([found]) => {
    const url = found.replace(AFTER_SENTENCE, '');
    const code = surveyCodeOf(url);
    return code === undefined ? { url } : { url, code };
  });
}

/** The survey code in one of our addresses: the first step of the path, or the context of a deep link. */
export function surveyCodeOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const code =
    url.protocol === 'viber:' ? url.searchParams.get('context') : (url.pathname.split('/')[1] ?? null);
  return code !== null && SURVEY_CODE.test(code) ? code : undefined;
}
