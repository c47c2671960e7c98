import type { AnswerValue, Question } from './survey.js';

/** The longest message a person can send us (Viber's limit), so that no word of an answer by text is lost. */
export const MAX_TEXT_LENGTH = 7000;

export type Checked =
  | { readonly ok: true; readonly value: AnswerValue }
  | { readonly ok: false; readonly problem: 'missing' | 'not_an_answer' | 'too_long' };

const missing: Checked = { ok: false, problem: 'missing' };
const wrong: Checked = { ok: false, problem: 'not_an_answer' };

/** Whether the value answers the question; in the canonical form that is stored (a multi in the survey's order). */
export function checkAnswer(question: Question, value: unknown): Checked {
  if (value === null) return question.optional ? { ok: true, value: null } : missing;
  if (value === undefined) return missing;
  switch (question.type) {
    case 'scale':
      return within(value, question.min, question.max);
    case 'nps':
      return within(value, 0, 10);
    case 'yesno':
      return typeof value === 'boolean' ? { ok: true, value } : wrong;
    case 'choice':
      return question.choices.some(({ key }) => key === value) ? { ok: true, value: value as string } : wrong;
    case 'multi':
      return checkMulti(question.choices, value);
    case 'text':
      return checkText(value);
  }
}

function within(value: unknown, min: number, max: number): Checked {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  return fits ? { ok: true, value } : wrong;
}

function checkMulti(choices: readonly { key: string }[], value: unknown): Checked {
  if (!Array.isArray(value)) return wrong;
  if (value.length === 0) return missing;
  const chosen = new Set<unknown>(value);
  const keys = choices.map(({ key }) => key).filter((key) => chosen.has(key));
  return keys.length === chosen.size ? { ok: true, value: keys } : wrong;
}

function checkText(value: unknown): Checked {
  if (typeof value !== 'string') return wrong;
  const text = value.replace(/\r\n?/g, '\n').trim();
  if (text === '') return missing;
  return [...text].length > MAX_TEXT_LENGTH ? { ok: false, problem: 'too_long' } : { ok: true, value: text };
}

/** Reads the fields of an HTML form or a button, where every value is a string. `-` skips. */
export function answerFromForm(question: Question, values: readonly string[]): unknown {
  const [first] = values;
  if (first === undefined) return question.type === 'multi' ? [] : undefined;
  if (first === SKIP && question.type !== 'text') return null;
  switch (question.type) {
    case 'scale':
    case 'nps':
      return /^\d{1,2}$/.test(first) ? Number(first) : first;
    case 'yesno':
      return first === 'yes' ? true : first === 'no' ? false : first;
    case 'choice':
    case 'text':
      return first;
    case 'multi':
      return values;
  }
}

/** No key of a choice can be a dash. */
export const SKIP = '-';

/** The inverse of `answerFromForm` for one value: what a radio or button carries. */
export function formValue(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
