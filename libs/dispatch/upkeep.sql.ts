import type { Queryable } from '#store/database';
import { isWaiting } from './waiting.sql.js';

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
       where q.sender = se.key and ${isWaiting('q')} and q.due_at <= $1 and q.closes_at <= $1 and q.not_after > $1
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

/**
 * Cancels queued messages that are past their last moment. An invite's invitation is closed by the follow-up, which
 * is due at once. Returns how many.
 */
export async function messageExpire(db: Queryable, now: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    `with late as (
       select q.id from sender se
       cross join lateral (
         select id from message q
         where q.sender = se.key and ${isWaiting('q')} and q.due_at <= $1 and q.not_after <= $1
         limit $2
         for update of q skip locked
       ) q limit $2
     )
     update message m set state = 'cancelled', reason = 'expired', settled_at = $1,
       follow_up_at = case m.kind when 'invite' then $1::timestamptz end
     from late where m.id = late.id`,
    [now, limit],
  );
  return rowCount;
}

/** Cancels queued messages whose window does not open in time; their invitations are closed by the follow-up. */
export async function messageMissWindow(db: Queryable, ids: readonly string[], now: Date): Promise<void> {
  await db.query(
    `update message set state = 'cancelled', reason = 'window_missed', settled_at = $2,
       follow_up_at = case kind when 'invite' then $2::timestamptz end
     where id = any($1::bigint[]) and state = 'queued'`,
    [ids, now],
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
    `with over as materialized (
       select id, messages from claim where leased_until < $2 order by leased_until limit $4
       for update skip locked
     ), lost as materialized (
       select m.id from over join message m on m.id = any(over.messages)
       where m.claim_id = over.id and m.state = 'sending' limit $4
       for update of m skip locked
     ), moved as (
       update message m set state = 'uncertain', reason = 'worker_lost', follow_up_at = $3
       from lost where m.id = lost.id
       returning m.id, m.attempt, m.sender, m.claimed_by, m.claimed_at, m.claim_id
     ), counted as (
       update claim c set in_flight = c.in_flight - n.moved
       from (select claim_id, count(*)::int as moved from moved group by claim_id) n where c.id = n.claim_id
     ), tried as (
       insert into attempt (message_id, attempt, worker, claimed_at, finished_at, outcome)
       select id, attempt, claimed_by, claimed_at, $1, 'rescued' from moved
     )
     select id, attempt, sender from moved`,
    [now, real, followUpAt, limit],
  );
  return rows;
}

/**
 * Forgets claims of which nothing is under way any more: by their count, and when their lease is over (`real`) by a look at
 * their messages, should somebody have changed those by hand.
 */
export async function claimsForget(db: Queryable, real: Date): Promise<void> {
  await db.query(
    `delete from claim c where c.in_flight = 0 or (c.leased_until < $1 and not exists (
       select from message m where m.id = any(c.messages) and m.claim_id = c.id and m.state = 'sending'))`,
    [real],
  );
}
