import type { Queryable } from '#store/database';

/** A message of the conversation, for the outbox: who, what about, until when. */
export interface ConversationMessage {
  readonly kind: 'question' | 'reask' | 'thanks' | 'notice';
  readonly sender: string;
  readonly invitationId: string | null;
  readonly contactId: string | null;
  readonly subscriberId: string | null;
  readonly templateId: string | null;
  readonly locale: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly notAfter: Date;
}

/**
 * Puts a message of the conversation into the outbox, before all others (priority 0) and at any hour, since the
 * person is writing with us. Does nothing for a sender that cannot hold a conversation. Returns whether it did.
 */
export async function messageQueue(tx: Queryable, message: ConversationMessage, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into message (invitation_id, contact_id, subscriber_id, kind, channel, sender, template_id, locale, content,
       priority, due_at, not_after, created_at)
     select $1, $2::bigint, $3::bigint, $4, s.channel, s.key, $5, $6, $7, 0, $8, $9, $8
     from sender s
     where s.key = $10 and s.two_way
       and case s.addressing when 'phone' then $2::bigint else $3::bigint end is not null`,
    [
      message.invitationId,
      message.contactId,
      message.subscriberId,
      message.kind,
      message.templateId,
      message.locale,
      JSON.stringify(message.content),
      now,
      message.notAfter,
      message.sender,
    ],
  );
  return rowCount > 0;
}

/** Whether the same notice was sent, or is about to be, since the moment given. */
export async function noticeSince(
  tx: Queryable,
  wanted: { contactId: string | null; subscriberId: string | null; notice: string; since: Date },
): Promise<boolean> {
  if (wanted.contactId === null && wanted.subscriberId === null) return false;
  const { rows } = await tx.query<{ known: boolean }>(
    `select exists (
       select from message m
       where m.kind = 'notice' and (m.contact_id = $1 or m.subscriber_id = $2)
         and m.content ->> 'notice' = $3 and m.created_at > $4) as known`,
    [wanted.contactId, wanted.subscriberId, wanted.notice, wanted.since],
  );
  return rows[0]?.known === true;
}

/**
 * Holds what a person's word may change, in the house's order (docs/architecture.md): messages that wait, then
 * invitations, each by id. Call it before anything of them is locked.
 */
export async function messageHold(
  tx: Queryable,
  of: { invitationId: string | null; contactId: string | null; subscriberId: string | null },
): Promise<void> {
  const values = [of.invitationId, of.contactId, of.subscriberId];
  await tx.query(
    `select from message where id in (
       select id from message where invitation_id = $1 and state = 'queued'
       union all
       select m.id from message m join invitation i on i.id = m.invitation_id
       where i.contact_id = $2 and m.state = 'queued'
       union all
       select id from message where subscriber_id = $3 and state = 'queued')
     order by id for update`,
    values,
  );
  await tx.query('select from invitation where id = $1 or contact_id = $2 order by id for update', [
    of.invitationId,
    of.contactId,
  ]);
}

/**
 * Cancels whatever still waits to be written to the person, on every channel. What somebody else has in hand since
 * `messageHold` is passed over, or the two could wait for each other: the claim looks at refusals again. Returns how many.
 */
export async function messageCancelOf(
  tx: Queryable,
  who: { contactId: string | null; subscriberId: string | null; reason: string; now: Date },
): Promise<number> {
  const { rowCount } = await tx.query(
    `update message set state = 'cancelled', reason = $3, settled_at = $4
     where id in (
       select id from message where id in (
         select m.id from message m join invitation i on i.id = m.invitation_id
         where i.contact_id = $1 and m.state = 'queued' and m.kind <> 'notice'
         union all
         select m.id from message m where m.subscriber_id = $2 and m.state = 'queued' and m.kind <> 'notice')
       and state = 'queued' for update skip locked)`,
    [who.contactId, who.subscriberId, who.reason, who.now],
  );
  return rowCount;
}

/** Closes invitations of a contact that were never sent and have nothing on its way any more. */
export async function invitationCancelUnsent(
  tx: Queryable,
  who: { contactId: string; reason: string; now: Date },
): Promise<void> {
  await tx.query(
    `update invitation i set cancelled_at = $3, cancel_reason = $2
     where i.contact_id = $1 and i.sent_at is null and i.cancelled_at is null
       and not exists (select from message m where m.invitation_id = i.id
         and m.state in ('queued', 'sending', 'uncertain', 'accepted', 'delivered'))`,
    [who.contactId, who.reason, who.now],
  );
}

/**
 * Cancels questions that were answered another way: once it is complete what invites, once it is closed all that still
 * asks. What somebody else has in hand since the invitation was locked is passed over, as in `messageCancelOf`.
 */
export async function messageWithdrawAnswered(
  tx: Queryable,
  done: { invitationId: string; keys: readonly string[]; complete: boolean; closed: boolean; at: Date },
): Promise<void> {
  await tx.query(
    `update message set state = 'cancelled', reason = 'answered', settled_at = $4
     where id in (
       select id from message
       where invitation_id = $1 and state = 'queued' and (
         (kind in ('question', 'reask') and (content ->> 'question' = any($2::text[]) or $5))
         or (kind in ('invite', 'reminder') and $3))
       for update skip locked)`,
    [done.invitationId, done.keys, done.complete, done.at, done.closed],
  );
}

/** What the campaign thanks with: its text, and the values that the invite was written with. */
export async function thanksOf(
  tx: Queryable,
  invitationId: string,
): Promise<{ templateId: string; fields: Readonly<Record<string, unknown>> } | undefined> {
  const { rows } = await tx.query<{ templateId: string; fields: Record<string, unknown> | null }>(
    `select k.content -> 'refs' -> 'messages' ->> (k.content -> 'messages' ->> 'thanks') as "templateId",
       (select m.content -> 'fields' from message m where m.invitation_id = i.id and m.kind = 'invite'
        order by m.id limit 1) as fields
     from invitation i join definition k on k.id = i.campaign_id
     where i.id = $1 and k.content -> 'messages' ->> 'thanks' is not null`,
    [invitationId],
  );
  const [row] = rows;
  return row?.templateId ? { templateId: row.templateId, fields: row.fields ?? {} } : undefined;
}
