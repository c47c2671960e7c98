import type { Queryable } from '#store/database';
import type { DayCount } from './disclosure.js';
import { visitConditions, visitGroup, VISIT_PATH } from './path.sql.js';
import type { ReportQuestion } from './question.js';

/** An answer that counts: in time, of someone who was meant, and not skipped. */
export const COUNTED = `
  join answer a on a.invitation_id = i.id and not a.late
   and i.ineligible_at is null and i.wrong_number_at is null
   and (a.text_cipher is not null or jsonb_typeof(a.value) <> 'null')`;

/** How often a question got one and the same answer in a group. Free text has no value. */
export interface AnswerCount {
  readonly by: (string | null)[];
  readonly surveyId: string;
  readonly question: string;
  readonly value: unknown;
  readonly answers: number;
}

/**
 * Counts answers by group, question and value. In time only, and not those of visits that turned out not to belong
 * to the sample or of people who say that the number is not theirs. A skipped question has no answer.
 */
export async function answerCount(db: Queryable, question: ReportQuestion): Promise<AnswerCount[]> {
  const { conditions, values } = visitConditions(question, 1);
  const { rows } = await db.query<AnswerCount>(
    `select ${visitGroup(question.by)} as by, a.survey_id as "surveyId", a.question_key as question,
            nullif(a.value, '""') as value, -- a text that was removed still counts as one
            count(*)::int as answers
     from ${VISIT_PATH} ${COUNTED}
     where ${conditions}
     group by 1, 2, 3, 4`,
    values,
  );
  return rows;
}

/** How many answered a question on a day, in one combination of the dimensions asked for. */
export interface AnsweredDay extends DayCount {
  readonly surveyId: string;
  readonly question: string;
}

/** Counts the same answers by group, question and day of the visit. */
export async function answeredDays(db: Queryable, question: ReportQuestion): Promise<AnsweredDay[]> {
  const { conditions, values } = visitConditions(question, 1);
  const { rows } = await db.query<AnsweredDay>(
    `select ${visitGroup(question.by)} as by, a.survey_id as "surveyId", a.question_key as question,
            v.finished_on::text as day, count(*)::int as n
     from ${VISIT_PATH} ${COUNTED}
     where ${conditions}
     group by 1, 2, 3, 4`,
    values,
  );
  return rows;
}

/** The groups that have invited visits, whether or not anyone of them answered, with the surveys they were sent. */
export async function askedGroups(
  db: Queryable,
  question: ReportQuestion,
): Promise<{ by: (string | null)[]; surveyId: string }[]> {
  const { conditions, values } = visitConditions(question, 1);
  const { rows } = await db.query<{ by: (string | null)[]; surveyId: string }>(
    `select ${visitGroup(question.by)} as by, i.survey_id as "surveyId"
     from ${VISIT_PATH} where ${conditions} and i.id is not null group by 1, 2`,
    values,
  );
  return rows;
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
