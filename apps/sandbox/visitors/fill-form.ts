import type { Chance } from '../chance.js';
import type { Choice, FormField, HtmlForm, SubmitButton } from './html-forms.js';
import type { Mood } from './intention.js';
import { commentOf, scoreOf } from './opinions.js';

/** A form as a browser would send it. */
export interface FilledForm {
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
}

const NOT_FORWARD = /skip|back|prev|stop|lang|locale|пропуст|назад|поверн|відпис|не писати|не турбу/i;
const NOT_ANSWERS = /^(lang|locale|language)$/i;

/** The form that asks something: posted, not the refusal, not the language switch; the one with most to answer. */
export function surveyForm(forms: readonly HtmlForm[]): HtmlForm | undefined {
  const candidates = forms
    .filter(({ method, action }) => method === 'post' && !/\/stop(?:[?#]|$)/.test(action))
    .filter((form) => form.buttons.some(({ name }) => !NOT_ANSWERS.test(name)))
    .map((form) => ({ form, asks: form.fields.filter(isQuestion).length }));
  const asking = candidates.sort((a, b) => b.asks - a.asks)[0];
  if (!asking) return undefined;
  // Without a question only buttons with values of their own count: one for each mark, say.
  const marks = asking.form.buttons.filter(
    ({ name, value }) => name !== '' && value !== '' && !NOT_ANSWERS.test(name),
  );
  return asking.asks > 0 || marks.length > 1 ? asking.form : undefined;
}

/**
 * Tells one step from another. Pages may use the same field names in every step, so the words on it count, and the
 * hidden fields that name the question.
 */
export function questionOf(form: HtmlForm): string {
  const hidden = form.fields
    .filter(({ kind }) => kind === 'hidden')
    .map(({ name, value }) => `${name}=${value}`);
  return [...hidden, form.text].join(' ');
}

/** Answers a form in a mood. With `thorough` nothing is left out, for a form that came back. */
export function fillForm(
  chance: Chance,
  mood: Mood,
  form: HtmlForm,
  person: string,
  thorough: boolean,
): FilledForm {
  const fields: [string, string][] = [];
  let wrote = false;
  for (const field of form.fields) {
    const values = valuesOf(chance, mood, field, [person, form.text, field.name], thorough);
    for (const value of values) fields.push([field.name, value]);
    if (isQuestion(field) && values.some((value) => value !== '')) wrote = true;
  }
  const button = buttonOf(chance, mood, form, person, wrote);
  if (button && button.name !== '') fields.push([button.name, button.value]);
  return { action: button?.formAction ?? form.action, fields };
}

function isQuestion(field: FormField): boolean {
  return field.kind !== 'hidden' && !field.trap && !NOT_ANSWERS.test(field.name);
}

function valuesOf(
  chance: Chance,
  mood: Mood,
  field: FormField,
  purpose: string[],
  thorough: boolean,
): string[] {
  switch (field.kind) {
    case 'hidden':
      return [field.value];
    case 'text':
      if (field.trap) return [field.value];
      return [mood.comments || thorough ? commentOf(chance, mood, ...purpose).slice(0, field.maxLength) : ''];
    case 'radio':
    case 'select': {
      const usable = field.choices.filter(({ value }) => value !== '');
      return usable.length === 0 ? [] : [choose(chance, mood, usable, purpose).value];
    }
    case 'checkbox':
      return tick(chance, mood, field.choices, purpose).map(({ value }) => value);
  }
}

/** A mark on a scale of whole numbers, yes or no by mood, else any. */
function choose(chance: Chance, mood: Mood, choices: readonly Choice[], purpose: string[]): Choice {
  const numbers = choices.map(({ value }) => (/^-?\d{1,3}$/.test(value) ? Number(value) : NaN));
  if (choices.length >= 3 && numbers.every((n) => !Number.isNaN(n))) {
    const wanted = scoreOf(chance, mood, Math.min(...numbers), Math.max(...numbers), ...purpose);
    const nearest = choices.toSorted(
      (a, b) => Math.abs(Number(a.value) - wanted) - Math.abs(Number(b.value) - wanted),
    )[0];
    if (nearest) return nearest;
  }
  const yes = choices.find(
    ({ value, label }) => /^(yes|true|так)$/i.test(value) || /^(так|yes)\b/i.test(label),
  );
  const no = choices.find(({ value, label }) => /^(no|false|ні)$/i.test(value) || /^(ні|no)\b/i.test(label));
  if (yes && no) return mood.satisfaction === 'bad' ? no : yes;
  return chance.pick(choices, 'choice', ...purpose);
}

/** One or two of the boxes. */
function tick(chance: Chance, mood: Mood, choices: readonly Choice[], purpose: string[]): Choice[] {
  const first = chance.pick(choices, 'first box', ...purpose);
  const second = chance.pick(choices, 'second box', ...purpose);
  return mood.satisfaction === 'bad' && second !== first ? [first, second] : [first];
}

function buttonOf(
  chance: Chance,
  mood: Mood,
  form: HtmlForm,
  person: string,
  wrote: boolean,
): SubmitButton | undefined {
  const named = ({ name, value, label }: SubmitButton): string => `${name} ${value} ${label}`;
  const onward = form.buttons.filter((button) => !NOT_FORWARD.test(named(button)));
  const skip = form.buttons.find((button) => /skip|пропуст/i.test(named(button)));
  const questions = form.fields.some(isQuestion);
  if (questions && !wrote && skip) return skip;
  const marks = onward.filter(({ name, value }) => name !== '' && value !== '');
  if (!questions && marks.length > 1) {
    const choices = marks.map(({ value, label }) => ({ value, label, checked: false }));
    const chosen = choose(chance, mood, choices, [person, form.text]);
    return marks.find(({ value }) => value === chosen.value);
  }
  return onward[0] ?? form.buttons[0];
}
