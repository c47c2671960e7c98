import type { Queryable } from '#store/database';
import { FORGET_SUBSCRIBER } from '../data-classes.js';

/** What an erasure works on, and the moment it happens. */
export interface Erasing {
  readonly contactId: string;
  readonly invitationIds: readonly string[];
  readonly visitIds: readonly string[];
  readonly now: Date;
}

const changed = async (tx: Queryable, text: string, values: readonly unknown[]): Promise<number> =>
  (await tx.query(text, values)).rowCount;

/** From here on the transaction fails (55P03) rather than wait long for a row: well within `deadlock_timeout`, a second. */
export async function lockBriefly(tx: Queryable): Promise<void> {
  await tx.query(`set local lock_timeout = '200ms'`);
}

/** Invitations of a contact, locked in the order of their ids. */
export async function invitationLockOf(tx: Queryable, contactId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from invitation where contact_id = $1 order by id for update',
    [contactId],
  );
  return rows.map(({ id }) => id);
}

/** Cancels what waits to be sent. Returns how many messages. */
export function messageCancel(tx: Queryable, { contactId, invitationIds, now }: Erasing): Promise<number> {
  return changed(
    tx,
    `update message set state = 'cancelled', reason = 'erased', settled_at = $3
     where standing in ('open', 'again') and state = 'queued' and (invitation_id = any($2::bigint[]) or contact_id = $1
       or subscriber_id in (select id from viber_subscriber where contact_id = $1))`,
    [contactId, invitationIds, now],
  );
}

const MESSAGES_OF = `(invitation_id = any($2::bigint[]) or kind = 'notice' and contact_id = $1
  or subscriber_id in (select id from viber_subscriber where contact_id = $1))`;

/**
 * Takes the values out of messages, and the carrier's id, under which the carrier knows the number. No fallback or
 * reminder follows; an uncertain one is still looked after until it ends. Returns how many messages.
 */
export async function messageForget(tx: Queryable, { contactId, invitationIds }: Erasing): Promise<number> {
  await tx.query(
    `update attempt set external_id = null, detail = null
     where message_id in (select id from message where ${MESSAGES_OF})`,
    [contactId, invitationIds],
  );
  return changed(
    tx,
    `update message set content = '{}', external_id = null,
       follow_up_at = case when state = 'uncertain' then follow_up_at end
     where ${MESSAGES_OF}`,
    [contactId, invitationIds],
  );
}

/**
 * Unties invitations from the person and gives each a code that nobody was sent: the old one stands in a text message
 * that the carrier may keep beside the number. What was never sent is closed.
 */
export async function invitationForget(
  tx: Queryable,
  { invitationIds, now }: Erasing,
  codes: readonly string[],
): Promise<number> {
  return changed(
    tx,
    `update invitation i set contact_id = null, code = fresh.code,
       cancelled_at = case when unsent.yes then coalesce(i.cancelled_at, $3) else i.cancelled_at end,
       cancel_reason = case when unsent.yes then coalesce(i.cancel_reason, 'erased') else i.cancel_reason end
     from unnest($1::bigint[], $2::text[]) as fresh (id, code)
     cross join lateral (select not exists (select from message m where m.invitation_id = fresh.id
       and m.state in ('sending', 'uncertain', 'accepted', 'delivered')) as idle) outbox
     cross join lateral (select outbox.idle and not exists
       (select from invitation sent where sent.id = fresh.id and sent.sent_at is not null) as yes) unsent
     where i.id = fresh.id`,
    [invitationIds, codes, now],
  );
}

/** What was written into surveys; that it was written stays, so that counts stay. */
export function answerForget(tx: Queryable, { invitationIds }: Erasing): Promise<number> {
  return changed(
    tx,
    `update answer set value = '""', text_cipher = null, key_id = null
     where invitation_id = any($1::bigint[]) and text_cipher is not null`,
    [invitationIds],
  );
}

/** What operators wrote about a low score of the person; who wrote, and when, stays. */
export function caseNoteForget(tx: Queryable, { invitationIds }: Erasing): Promise<number> {
  return changed(
    tx,
    `update case_note set text_cipher = null, key_id = null
     where text_cipher is not null
       and case_id in (select id from service_case where invitation_id = any($1::bigint[]))`,
    [invitationIds],
  );
}

export function conversationForget(tx: Queryable, { invitationIds }: Erasing): Promise<number> {
  return changed(tx, 'delete from conversation where invitation_id = any($1::bigint[])', [invitationIds]);
}

/**
 * What carriers told of the person: words, addresses, details. The row stays under its key, so that a repeated call
 * brings nothing back; one that was not applied yet never will be. Returns how many rows held something.
 */
export async function factForget(
  tx: Queryable,
  found: {
    addressHashes: readonly Buffer[];
    subscriberHashes: readonly Buffer[];
    invitationIds: readonly string[];
    now: Date;
  },
): Promise<number> {
  const forget = (whose: string, value: unknown): Promise<number> =>
    changed(
      tx,
      `update carrier_fact set address_hash = null, address_cipher = null, text_cipher = null, key_id = null,
         external_id = null, detail = '{}', applied_at = coalesce(applied_at, $2), meaning = coalesce(meaning, 'erased')
       where ${whose} and (coalesce(address_hash, address_cipher, text_cipher) is not null or external_id is not null
         or detail <> '{}')`,
      [value, found.now],
    );
  const said = await forget(`kind <> 'receipt' and address_hash = any($1::bytea[])`, found.addressHashes);
  const told = await forget('invitation_id = any($1::bigint[])', found.invitationIds);
  // Receipts of a bot that matched no message are found by going through the table: nothing else needs that index.
  if (found.subscriberHashes.length === 0) return said + told;
  return said + told + (await forget('address_hash = any($1::bytea[])', found.subscriberHashes));
}

