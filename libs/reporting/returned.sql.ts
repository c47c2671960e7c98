import type { Queryable } from '#store/database';
import { flagCondition } from './flag.sql.js';
import { visitConditions, VISIT_PATH } from './measure.sql.js';
import type { ReportQuestion } from './question.js';

/** Visits of one campaign and decision. */
export interface ReturnedCount {
  readonly campaign: string;
  /** `invited` or `control`. */
  readonly name: string;
  readonly n: number;
  readonly hits: number;
  readonly open: number;
}

/** Visits of known people by campaign and decision, and after how many of them the person came again in 30 days. */
export async function returnedCount(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<ReturnedCount[]> {
  const { conditions, values } = visitConditions(question, 2);
  const { rows } = await db.query<ReturnedCount>(
    `select campaign, decision as name, count(*)::int as n, (count(*) filter (where again))::int as hits,
            (count(*) filter (where not again and finished_at > $1::timestamptz - interval '30 days'))::int as open
     from (
       select k.key as campaign, d.decision, v.finished_at, exists (
         select from visit later where later.contact_id = v.contact_id
           and later.finished_at > v.finished_at and later.finished_at <= v.finished_at + interval '30 days'
       ) as again
       from ${VISIT_PATH}
       where ${conditions} and d.decision in ('invited', 'control') and v.contact_id is not null and k.key is not null
         and ${flagCondition(question)}
     ) known
     group by 1, 2`,
    [now, ...values],
  );
  return rows;
}
