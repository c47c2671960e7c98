import type { Queryable } from '#store/database';
import { visitConditions, visitGroup, VISIT_PATH } from './path.sql.js';
import type { ReportQuestion } from './question.js';

/** Messages of one group, channel and kind that carriers accepted. */
export interface Spent {
  readonly by: (string | null)[];
  readonly channel: 'sms' | 'viber';
  readonly kind: string;
  readonly messages: number;
  readonly parts: number;
  readonly uncounted: number;
}

/** Counts the accepted messages of the visits of the question, of any kind, by group. */
export async function messageSpent(db: Queryable, question: ReportQuestion): Promise<Spent[]> {
  const { conditions, values } = visitConditions(question, 1);
  const { rows } = await db.query<Spent>(
    `select ${visitGroup(question.by)} as by, m.channel, m.kind, count(*)::int as messages,
            coalesce(sum(m.parts), 0)::int as parts, count(*) filter (where m.parts is null)::int as uncounted
     from ${VISIT_PATH}
     join message m on m.invitation_id = i.id and m.accepted_at is not null
     where ${conditions}
     group by 1, 2, 3`,
    values,
  );
  return rows;
}
