import type { Queryable } from '#store/database';

/** An invitation as replies need it. */
export interface InvitationRow {
  readonly id: string;
  readonly code: string;
  readonly contactId: string | null;
  readonly campaignId: string;
  readonly surveyId: string;
  readonly locale: string;
  readonly expiresAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly refusedAt: Date | null;
  readonly visit: {
    readonly centre: string;
    readonly centreName: string;
    readonly finishedOn: string;
    readonly serviceCode: string | null;
    readonly serviceName: string | null;
    readonly desk: string | null;
    readonly employee: string | null;
    readonly outcome: string;
    readonly language: string | null;
    readonly attributes: Readonly<Record<string, unknown>>;
  };
  /** By question key. Free text is sealed, so it stands as an empty text here. */
  readonly answers: Readonly<Record<string, unknown>>;
}

const INVITATION = `
  select i.id, i.code, i.contact_id as "contactId", i.campaign_id as "campaignId", i.survey_id as "surveyId", i.locale,
    i.expires_at as "expiresAt", i.started_at as "startedAt", i.completed_at as "completedAt", i.refused_at as "refusedAt",
    jsonb_build_object('centre', c.code, 'centreName', c.name, 'finishedOn', v.finished_on,
      'serviceCode', v.service_code, 'serviceName', v.service_name, 'desk', v.desk, 'employee', v.employee,
      'outcome', v.outcome, 'language', v.language, 'attributes', v.attributes) as visit,
    coalesce((select jsonb_object_agg(a.question_key, coalesce(a.value, '""'::jsonb))
      from answer a where a.invitation_id = i.id), '{}') as answers
  from invitation i join visit v on v.id = i.visit_id join centre c on c.id = v.centre_id`;

/** What a page shows, in one look-up. */
export async function invitationByCode(db: Queryable, code: string): Promise<InvitationRow | undefined> {
  const { rows } = await db.query<InvitationRow>(`${INVITATION} where i.code = $1`, [code]);
  return rows[0];
}

/**
 * Locks the invitation, its waiting messages first, then reads it: answers that others stored meanwhile are seen. The order is the
 * house's (docs/architecture.md): a receipt holds a message when it comes to the invitation.
 */
export async function invitationLock(tx: Queryable, id: string): Promise<InvitationRow | undefined> {
  await tx.query(`select from message where invitation_id = $1 and state = 'queued' order by id for update`, [
    id,
  ]);
  await tx.query('select from invitation where id = $1 for update', [id]);
  const { rows } = await tx.query<InvitationRow>(`${INVITATION} where i.id = $1`, [id]);
  return rows[0];
}

/** The invitation of one of our messages, if it went to this person. */
export async function invitationOfMessage(
  tx: Queryable,
  wanted: { messageId: string; contactId: string | null; subscriberId: string | null },
): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `select invitation_id as id from message
     where id = $1 and invitation_id is not null and (contact_id = $2 or subscriber_id = $3)`,
    [wanted.messageId, wanted.contactId, wanted.subscriberId],
  );
  return rows[0]?.id;
}

/**
 * The invitation a text belongs to: of those this sender wrote or talked about with the person before `at`, one that
 * has not expired goes before one that has, and the latest before earlier ones.
 */
export async function invitationOfReply(
  tx: Queryable,
  wanted: { contactId: string; sender: string; at: Date },
): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `select i.id
     from invitation i
     cross join lateral (
       select max(m.spoken_at) as spoken_at from (
         select coalesce(m.accepted_at, m.due_at) as spoken_at from message m
         where m.invitation_id = i.id and m.sender = $2 and m.kind <> 'notice'
           and m.state in ('sending', 'accepted', 'delivered', 'uncertain', 'failed')
         union all
         select t.updated_at from conversation t where t.invitation_id = i.id and t.sender = $2
       ) m
     ) last
     where i.contact_id = $1 and last.spoken_at is not null
     order by i.expires_at > $3 desc, last.spoken_at desc, i.id desc
     limit 1`,
    [wanted.contactId, wanted.sender, wanted.at],
  );
  return rows[0]?.id;
}

export type InvitationFact = 'refused' | 'wrong_number' | 'ineligible' | 'opened';

/** Sets a fact to the first time it happened. */
export async function invitationMark(
  tx: Queryable,
  id: string,
  fact: InvitationFact,
  at: Date,
): Promise<void> {
  const column = `${fact}_at`;
  await tx.query(
    `update invitation set ${column} = $2 where id = $1 and (${column} is null or ${column} > $2)`,
    [id, at],
  );
}

/** Answering began, and with `completed` ended; each set once, the beginning to the earliest. An answer on the page opened it. */
export async function invitationProgress(
  tx: Queryable,
  id: string,
  progress: { startedAt: Date; onPage: boolean; completed: { via: string; at: Date } | null },
): Promise<void> {
  await tx.query(
    `update invitation set started_at = least(started_at, $2), completed_at = coalesce(completed_at, $3),
       completed_via = coalesce(completed_via, $4),
       opened_at = case when $5 then least(opened_at, $2) else opened_at end
     where id = $1`,
    [
      id,
      progress.startedAt,
      progress.completed?.at ?? null,
      progress.completed?.via ?? null,
      progress.onPage,
    ],
  );
}
