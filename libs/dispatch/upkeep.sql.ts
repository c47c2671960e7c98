import type { Queryable } from '#store/database';
import { suppressionStands } from '#contacts/suppression.sql';
import { MAY_BE_SENT, SENDABLE_FROM } from './claim.sql.js';

/** A queued message that its window closed on. */
export interface ClosedMessage {
  readonly id: string;
  readonly campaignId: string | null;
  readonly timezone: string | null;
  readonly notAfter: Date;
}

/** Due messages whose sending window has closed; the rows stay locked until the transaction ends. */
export async function messageClosed(db: Queryable, now: Date, limit: number): Promise<ClosedMessage[]> {
  const { rows } = await db.query<ClosedMessage>(
    `select m.id, i.campaign_id as "campaignId", ce.timezone, m.not_after as "notAfter"
     from sender se
     cross join lateral (
       select * from message q
       where q.sender = se.key and q.state = 'queued' and q.due_at <= $1 and q.closes_at <= $1 and q.not_after > $1
       limit $2
       for update of q skip locked
     ) m
     left join invitation i on i.id = m.invitation_id
     left join visit v on v.id = i.visit_id
     left join centre ce on ce.id = v.centre_id
     limit $2`,
    [now, limit],
  );
  return rows;
}

/** Moves queued messages to another opening of their window. */
export async function messageMove(
  db: Queryable,
  moves: readonly { id: string; dueAt: Date; closesAt: Date | null }[],
): Promise<void> {
  await db.query(
    `update message m set due_at = t.due_at, closes_at = t.closes_at
     from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) as t (id, due_at, closes_at)
     where m.id = t.id and m.state = 'queued'`,
    [moves.map(({ id }) => id), moves.map(({ dueAt }) => dueAt), moves.map(({ closesAt }) => closesAt)],
  );
}

export interface CancelledMessage {
  readonly id: string;
  readonly invitationId: string | null;
  readonly kind: string;
  readonly reason: string;
}

/** Cancels queued messages that will not be sent any more; they are past their last moment. */
export async function messageExpire(db: Queryable, now: Date, limit: number): Promise<CancelledMessage[]> {
  const { rows } = await db.query<CancelledMessage>(
    `with late as (
       select q.id from sender se
       cross join lateral (
         select id from message q
         where q.sender = se.key and q.state = 'queued' and q.due_at <= $1 and q.not_after <= $1
         limit $2
         for update of q skip locked
       ) q limit $2
     )
     update message m set state = 'cancelled', reason = 'expired', settled_at = $1
     from late where m.id = late.id
     returning m.id, m.invitation_id as "invitationId", m.kind, m.reason`,
    [now, limit],
  );
  return rows;
}

export async function messageCancel(
  db: Queryable,
  ids: readonly string[],
  reason: string,
  now: Date,
): Promise<CancelledMessage[]> {
  const { rows } = await db.query<CancelledMessage>(
    `update message set state = 'cancelled', reason = $2, settled_at = $3
     where id = any($1::bigint[]) and state = 'queued'
     returning id, invitation_id as "invitationId", kind, reason`,
    [ids, reason, now],
  );
  return rows;
}

/**
 * Cancels due messages that the claim passes over for good: the person refused, answered or was reached another way.
 * The claim never sends them anyhow; this makes the reason visible and keeps them from being looked at again.
 */
export async function messageWithdraw(db: Queryable, now: Date, limit: number): Promise<CancelledMessage[]> {
  const { rows } = await db.query<CancelledMessage>(WITHDRAW, [limit, now]);
  return rows;
}

const WITHDRAW = `
  with vain as (
    select m.id, case
        when ${suppressionStands('c.phone_hash', 'm.channel')} or s.unsubscribed_at is not null
          or i.refused_at is not null then 'opted_out'
        when i.wrong_number_at is not null then 'wrong_number'
        when i.cancelled_at is not null then 'withdrawn'
        when i.completed_at is not null or (m.kind = 'reminder' and i.started_at is not null) then 'answered'
        when i.expires_at <= $2 then 'expired'
        else 'reached'
      end as reason
    from ${SENDABLE_FROM}
    where m.state = 'queued' and m.due_at <= $2 and (${MAY_BE_SENT}) is not true
    limit $1
    for update of m skip locked
  )
  update message m set state = 'cancelled', reason = vain.reason, settled_at = $2
  from vain where m.id = vain.id
  returning m.id, m.invitation_id as "invitationId", m.kind, m.reason`;

/**
 * Closes invitations whose invite was cancelled while no other one stands: cancelled when nothing was ever tried,
 * undelivered when another channel had failed before.
 */
export async function invitationCancel(
  db: Queryable,
  cancelled: readonly CancelledMessage[],
  now: Date,
): Promise<void> {
  const invites = cancelled.filter(({ kind, invitationId }) => kind === 'invite' && invitationId !== null);
  if (invites.length === 0) return;
  await db.query(
    `update invitation i set
       cancelled_at = case when tried.failed then i.cancelled_at else $3 end,
       cancel_reason = case when tried.failed then i.cancel_reason else c.reason end,
       undelivered_at = case when tried.failed then coalesce(i.undelivered_at, $3) else i.undelivered_at end
     from unnest($1::bigint[], $2::text[]) as c (id, reason)
     cross join lateral (
       select coalesce(bool_or(m.state = 'failed'), false) as failed,
         coalesce(bool_or(m.state not in ('cancelled', 'failed')), false) as standing
       from message m where m.invitation_id = c.id and m.kind = 'invite'
     ) tried
     where i.id = c.id and not tried.standing and i.cancelled_at is null and i.sent_at is null`,
    [invites.map(({ invitationId }) => invitationId), invites.map(({ reason }) => reason), now],
  );
}

/** A message whose worker did not settle it before its lease ran out. */
export interface RescuedMessage {
  readonly id: string;
  readonly attempt: number;
  readonly sender: string;
}

/**
 * Makes messages uncertain whose lease has run out. Their request may have left: the intent was written before it and
 * tells no more, so they are not sent again unless the carrier says that it has no such message.
 */
export async function messageRescue(
  db: Queryable,
  { now, real, followUpAt, limit }: { now: Date; real: Date; followUpAt: Date; limit: number },
): Promise<RescuedMessage[]> {
  const { rows } = await db.query<RescuedMessage>(
    `with lost as materialized (
       select id from message where state = 'sending' and leased_until < $2
       order by leased_until limit $4
       for update skip locked
     ), moved as (
       update message m set
         state = 'uncertain', claimed_by = null, leased_until = null, reason = 'worker_lost', follow_up_at = $3
       from lost where m.id = lost.id
       returning m.id, m.attempt, m.sender
     ), tried as (
       update attempt a set finished_at = $1, outcome = 'rescued'
       from moved where a.message_id = moved.id and a.attempt = moved.attempt
     )
     select * from moved`,
    [now, real, followUpAt, limit],
  );
  return rows;
}
