import type { Queryable } from '#store/database';
import { COUNTED_BY, type Lasting, type Named } from './disclosed-choices.js';
import type { DayCount } from './group-days.js';
import { flagColumns } from './flag.sql.js';
import { count } from './kept-count.js';
import type { Counted, Measure } from './measure.sql.js';
import { FLAGS, type Flag, type ReportQuestion } from './question.js';
import type { Period } from './reporting-period.js';

const counts = `a.invitation_id = i.id and not a.late and i.ineligible_at is null and i.wrong_number_at is null
   and (a.text_cipher is not null or jsonb_typeof(a.value) <> 'null')`;

/** An answer that counts: in time, of someone who was meant, and not skipped. */
export const COUNTED = ` join answer a on ${counts}`;

/** How often a question got one and the same answer in a group. Free text has no value. */
export interface AnswerCount {
  readonly by: (string | null)[];
  readonly surveyId: string;
  readonly question: string;
  readonly value: unknown;
  readonly answers: number;
}

/**
 * In time only, and not those of visits that turned out not to belong to the sample or of people who say that the
 * number is not theirs. A skipped question has no answer; a text that was removed still counts as one.
 */
export const ANSWERS: Measure = {
  rollup: 'rollup_answer',
  beside: { table: 'answer', as: 'a', on: counts },
  where: 'true',
  own: 'w.question_key is not null',
  keys: { survey_id: 'a.survey_id', question_key: 'a.question_key', value: `nullif(a.value, '""')` },
  sums: { answers: 'count(*)::int' },
};

/** Invited visits by the survey they were sent, whether or not anyone answered. */
export const ASKED: Measure = {
  rollup: 'rollup_answer',
  beside: null,
  where: 'i.id is not null',
  own: 'w.question_key is null',
  keys: { survey_id: 'i.survey_id', question_key: 'null::text', value: 'null::jsonb' },
  sums: { answers: 'count(*)::int' },
};

interface AnswerRow {
  readonly survey_id: string;
  readonly question_key: string;
  readonly value: unknown;
  readonly answers: number;
}

/** Counts answers by group, question and value; a group may have several rows of the same value. `now`: civil time. */
export async function answerCount(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<AnswerCount[]> {
  const rows = await count<AnswerRow>(db, ANSWERS, question, now);
  return rows.map(({ by, survey_id: surveyId, question_key: key, value, answers }) => ({
    by, surveyId, question: key, value, answers,
  })); // prettier-ignore
}

/** How many answered a question on a day, in one combination of the dimensions asked for. */
export interface AnsweredDay extends DayCount {
  readonly surveyId: string;
  readonly question: string;
}

/** Answers that are read and decided together in a few seconds: of reports by weeks or days, which take ten times as long, and of others. */
const MOST_TOGETHER = { dated: 5_000, others: 30_000 };

/**
 * What answers are counted by to decide what is shown: all dimensions, unless the period has too many answers for that,
 * and what else the question names.
 */
export async function columnsToCount(
  db: Queryable,
  { from, to }: Period,
  named: readonly Named[],
  now: Date,
): Promise<Lasting[]> {
  const rows = await count<AnswerRow>(db, ANSWERS, { from, to, by: [], filter: {} }, now);
  const dated = named.includes('week') || named.includes('day');
  const most = dated ? MOST_TOGETHER.dated : MOST_TOGETHER.others;
  const many = rows.reduce((sum, { answers }) => sum + answers, 0) > most;
  const order = [...COUNTED_BY, 'employee', ...FLAGS] as const;
  return order.filter((name) => named.includes(name) || (!many && COUNTED_BY.some((one) => one === name)));
}

/** Counts all answers of a period by the given dimensions, question and day of the visit. */
export async function answeredDays(
  db: Queryable,
  { from, to }: Period,
  dimensions: readonly Lasting[],
  now: Date,
): Promise<AnsweredDay[]> {
  const [by, flags] = parted(dimensions);
  const rows = await count<AnswerRow & Partial<Record<Flag, string | null>>>(
    db, ANSWERS, { from, to, by: [...by, 'day'], filter: {} }, now,
    flags.length > 0 ? { keys: flagColumns(flags), values: [], inTables: true } : undefined,
  ); // prettier-ignore
  const days = new Map<string, AnsweredDay>();
  for (const row of rows) {
    const { by: values, survey_id: surveyId, question_key: asked, answers } = row;
    const own = [...values.slice(0, -1), ...flags.map((flag) => row[flag] ?? null)];
    const day = values.at(-1) ?? '';
    const key = JSON.stringify([own, day, surveyId, asked]);
    const n = (days.get(key)?.n ?? 0) + answers;
    days.set(key, { by: own, surveyId, question: asked, day, n });
  }
  return [...days.values()];
}

/** Dimensions of visits, and flags, which stand behind them. */
export function parted(dimensions: readonly Lasting[]): [(typeof COUNTED_BY)[number][], Flag[]] {
  return [COUNTED_BY.filter((name) => dimensions.includes(name)), FLAGS.filter((flag) => dimensions.includes(flag))]; // prettier-ignore
}

/** The groups that have invited visits, with the surveys they were sent. */
export async function askedGroups(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<{ by: (string | null)[]; surveyId: string }[]> {
  const rows = await count<Counted<AnswerRow>>(db, ASKED, question, now);
  return rows.map(({ by, survey_id: surveyId }) => ({ by, surveyId }));
}

export interface StoredSurvey {
  readonly id: string;
  readonly revision: number;
  readonly content: unknown;
}

export async function surveysByIds(db: Queryable, ids: readonly string[]): Promise<StoredSurvey[]> {
  const { rows } = await db.query<StoredSurvey>(
    `select id, revision, content from definition where kind = 'survey' and id = any($1::bigint[]) order by id`,
    [ids],
  );
  return rows;
}
