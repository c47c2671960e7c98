import type { AnswerValue, Answers, Question, Survey } from './survey.js';
import type { Condition, When } from './survey-shape.js';

/** What conditions may know of a visit. */
export interface VisitFacts {
  readonly centre?: string | null;
  readonly serviceCode?: string | null;
  readonly serviceName?: string | null;
  readonly desk?: string | null;
  readonly employee?: string | null;
  readonly outcome?: string | null;
  readonly language?: string | null;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

type Holds = 'yes' | 'no' | 'unknown';

/**
 * The questions this person's answers lead through, in order. A stored answer counts only while its question
 * applies, so an answer changed on the way back takes its follow-ups with it.
 */
export function applicable(survey: Survey, answers: Answers, visit: VisitFacts): Question[] {
  return walk(survey, answers, visit)
    .filter((q) => q.applies === 'yes')
    .map((q) => q.question);
}

/** The first applicable question without an answer; undefined when nothing is left to ask. */
export function nextQuestion(survey: Survey, answers: Answers, visit: VisitFacts): Question | undefined {
  return applicable(survey, answers, visit).find((question) => !(question.key in answers));
}

/**
 * Whether every question that must be answered on this person's way has its answer. What is optional may stay open:
 * nobody who leaves the last remark empty has answered in part. A question that must be answered and that an open
 * one may still bring is waited for, since until then nobody knows whether it lies on the way.
 */
export function isComplete(survey: Survey, answers: Answers, visit: VisitFacts): boolean {
  return walk(survey, answers, visit).every(
    ({ question, applies }) => question.optional === true || applies === 'no' || question.key in answers,
  );
}

/** Where `question` stands: its number on this person's way, and how many there can be at most. */
export function progress(
  survey: Survey,
  answers: Answers,
  visit: VisitFacts,
  question: Question,
): { step: number; atMost: number } {
  const steps = walk(survey, answers, visit).filter((q) => q.applies !== 'no');
  const step = steps.findIndex((q) => q.question.key === question.key) + 1;
  return { step, atMost: steps.length };
}

function walk(survey: Survey, answers: Answers, visit: VisitFacts): { question: Question; applies: Holds }[] {
  const known = new Map<string, AnswerValue>();
  const open = new Set<string>();
  return survey.questions.map((question) => {
    const applies = whenHolds(question.when, known, open, visit);
    const answer = answers[question.key];
    if (applies === 'yes' && answer !== undefined) known.set(question.key, answer);
    else if (applies !== 'no') open.add(question.key);
    return { question, applies };
  });
}

function whenHolds(
  when: When | undefined,
  known: ReadonlyMap<string, AnswerValue>,
  open: ReadonlySet<string>,
  visit: VisitFacts,
): Holds {
  let result: Holds = 'yes';
  for (const [key, condition] of Object.entries(when ?? {})) {
    if (key === 'visit') {
      const fields = Object.entries(condition as Record<string, Condition>);
      if (!fields.every(([field, wanted]) => matches(fieldOf(visit, field), wanted, sameField))) return 'no';
    } else if (open.has(key)) {
      result = 'unknown';
    } else if (!matches(known.get(key), condition as Condition, (a, b) => a === b)) {
      return 'no';
    }
  }
  return result;
}

function matches(value: unknown, wanted: Condition, same: (a: unknown, b: unknown) => boolean): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.some((one) => matches(one, wanted, same));
  if (Array.isArray(wanted)) return wanted.some((one) => same(value, one));
  if (typeof wanted !== 'object') return same(value, wanted);
  const { atMost = Infinity, atLeast = -Infinity } = wanted;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && number <= atMost && number >= atLeast;
}

/** Feeds from text files know no types: the attribute `"true"` or `"TRUE"` is as good as `true`. */
function sameField(a: unknown, b: unknown): boolean {
  return a === b || String(a).trim().toLowerCase() === String(b).toLowerCase();
}

function fieldOf(visit: VisitFacts, field: string): unknown {
  if (field.startsWith('attributes.')) return visit.attributes?.[field.slice('attributes.'.length)];
  return visit[field as Exclude<keyof VisitFacts, 'attributes'>];
}
