import type { Queryable } from '#store/database';
import { visitConditions, VISIT_PATH } from './path.sql.js';
import type { ReportQuestion } from './question.js';

export interface StoredAnswer {
  readonly invitationId: string;
  readonly day: string;
  readonly centre: string;
  readonly service: string | null;
  readonly campaign: string;
  readonly variant: string;
  readonly channel: string | null;
  readonly language: string;
  readonly surveyId: string;
  readonly question: string;
  readonly value: unknown;
  readonly textCipher: Buffer | null;
  readonly via: string;
  readonly late: boolean;
  readonly answeredAt: Date;
}

/** Up to `limit` answers of the question's visits after the given one, by invitation and question. */
export async function answerPage(
  db: Queryable,
  question: ReportQuestion,
  after: { invitationId: string; question: string },
  limit: number,
): Promise<StoredAnswer[]> {
  const { conditions, values } = visitConditions(question, 4);
  const { rows } = await db.query<StoredAnswer>(
    `select i.id as "invitationId", v.finished_on::text as day, c.code as centre, v.service_code as service,
            k.key as campaign, i.variant, i.sent_channel as channel, i.locale as language, a.survey_id as "surveyId",
            a.question_key as question, nullif(a.value, '""') as value, a.text_cipher as "textCipher", a.via, a.late,
            a.answered_at as "answeredAt"
     from ${VISIT_PATH}
     join answer a on a.invitation_id = i.id
     where ${conditions} and (a.invitation_id, a.question_key) > ($1::bigint, $2::text)
     order by a.invitation_id, a.question_key limit $3`,
    [after.invitationId, after.question, limit, ...values],
  );
  return rows;
}
