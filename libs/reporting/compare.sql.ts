import type { Queryable } from '#store/database';
import { COUNTED, parted } from './answer.sql.js';
import type { UnitService } from './comparison.js';
import type { Lasting } from './disclosed-choices.js';
import { flagColumns, flagCondition } from './flag.sql.js';
import type { DayCount } from './group-days.js';
import { visitConditions, visitGroup, VISIT_PATH } from './measure.sql.js';
import type { ReportQuestion } from './question.js';
import type { Period } from './reporting-period.js';

/** What is compared: centres, or employees as the visit record names them, each inside their centre. */
export const UNITS = ['centre', 'employee'] as const;
export type Unit = (typeof UNITS)[number];

const values: Readonly<Record<Unit, string>> = {
  centre: 'array[c.code]::text[]',
  employee: 'array[c.code, v.employee]::text[]',
};
const known: Readonly<Record<Unit, string>> = { centre: 'true', employee: 'v.employee is not null' };

/** Answers to one question of some surveys by unit and service; `hits`: those among the values given. */
export interface AnsweredUnit extends Omit<UnitService, 'unit'> {
  readonly by: (string | null)[];
}

export interface AskedOf {
  readonly unit: Unit;
  readonly surveyIds: readonly string[];
  readonly question: string;
}

/** Counts answers and hits by unit and service. */
export async function unitAnswers(
  db: Queryable,
  question: ReportQuestion,
  { unit, surveyIds, question: key }: AskedOf,
  hits: readonly string[],
): Promise<AnsweredUnit[]> {
  const { conditions, values: given } = visitConditions(question, 4);
  const { rows } = await db.query<AnsweredUnit>(
    `select ${values[unit]} as by, v.service_code as service, count(*)::int as n,
            (count(*) filter (where a.value #>> '{}' = any($3::text[])))::int as hits
     from ${VISIT_PATH} ${COUNTED}
     where a.survey_id = any($1::bigint[]) and a.question_key = $2 and ${known[unit]} and ${conditions}
       and ${flagCondition(question)}
     group by 1, 2`,
    [surveyIds, key, hits, ...given],
  );
  return rows;
}

/** Counts all answers of a period by the given dimensions and day: for the decision what may be shown. */
export async function comparedDays(
  db: Queryable,
  period: Period,
  dimensions: readonly Lasting[],
  { surveyIds, question: key }: Omit<AskedOf, 'unit'>,
): Promise<DayCount[]> {
  const { conditions, values: given } = visitConditions({ ...period, by: [], filter: {} }, 3);
  const [by, flags] = parted(dimensions);
  const employee = dimensions.includes('employee') ? 'v.employee' : '';
  const further = [employee, ...Object.values(flagColumns(flags))].filter((column) => column !== '');
  const { rows } = await db.query<DayCount>(
    `select ${visitGroup(by)} || array[${further.join(', ')}]::text[] as by, v.finished_on::text as day, count(*)::int as n
     from ${VISIT_PATH} ${COUNTED}
     where a.survey_id = any($1::bigint[]) and a.question_key = $2 and ${conditions}
     group by 1, 2`,
    [surveyIds, key, ...given],
  );
  return rows;
}
