import { foldText } from '#kernel/folding';
import { checkAnswer, MAX_TEXT_LENGTH } from './answer-check.js';
import { optionsOf } from './options.js';
import { readChoice, readMany, readRating, type Found } from './read-marks.js';
import { remarkAfter } from './remark.js';
import type { AnswerValue, Question } from './survey.js';
import { takePhrase, tokensOf, type Token } from './tokens.js';

export interface Reading {
  readonly value: AnswerValue;
  /** What the person added, as typed. */
  readonly comment?: string;
}

const SKIPS = new Set(['-', '–', '—', 'пропустити', 'пропустить', 'пропускаю', 'далі', 'skip']);
/** To "anything to add?" these say nothing. */
const NOTHING = new Set([
  ...'ні нет no немає нема нету нічого ничего none nothing'.split(' '),
  ...['без коментарів', 'без комментариев', 'no comment'],
]);

const YES = 'так да yes y yep yeah ага звісно звичайно авжеж конечно + 👍 ✅ tak'.split(' ');
const NO = 'ні нет no n nope не неа нє 👎 ❌ ni'.split(' ');

/**
 * Reads what a person wrote as the answer to a question, in any of the languages people write in. Undefined when
 * it cannot be told for sure: 3.5, 4-5, 55 and "2 години чекала" are never guessed at.
 */
export function readAnswer(question: Question, text: string): Reading | undefined {
  const folded = foldText(text);
  if (folded === '') return undefined;
  if (question.optional && skips(question, folded)) return { value: null };
  if (question.type === 'text') return { value: clip(text.trim()) };
  const tokens = tokensOf(text);
  const found = find(question, tokens);
  if (!found || !checkAnswer(question, found.value).ok) return undefined;
  const comment = remarkAfter(text, found.rest, found.byWord);
  if (comment === undefined) return undefined;
  return comment === '' ? { value: found.value } : { value: found.value, comment };
}

function skips(question: Question, folded: string): boolean {
  return SKIPS.has(folded) || (question.type === 'text' && NOTHING.has(folded.replace(/[.!]+$/, '')));
}

function clip(text: string): string {
  return [...text].slice(0, MAX_TEXT_LENGTH).join('');
}

function find(question: Question, tokens: readonly Token[]): Found | undefined {
  // A person may use the words of any language the survey has.
  const labels = localesIn(question).map((locale) => optionsOf(question, locale));
  switch (question.type) {
    case 'scale':
      return readRating(tokens, { min: question.min, max: question.max, labels });
    case 'nps':
      return readRating(tokens, { min: 0, max: 10, labels: [] });
    case 'choice':
      return readChoice(tokens, labels);
    case 'multi':
      return readMany(tokens, labels);
    case 'yesno':
      return readYesNo(tokens);
    case 'text':
      return undefined;
  }
}

function localesIn(question: Question): string[] {
  const named = question.type === 'scale' ? Object.keys(question.labels ?? {}) : Object.keys(question.text);
  return [...new Set(['uk', 'en', ...named])];
}

function readYesNo(tokens: readonly Token[]): Found | undefined {
  for (const [words, value] of [
    [YES, true],
    [NO, false],
  ] as const) {
    const taken = words.some((word) => takePhrase(tokens, word) > 0) ? 1 : 0;
    if (taken === 0) continue;
    const rest = tokens.slice(1);
    const opposite = value ? NO : YES;
    // "так, ні" takes itself back.
    const next = rest.find((token) => token.kind === 'word');
    if (next !== undefined && opposite.includes(next.folded)) return undefined;
    return { value, rest, byWord: true };
  }
  return undefined;
}
