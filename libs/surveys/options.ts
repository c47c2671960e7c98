import { textIn, type Question } from './survey.js';
import { wordsIn } from './wording.js';

/** One possible answer as a person sees it. */
export interface Option {
  readonly value: number | boolean | string;
  readonly label: string;
  /** What one types for it by SMS: the mark itself, or its place in the list. */
  readonly numbered: string;
}

/** The closed answers of a question in their order, in words of the locale; none for free text. */
export function optionsOf(question: Question, locale: string): Option[] {
  switch (question.type) {
    case 'scale': {
      const labels = labelsOf(question, locale);
      return labels.map((label, i) => ({
        value: question.min + i,
        label,
        numbered: String(question.min + i),
      }));
    }
    case 'nps':
      return Array.from({ length: 11 }, (_, i) => ({ value: i, label: String(i), numbered: String(i) }));
    case 'yesno': {
      const { yes, no } = wordsIn(locale);
      return [
        { value: true, label: yes, numbered: '1' },
        { value: false, label: no, numbered: '2' },
      ];
    }
    case 'choice':
    case 'multi':
      return question.choices.map((choice, i) => ({
        value: choice.key,
        label: textIn(choice.text, locale),
        numbered: String(i + 1),
      }));
    case 'text':
      return [];
  }
}

/**
 * Word labels of a scale: its own, else the state's five words for a scale of 1 to 5 (Cabinet resolution 864 of
 * 2021 uses чудово, добре, прийнятно, жахливо), else bare marks.
 */
export function labelsOf(question: Extract<Question, { type: 'scale' }>, locale: string): readonly string[] {
  const own = question.labels?.[locale] ?? question.labels?.['uk'];
  if (own) return own;
  const { min, max } = question;
  if (min === 1 && max === 5) return wordsIn(locale).fiveMarks;
  return Array.from({ length: max - min + 1 }, (_, i) => String(min + i));
}
