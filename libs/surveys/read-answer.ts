import { foldText, retyped } from '#kernel/folding';
import { checkAnswer, MAX_TEXT_LENGTH } from './answer-check.js';
import { optionsOf, type Option } from './options.js';
import { readChoice, readMany, readRating, type Found } from './read-marks.js';
import { remarkAfter } from './remark.js';
import type { AnswerValue, Question } from './survey.js';
import { takePhrase, tokensOf, type Token } from './tokens.js';
import { wordsIn } from './wording.js';

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

const YES = 'так да yes y yep yeah ага угу звісно звичайно безумовно авжеж конечно + 👍 ✅ ✔ ☑ tak'.split(
  ' ',
);
const NO = 'ні нет no n nope не неа нє нєт 👎 ❌ ✖ ni'.split(' ');
/** Before yes and no they add nothing: "ну так", "та ні". */
const BEFORE_YES = /^(ну|та|oh|well)$/;
/** After yes they only stress it. */
const STRESS = /^(звичайно|звісно|безумовно|конечно|авжеж|точно|обов'язково|sure|please|\+)$/;

/** The official words of the national scale as Russian speakers give them back; only where a survey uses those words. */
const IN_RUSSIAN: Readonly<Record<string, readonly string[]>> = {
  жахливо: ['ужасно'],
  погано: ['плохо'],
  прийнятно: ['приемлемо'],
  добре: ['хорошо'],
  чудово: ['чудесно', 'отлично'],
};

/**
 * Reads what a person wrote as the answer to a question, in any of the languages people write in. Undefined when
 * it cannot be told for sure: 3.5, 4-5, 55 and "2 години чекала" are never guessed at.
 */
export function readAnswer(question: Question, text: string): Reading | undefined {
  const folded = foldText(text);
  if (folded === '') return undefined;
  if (question.optional && skips(question, folded)) return { value: null };
  if (question.type === 'text') return { value: clip(text.trim()) };
  return readClosed(question, text) ?? readRetyped(question, folded);
}

function readClosed(question: Question, text: string): Reading | undefined {
  const found = find(question, tokensOf(text));
  const checked = found && checkAnswer(question, found.value);
  if (!found || !checked?.ok) return undefined;
  const comment = remarkAfter(text, found.rest, found.byWord);
  if (comment === undefined) return undefined;
  return comment === '' ? { value: checked.value } : { value: checked.value, comment };
}

/** One word typed on the other keyboard layout (`xeljdj` for чудово); only when it is the whole answer. */
function readRetyped(question: Question, folded: string): Reading | undefined {
  if (!/\p{L}/u.test(folded) || /\d/.test(folded)) return undefined;
  const readings = retyped(folded).map((typed) => readClosed(question, typed));
  return readings.find((reading) => reading !== undefined && reading.comment === undefined);
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
      return readRating(tokens, {
        min: question.min,
        max: question.max,
        labels: [...labels, russian(labels[0] ?? [])],
      });
    case 'nps':
      return readRating(tokens, { min: 0, max: 10, labels: [npsEnds('uk'), npsEnds('en')] });
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

function npsEnds(locale: string): Option[] {
  const { unlikely, likely } = wordsIn(locale);
  return [
    { value: 0, label: unlikely, numbered: '0' },
    { value: 10, label: likely, numbered: '10' },
  ];
}

function russian(ukrainian: readonly Option[]): Option[] {
  return ukrainian.flatMap((option) =>
    (IN_RUSSIAN[option.label.toLowerCase()] ?? []).map((label) => ({ ...option, label })),
  );
}

function localesIn(question: Question): string[] {
  const named = question.type === 'scale' ? Object.keys(question.labels ?? {}) : Object.keys(question.text);
  return [...new Set(['uk', 'en', ...named])];
}

function readYesNo(all: readonly Token[]): Found | undefined {
  const tokens = BEFORE_YES.test(all[0]?.folded ?? '') ? all.slice(1) : all;
  for (const [words, value] of [
    [YES, true],
    [NO, false],
  ] as const) {
    const taken = words.some((word) => takePhrase(tokens, word) > 0) ? 1 : 0;
    if (taken === 0) continue;
    const rest = tokens.slice(endOfStress(tokens, value));
    const opposite = value ? NO : YES;
    // "так, ні" takes itself back.
    const next = rest.find((token) => token.kind === 'word');
    if (next !== undefined && opposite.includes(next.folded)) return undefined;
    return { value, rest, byWord: true };
  }
  return undefined;
}

/** Where the answer ends when it is said again or stressed: "так-так", "так, звичайно", "ні ні". */
function endOfStress(tokens: readonly Token[], isYes: boolean): number {
  const said = tokens[0]?.folded ?? '';
  let end = 1;
  for (let at = 1; at < tokens.length; at++) {
    const folded = tokens[at]?.folded ?? '';
    if (folded === said || (isYes && STRESS.test(folded))) end = at + 1;
    else if (!/^[-–,.!]$/.test(folded)) break;
  }
  return end;
}
