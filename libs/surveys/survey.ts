import type { z } from 'zod';
import { checkSurvey } from './survey-rules.js';
import { surveyShape } from './survey-shape.js';

/** What one question was answered with. `null`: the person chose to skip an optional question. */
export type AnswerValue = number | boolean | string | readonly string[] | null;

/** Answers by question key. For free text any string stands for "answered": conditions never look into it. */
export type Answers = Readonly<Record<string, AnswerValue>>;

/**
 * A questionnaire as `surveys/*.yaml` has it. Parsing changes nothing, so a stored survey parses again to itself.
 * Every problem is reported with its path.
 */
export const surveySchema = surveyShape.superRefine((survey, context) => {
  for (const { path, problem } of checkSurvey(survey)) {
    context.addIssue({ code: 'custom', path: [...path], message: problem });
  }
});

export type Survey = z.infer<typeof surveySchema>;
export type Question = Survey['questions'][number];
export type QuestionType = Question['type'];
export type Texts = Readonly<Record<string, string>>;

/** The text in the locale, else in Ukrainian. */
export function textIn(byLocale: Texts, locale: string): string {
  return byLocale[locale] ?? byLocale['uk'] ?? '';
}

/** Locales that every text of the survey has: those a person may switch to. Ukrainian comes first. */
export function localesOf(survey: Survey): string[] {
  const all = [survey.title, ...survey.questions.flatMap((q) => [q.text, ...choiceTexts(q)])];
  const [first, ...others] = all.map((byLocale) => Object.keys(byLocale));
  const common = (first ?? []).filter((locale) => others.every((known) => known.includes(locale)));
  return ['uk', ...common.filter((locale) => locale !== 'uk').sort()];
}

function choiceTexts(q: Question): Texts[] {
  return q.type === 'choice' || q.type === 'multi' ? q.choices.map((choice) => choice.text) : [];
}
