import type { Queryable } from '#store/database';

export interface StoredContact {
  readonly country: string;
  readonly since: Date;
}

export async function contactData(db: Queryable, contactId: string): Promise<StoredContact | undefined> {
  const { rows } = await db.query<StoredContact>(
    'select country, created_at as since from contact where id = $1',
    [contactId],
  );
  return rows[0];
}

export interface StoredChat {
  readonly sender: string;
  readonly userId: string;
  readonly linkedAt: Date | null;
  readonly linkedBy: string | null;
  readonly language: string | null;
  readonly subscribedAt: Date | null;
  readonly unsubscribedAt: Date | null;
  /** When they said in the chat that we must not write, whatever number they have. */
  readonly stoppedAt: Date | null;
}

export async function chatData(db: Queryable, contactId: string): Promise<StoredChat[]> {
  const { rows } = await db.query<StoredChat>(
    `select sender, user_id as "userId", linked_at as "linkedAt", link_source as "linkedBy", language,
       subscribed_at as "subscribedAt", unsubscribed_at as "unsubscribedAt", stopped_at as "stoppedAt"
     from viber_subscriber where contact_id = $1 order by id`,
    [contactId],
  );
  return rows;
}

export interface StoredSuppression {
  /** null: every channel. */
  readonly channel: string | null;
  readonly reason: string;
  readonly via: string;
  readonly since: Date;
  readonly liftedAt: Date | null;
}

export async function suppressionData(db: Queryable, phoneHash: Buffer): Promise<StoredSuppression[]> {
  const { rows } = await db.query<StoredSuppression>(
    `select channel, reason, via, created_at as since, lifted_at as "liftedAt"
     from suppression where address_hash = $1 order by id`,
    [phoneHash],
  );
  return rows;
}

export interface StoredVisit {
  readonly source: string;
  readonly key: string;
  readonly centre: string;
  readonly service: string | null;
  readonly desk: string | null;
  readonly arrivedAt: Date | null;
  readonly finishedAt: Date;
  readonly outcome: string;
  readonly consent: string;
  readonly language: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly records: number;
  /** Signs that a program answered, or that the visit is staff's own. */
  readonly flags: readonly string[];
  readonly decision: string | null;
  readonly reason: string | null;
  readonly invitationId: string | null;
  /** Legal basis, code, plan and every fact of the invitation, by column name; null without one. */
  readonly invitation: Readonly<Record<string, unknown>> | null;
}

export async function visitData(db: Queryable, contactId: string): Promise<StoredVisit[]> {
  const { rows } = await db.query<StoredVisit>(
    `select v.source, v.visit_key as key, c.name as centre, coalesce(v.service_name, v.service_code) as service,
       v.desk, v.arrived_at as "arrivedAt", v.finished_at as "finishedAt", v.outcome, v.consent, v.language, v.attributes,
       (select count(*)::int from visit_record r where r.visit_id = v.id) as records,
       array(select f.flag || ':' || f.sign from visit_flag f where f.visit_id = v.id order by f.flag) as flags,
       d.decision, d.reason, i.id as "invitationId",
       case when i.id is not null then jsonb_strip_nulls(to_jsonb(i) - '{id,visit_id,contact_id,campaign_id,survey_id}'::text[]
         || jsonb_build_object('campaign', k.key, 'survey', s.key)) end as invitation
     from visit v join centre c on c.id = v.centre_id
     left join decision d on d.visit_id = v.id
     left join invitation i on i.visit_id = v.id
     left join definition k on k.id = i.campaign_id
     left join definition s on s.id = i.survey_id
     where v.contact_id = $1 order by v.finished_at, v.id`,
    [contactId],
  );
  return rows;
}

export interface StoredMessage {
  readonly invitationId: string | null;
  readonly kind: string;
  readonly channel: string;
  readonly sender: string;
  /** Key and revision of the text; the values it was made with. The text itself is not kept. */
  readonly text: string | null;
  readonly values: Readonly<Record<string, unknown>>;
  readonly state: string;
  readonly dueAt: Date;
  readonly acceptedAt: Date | null;
}

export async function messageData(db: Queryable, contactId: string): Promise<StoredMessage[]> {
  const { rows } = await db.query<StoredMessage>(
    `select m.invitation_id as "invitationId", m.kind, m.channel, m.sender, t.key || ' ' || t.revision as text,
       m.content as values, m.state, m.due_at as "dueAt", m.accepted_at as "acceptedAt"
     from message m left join definition t on t.id = m.template_id
     where m.id in (
       select own.id from message own join invitation i on i.id = own.invitation_id where i.contact_id = $1
       union select id from message where kind = 'notice' and contact_id = $1
       union select b.id from message b join viber_subscriber s on s.id = b.subscriber_id where s.contact_id = $1)
     order by m.id`,
    [contactId],
  );
  return rows;
}

export interface StoredAnswer {
  readonly invitationId: string;
  readonly question: string;
  readonly value: unknown;
  readonly textCipher: Buffer | null;
  readonly via: string;
  readonly answeredAt: Date;
}

export async function answerData(db: Queryable, contactId: string): Promise<StoredAnswer[]> {
  const { rows } = await db.query<StoredAnswer>(
    `select a.invitation_id as "invitationId", a.question_key as question, a.value, a.text_cipher as "textCipher", a.via,
       a.answered_at as "answeredAt"
     from answer a join invitation i on i.id = a.invitation_id
     where i.contact_id = $1 order by a.invitation_id, a.answered_at, a.question_key`,
    [contactId],
  );
  return rows;
}

export interface StoredNote {
  readonly textCipher: Buffer;
  readonly writtenAt: Date;
}

/** What operators wrote about the person's low scores. */
export async function noteData(db: Queryable, contactId: string): Promise<StoredNote[]> {
  const { rows } = await db.query<StoredNote>(
    `select n.text_cipher as "textCipher", n.written_at as "writtenAt"
     from case_note n join service_case k on k.id = n.case_id join invitation i on i.id = k.invitation_id
     where i.contact_id = $1 and n.text_cipher is not null order by n.id`,
    [contactId],
  );
  return rows;
}

export interface StoredWords {
  readonly sender: string;
  readonly kind: string;
  readonly textCipher: Buffer | null;
  readonly meaning: string | null;
  readonly receivedAt: Date;
}

/** What they wrote or did at a carrier; receipts of our own messages aside. */
export async function wordsData(db: Queryable, addressHashes: readonly Buffer[]): Promise<StoredWords[]> {
  const { rows } = await db.query<StoredWords>(
    `select sender, kind, text_cipher as "textCipher", meaning, received_at as "receivedAt"
     from carrier_fact where kind <> 'receipt' and address_hash = any($1::bytea[]) order by id`,
    [addressHashes],
  );
  return rows;
}

/** Sealed rows by their ids. */
export async function rejectedData(
  db: Queryable,
  ids: readonly string[],
): Promise<{ cipher: Buffer; at: Date }[]> {
  const { rows } = await db.query<{ cipher: Buffer; at: Date }>(
    'select row_cipher as cipher, created_at as at from rejected_row where id = any($1::bigint[]) order by id',
    [ids],
  );
  return rows;
}