/** Visits of a contact, locked in the order of their ids. */
export async function visitLockOf(tx: Queryable, contactId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from visit where contact_id = $1 order by id for no key update',
    [contactId],
  );
  return rows.map(({ id }) => id);
}

/** Gives every visit a contact of its own that stands for nobody, the first keeping the old row. Returns how many. */
export function visitForget(tx: Queryable, { contactId, visitIds, now }: Erasing): Promise<number> {
  return changed(
    tx,
    `with theirs as (
       select id, row_number() over (order by id) as place from unnest($3::bigint[]) as id
     ), nobody as (
       insert into contact (country, created_at, erased_at)
       select c.country, $2, $2 from contact c, theirs where c.id = $1 and theirs.place > 1
       returning id
     ), placed as (select id, 1 + row_number() over (order by id) as place from nobody)
     update visit v set contact_id = coalesce(p.id, $1), attributes = '{}'
     from theirs t left join placed p on p.place = t.place where v.id = t.id`,
    [contactId, now, visitIds],
  );
}

/**
 * The same in the records of the visits, and in records with the number that a correction took out of a visit. Goes through
 * the whole table: nothing else looks records up by person, and intake would pay for the index.
 */
export function visitRecordForget(tx: Queryable, { contactId, visitIds }: Erasing): Promise<number> {
  return changed(
    tx,
    `update visit_record r set attributes = '{}', phone_raw_cipher = null, key_id = null,
       contact_id = case when r.contact_id = $1 and v.id = any($2::bigint[]) then v.contact_id else r.contact_id end
     from visit v where v.id = r.visit_id and (r.contact_id = $1 or v.id = any($2::bigint[]))`,
    [contactId, visitIds],
  );
}

/** Messages follow their visit's contact, so that none ties two visits together. */
export async function messageUntie(tx: Queryable, { contactId, invitationIds }: Erasing): Promise<void> {
  await tx.query(
    `update message m set contact_id = v.contact_id
     from invitation i join visit v on v.id = i.visit_id
     where m.invitation_id = i.id and i.id = any($1::bigint[]) and m.contact_id is not null`,
    [invitationIds],
  );
  await tx.query(
    `update message set contact_id = null
     where contact_id = $1 and invitation_id is null and (subscriber_id is not null or settled_at is not null)`,
    [contactId],
  );
}

export function subscriberForget(tx: Queryable, { contactId }: Erasing): Promise<number> {
  return changed(tx, `update viber_subscriber set ${FORGET_SUBSCRIBER} where contact_id = $1`, [contactId]);
}

export function contactForget(tx: Queryable, { contactId, now }: Erasing): Promise<number> {
  return changed(
    tx,
    `update contact set phone_hash = null, phone_cipher = null, key_id = null, erased_at = $2 where id = $1`,
    [contactId, now],
  );
}

/** Rows that were found by opening them. */
export async function rowsForget(
  tx: Queryable,
  found: { rejectedRowIds: readonly string[]; visitRecordIds: readonly string[] },
): Promise<{ rejected: number; typed: number }> {
  return {
    rejected: await changed(tx, 'delete from rejected_row where id = any($1::bigint[])', [
      found.rejectedRowIds,
    ]),
    typed: await changed(
      tx,
      'update visit_record set phone_raw_cipher = null, key_id = null where id = any($1::bigint[])',
      [found.visitRecordIds],
    ),
  };
}

export interface Remaining {
  readonly decisions: number;
  readonly invitations: number;
  readonly messages: number;
  readonly answers: number;
  readonly facts: number;
  readonly records: number;
  readonly cases: number;
  readonly notes: number;
  readonly flags: number;
  readonly looks: number;
}

/** How much stays of what concerned the visits and invitations. */
export async function remainingOf(tx: Queryable, { invitationIds, visitIds }: Erasing): Promise<Remaining> {
  const { rows } = await tx.query<Remaining>(
    `select
       (select count(*)::int from decision where visit_id = any($2::bigint[])) as decisions,
       cardinality($1::bigint[]) as invitations,
       (select count(*)::int from message where invitation_id = any($1::bigint[])) as messages,
       (select count(*)::int from answer where invitation_id = any($1::bigint[])) as answers,
       (select count(*)::int from carrier_fact where invitation_id = any($1::bigint[])) as facts,
       (select count(*)::int from visit_record where visit_id = any($2::bigint[])) as records,
       (select count(*)::int from service_case where invitation_id = any($1::bigint[])) as cases,
       (select count(*)::int from case_note n join service_case c on c.id = n.case_id
        where c.invitation_id = any($1::bigint[])) as notes,
       (select count(*)::int from visit_flag where visit_id = any($2::bigint[])) as flags,
       (select count(*)::int from audit_entry where
         (subject_kind = 'invitation' and subject_id = any($1::bigint[]::text[]))
         or (subject_kind = 'message' and subject_id in (
           select id::text from message where invitation_id = any($1::bigint[])))
         or (subject_kind = 'case' and subject_id in (
           select id::text from service_case where invitation_id = any($1::bigint[])))) as looks`,
    [invitationIds, visitIds],
  );
  return rows[0] as Remaining;
}

export async function suppressionCount(tx: Queryable, phoneHash: Buffer): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from suppression where address_hash = $1',
    [phoneHash],
  );
  return rows[0]?.n ?? 0;
}

export async function erasureInsert(
  tx: Queryable,
  erasure: { now: Date; via: 'command' | 'api'; went: unknown },
): Promise<void> {
  await tx.query('insert into erasure (erased_at, via, went) values ($1, $2, $3)', [
    erasure.now,
    erasure.via,
    JSON.stringify(erasure.went),
  ]);
}
