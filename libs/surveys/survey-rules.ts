import type { Condition, QuestionShape as Question, SurveyShape } from './survey-shape.js';

interface Problem {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

/** Fields of a visit that a condition may name; `attributes.*` is open. */
const VISIT_FIELDS = new Set([
  'centre',
  'serviceCode',
  'serviceName',
  'desk',
  'employee',
  'outcome',
  'language',
]);

/** What a schema cannot say of one field alone: unique keys, label counts, conditions that look back only. */
export function checkSurvey(survey: SurveyShape): Problem[] {
  const problems: Problem[] = [];
  const earlier = new Map<string, Question>();
  survey.questions.forEach((question, index) => {
    const at = ['questions', index];
    const found = [
      ...(earlier.has(question.key) ? [{ path: ['key'], problem: `"${question.key}" is used twice` }] : []),
      ...checkRange(question),
      ...checkChoices(question),
      ...checkWhen(question, earlier),
    ];
    problems.push(...found.map(({ path, problem }) => ({ path: [...at, ...path], problem })));
    earlier.set(question.key, question);
  });
  return problems;
}

function checkRange(question: Question): Problem[] {
  if (question.type !== 'scale') return [];
  const { min, max, alertAtMost } = question;
  if (min >= max) return [{ path: ['max'], problem: 'max must be greater than min' }];
  const problems: Problem[] = [];
  if (alertAtMost !== undefined && (alertAtMost < min || alertAtMost > max)) {
    problems.push({ path: ['alertAtMost'], problem: `must lie between ${min} and ${max}` });
  }
  for (const [locale, words] of Object.entries(question.labels ?? {})) {
    const path = ['labels', locale];
    const wanted = max - min + 1;
    if (words.length !== wanted) {
      problems.push({
        path,
        problem: `${wanted} labels are needed for ${min} to ${max}, got ${words.length}`,
      });
    }
    if (new Set(words).size !== words.length) problems.push({ path, problem: 'labels must differ' });
  }
  return problems;
}

function checkChoices(question: Question): Problem[] {
  if (question.type !== 'choice' && question.type !== 'multi') return [];
  const seen = new Set<string>();
  return question.choices.flatMap(({ key }, index) => {
    if (!seen.has(key)) return seen.add(key) && [];
    return [{ path: ['choices', index, 'key'], problem: `"${key}" is used twice` }];
  });
}

function checkWhen(question: Question, earlier: ReadonlyMap<string, Question>): Problem[] {
  return Object.entries(question.when ?? {}).flatMap(([key, condition]) => {
    const path = ['when', key];
    if (key === 'visit') return checkVisit(condition as Record<string, Condition>);
    const asked = earlier.get(key);
    if (!asked) return [{ path, problem: `there is no question "${key}" before "${question.key}"` }];
    if (asked.type === 'text')
      return [{ path, problem: `"${key}" is free text: no condition can rest on it` }];
    const problem = canNeverHold(asked, condition as Condition);
    return problem === undefined ? [] : [{ path, problem }];
  });
}

function checkVisit(fields: Record<string, Condition>): Problem[] {
  return Object.keys(fields)
    .filter((field) => !VISIT_FIELDS.has(field) && !/^attributes\.[^.].*$/.test(field))
    .map((field) => ({
      path: ['when', 'visit', field],
      problem: `a visit has no field "${field}"; use attributes.<name> or one of ${[...VISIT_FIELDS].join(', ')}`,
    }));
}

/** A condition that no answer can meet is a slip of the pen, best found before anyone is asked. */
function canNeverHold(asked: Question, condition: Condition): string | undefined {
  const numeric = asked.type === 'scale' || asked.type === 'nps';
  if (typeof condition === 'object' && !Array.isArray(condition)) {
    return numeric ? undefined : `atMost and atLeast need a scale, and "${asked.key}" is ${asked.type}`;
  }
  const values = Array.isArray(condition) ? condition : [condition];
  const wrong = values.find((value) => !possible(asked).includes(value));
  return wrong === undefined ? undefined : `"${asked.key}" is never answered with ${JSON.stringify(wrong)}`;
}

function possible(asked: Question): (string | number | boolean)[] {
  switch (asked.type) {
    case 'scale':
      return Array.from({ length: asked.max - asked.min + 1 }, (_, i) => asked.min + i);
    case 'nps':
      return Array.from({ length: 11 }, (_, i) => i);
    case 'yesno':
      return [true, false];
    case 'choice':
    case 'multi':
      return asked.choices.map((choice) => choice.key);
    case 'text':
      return [];
  }
}
