import type { Queryable } from '#store/database';
import type { ReceiptableState } from './receipt.policy.js';

/** The message a receipt speaks of. */
export interface ReceiptTarget {
  readonly factId: string;
  readonly messageId: string;
  readonly state: ReceiptableState;
  /** How often it was begun to be sent. */
  readonly attempt: number;
  /** The carrier's id, as far as we know it. */
  readonly externalId: string | null;
  readonly kind: string;
  readonly channel: 'sms' | 'viber';
  readonly invitationId: string | null;
  readonly phoneHash: Buffer | null;
}

/**
 * From here to the end of the transaction rows are found by their keys. By statistics of before a flood PostgreSQL would read all
 * messages through for each batch of receipts, which costs more than the rest of applying them.
 */
export async function receiptsByKey(tx: Queryable): Promise<void> {
  // A look-up that has no key would be dear on paper, and compiled for nothing.
  await tx.query(`select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`);
}

/**
 * The messages of receipts: by our own id first, which survives a lost answer of the carrier, then by the carrier's.
 * Locked in the order of their ids, so that two batches never wait for each other crosswise: a lateral that locks is
 * never joined any other way than row by row.
 */
export async function receiptTargets(tx: Queryable, factIds: readonly string[]): Promise<ReceiptTarget[]> {
  const { rows } = await tx.query<ReceiptTarget>(
    `select named.id as "factId", m.id as "messageId", m.state, m.attempt,
       m.external_id as "externalId", m.kind, m.channel,
       m.invitation_id as "invitationId", c.phone_hash as "phoneHash"
     from (
       select f.id, coalesce(
         (select own.id from message own where own.id = f.message_id and own.sender = f.sender),
         (select theirs.id from message theirs where theirs.sender = f.sender and theirs.external_id = f.external_id)
       ) as message_id
       from carrier_fact f where f.id = any($1::bigint[]) order by message_id, f.id
     ) named
     cross join lateral (
       select id, state, attempt, external_id, kind, channel, invitation_id, contact_id from message
       where id = named.message_id for update
     ) m
     left join contact c on c.id = m.contact_id`,
    [factIds],
  );
  return rows;
}

export interface MessageMove {
  readonly id: string;
  readonly state: ReceiptableState;
  /** To be learned from the receipt; null when it is known. */
  readonly externalId: string | null;
  readonly reason: string | null;
  readonly vendorCode: string | null;
  readonly at: Date;
}

/**
 * Moves messages forward that `receiptTargets` has locked in this transaction. A failed invite is looked at by dispatch
 * at once: falling back is its business alone; so is one that was to go again and nobody looks at. An id of the carrier is
 * learned here when the answer to our request was lost. The state is not asked again: by it PostgreSQL would guess, from old statistics, that nearly no row fits, and
 * compare every message with every move. The inner LIMIT keeps it from hashing all messages for one look-up.
 */
export async function messageReceive(tx: Queryable, moves: readonly MessageMove[], now: Date): Promise<void> {
  if (moves.length === 0) return;
  await tx.query(
    `update message m set
       state = t.state, reason = t.reason, vendor_code = coalesce(t.vendor_code, m.vendor_code),
       accepted_at = case when t.state = 'failed' then m.accepted_at else coalesce(m.accepted_at, t.at) end,
       settled_at = case when t.state in ('delivered', 'failed') then $7::timestamptz end,
       external_id = coalesce(m.external_id, case when t.external_id is not null and (
         select other.id from message other where other.sender = m.sender and other.external_id = t.external_id limit 1
       ) is null then t.external_id end),
       follow_up_at = case when t.state = 'failed' and m.kind = 'invite' then $7
         when m.state = 'queued' and m.kind in ('invite', 'reminder') then $7 else m.follow_up_at end
     from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
       as t (id, state, external_id, reason, vendor_code, at)
     where m.id = t.id`,
    [
      moves.map(({ id }) => id),
      moves.map(({ state }) => state),
      moves.map(({ externalId }) => externalId),
      moves.map(({ reason }) => reason),
      moves.map(({ vendorCode }) => vendorCode),
      moves.map(({ at }) => at),
      now,
    ],
  );
}

export interface InvitationNews {
  readonly invitationId: string;
  readonly channel: 'sms' | 'viber';
  readonly sentAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly seenAt: Date | null;
  readonly refusedAt: Date | null;
}

/**
 * Sets facts of invitations, each to the first time it happened: LEAST passes over nulls, so order does not matter. When
 * an invite arrives whose fallback had gone out already, or that is the fallback of one that arrived, the person has
 * both: that is kept too, and nothing follows from it.
 */
export async function invitationReceive(tx: Queryable, news: readonly InvitationNews[]): Promise<void> {
  if (news.length === 0) return;
  await tx.query(
    `with told as (
       select invitation_id, min(channel) as channel, min(sent_at) as sent_at, min(delivered_at) as delivered_at,
         min(seen_at) as seen_at, min(refused_at) as refused_at
       from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
         as n (invitation_id, channel, sent_at, delivered_at, seen_at, refused_at)
       group by invitation_id
     ), locked as (
       select i.id from invitation i join told on told.invitation_id = i.id order by i.id for update of i
     )
     update invitation i set
       sent_channel = coalesce(i.sent_channel, case when told.sent_at is not null then told.channel end),
       sent_at = coalesce(i.sent_at, told.sent_at),
       delivered_at = least(i.delivered_at, told.delivered_at),
       seen_at = least(i.seen_at, told.seen_at),
       refused_at = least(i.refused_at, told.refused_at),
       overlap_at = case when i.overlap_at is not null or told.delivered_at is null then i.overlap_at
         when exists (select from message o
           where o.invitation_id = i.id and o.kind = 'invite' and o.channel <> told.channel and (o.state = 'delivered'
             or (o.fallback_of is not null and o.state in ('sending', 'accepted', 'uncertain', 'abandoned'))))
         then told.delivered_at end
     from told join locked on locked.id = told.invitation_id
     where i.id = told.invitation_id`,
    [
      news.map(({ invitationId }) => invitationId),
      news.map(({ channel }) => channel),
      news.map(({ sentAt }) => sentAt),
      news.map(({ deliveredAt }) => deliveredAt),
      news.map(({ seenAt }) => seenAt),
      news.map(({ refusedAt }) => refusedAt),
    ],
  );
}
