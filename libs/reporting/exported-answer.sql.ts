import type { Queryable } from '#store/database';
import { flagCondition, FLAGS_OF_VISIT } from './flag.sql.js';
import { visitConditions, VISIT_PATH } from './measure.sql.js';
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
  readonly flags: string | null;
}

/** A place in the order of an export: by day, centre and visit, as the index of visits has them. */
export interface ExportPlace {
  readonly day: string;
  readonly centreId: string;
  readonly visitId: string;
}

/** The place `visits` visits further; undefined when fewer are left. */
export async function exportPlaceAfter(
  db: Queryable,
  { from, to }: ReportQuestion,
  place: ExportPlace,
  visits: number,
): Promise<ExportPlace | undefined> {
  const { rows } = await db.query<ExportPlace>(
    `select finished_on::text as day, centre_id as "centreId", id as "visitId" from visit
     where finished_on between $1::date and $2::date and (finished_on, centre_id, id) > ($3::date, $4::bigint, $5::bigint)
     order by finished_on, centre_id, id offset $6 limit 1`,
    [from, to, place.day, place.centreId, place.visitId, visits - 1],
  );
  return rows[0];
}

/** The answers of the question's visits after one place up to another; to the end when it is undefined. */
export async function answersBetween(
  db: Queryable,
  question: ReportQuestion,
  after: ExportPlace,
  until: ExportPlace | undefined,
): Promise<StoredAnswer[]> {
  // The days of both places once more, on their own: an index can use them.
  const { conditions, values } = visitConditions({ ...question, from: after.day, to: until?.day ?? question.to }, 7); // prettier-ignore
  const { rows } = await db.query<StoredAnswer>(
    `select i.id as "invitationId", v.finished_on::text as day, c.code as centre, v.service_code as service,
            k.key as campaign, i.variant, i.sent_channel as channel, i.locale as language, a.survey_id as "surveyId",
            a.question_key as question, nullif(a.value, '""') as value, a.text_cipher as "textCipher", a.via, a.late,
            a.answered_at as "answeredAt", ${FLAGS_OF_VISIT} as flags
     from ${VISIT_PATH}
     join answer a on a.invitation_id = i.id
     where ${conditions} and ${flagCondition(question)} and (v.finished_on, v.centre_id, v.id) > ($1::date, $2::bigint, $3::bigint)
       and ($4::date is null or (v.finished_on, v.centre_id, v.id) <= ($4::date, $5::bigint, $6::bigint))
     order by v.finished_on, v.centre_id, v.id, a.question_key`,
    [after.day, after.centreId, after.visitId, until?.day ?? null, until?.centreId ?? null, until?.visitId ?? null, ...values],
  ); // prettier-ignore
  return rows;
}
