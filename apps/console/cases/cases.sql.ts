import type { Queryable } from '#store/database';

export const CASE_STATES = ['open', 'taken', 'closed'] as const;
export type CaseState = (typeof CASE_STATES)[number];

export interface CaseFilter {
  /** Undefined: all that are not closed. */
  readonly state?: CaseState | undefined;
  /** Codes; undefined: every centre. */
  readonly centres?: readonly string[] | undefined;
  readonly assignee?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface CaseRow {
  readonly id: string;
  readonly state: CaseState;
  readonly assignee: string | null;
  readonly openedAt: Date;
  readonly takenAt: Date | null;
  readonly closedAt: Date | null;
  readonly invitation: string;
  readonly surveyId: string;
  readonly visit: string;
  readonly centre: string;
  readonly centreName: string;
  readonly timezone: string;
  readonly service: string | null;
  readonly desk: string | null;
  readonly employee: string | null;
  readonly finishedAt: Date;
  readonly phoneCipher: Buffer | null;
  readonly facts: { readonly outcome: string; readonly attributes: Record<string, unknown> };
  readonly answers: Readonly<Record<string, unknown>>;
  readonly notes: number;
}

const SELECT = `
  select k.id, k.state, k.assignee, k.opened_at as "openedAt", k.taken_at as "takenAt", k.closed_at as "closedAt",
    i.id as invitation, i.survey_id as "surveyId", v.source || '|' || v.visit_key as visit, c.code as centre,
    c.name as "centreName", c.timezone, coalesce(v.service_name, v.service_code) as service, v.desk, v.employee,
    v.finished_at as "finishedAt", p.phone_cipher as "phoneCipher",
    jsonb_build_object('centre', c.code, 'serviceCode', v.service_code, 'serviceName', v.service_name, 'desk', v.desk,
      'employee', v.employee, 'outcome', v.outcome, 'language', v.language, 'attributes', v.attributes) as facts,
    coalesce((select jsonb_object_agg(a.question_key, a.value) from answer a
      where a.invitation_id = i.id and a.value is not null), '{}') as answers,
    (select count(*)::int from case_note n where n.case_id = k.id) as notes
  from service_case k
  join invitation i on i.id = k.invitation_id
  join visit v on v.id = i.visit_id
  join centre c on c.id = v.centre_id
  left join contact p on p.id = i.contact_id`;

/** Cases, newest first; one more than the limit. */
export async function casePage(db: Queryable, filter: CaseFilter): Promise<CaseRow[]> {
  const { rows } = await db.query<CaseRow>(
    `${SELECT}
     where ($1::bigint is null or k.id < $1) and ($2::text is null or k.state = $2) and ($2::text is not null or k.state <> 'closed')
       and ($3::text[] is null or c.code = any($3)) and ($4::text is null or k.assignee = $4)
     order by k.id desc limit $5`,
    [filter.before ?? null, filter.state ?? null, filter.centres ?? null, filter.assignee ?? null, filter.limit + 1],
  ); // prettier-ignore
  return rows;
}

export async function caseById(db: Queryable, id: string): Promise<CaseRow | undefined> {
  const { rows } = await db.query<CaseRow>(`${SELECT} where k.id = $1`, [id]);
  return rows[0];
}

/** Locks the case: two who change it at once take turns. */
export async function caseLock(tx: Queryable, id: string): Promise<void> {
  await tx.query('select from service_case where id = $1 for update', [id]);
}

export async function caseSet(
  tx: Queryable,
  id: string,
  to: { state: CaseState; assignee: string | null; at: Date },
): Promise<void> {
  await tx.query(
    `update service_case set state = $2, assignee = $3, taken_at = case when $2 = 'taken' then $4 else taken_at end,
       closed_at = case when $2 = 'closed' then $4::timestamptz end
     where id = $1`,
    [id, to.state, to.assignee, to.at],
  );
}

export interface StoredNote {
  readonly author: string;
  readonly cipher: Buffer | null;
  readonly writtenAt: Date;
}

export async function noteInsert(
  tx: Queryable,
  note: { caseId: string; author: string; cipher: Buffer; keyId: string; at: Date },
): Promise<void> {
  await tx.query(
    'insert into case_note (case_id, author, text_cipher, key_id, written_at) values ($1, $2, $3, $4, $5)',
    [note.caseId, note.author, note.cipher, note.keyId, note.at],
  );
}

/** Notes of a case, oldest first. */
export async function notesOf(db: Queryable, caseId: string): Promise<StoredNote[]> {
  const { rows } = await db.query<StoredNote>(
    'select author, text_cipher as cipher, written_at as "writtenAt" from case_note where case_id = $1 order by id',
    [caseId],
  );
  return rows;
}

/** What the person wrote in their own words, by question. */
export async function wordsOf(
  db: Queryable,
  invitationId: string,
): Promise<{ question: string; cipher: Buffer }[]> {
  const { rows } = await db.query<{ question: string; cipher: Buffer }>(
    `select question_key as question, text_cipher as cipher from answer
     where invitation_id = $1 and text_cipher is not null order by answered_at, question_key`,
    [invitationId],
  );
  return rows;
}
