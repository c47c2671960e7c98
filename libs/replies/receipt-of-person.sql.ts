import type { Queryable } from '#store/database';

/** Somebody with a message in doubt, under the carrier's own id. */
export interface DoubtfulSubscriber {
  readonly id: string;
  readonly sender: string;
  readonly userId: string;
}

const MOST = 10_000;

/** It is to go again though nobody knows what became of its last request: by a campaign's or an operator's word. */
const WAITS_IN_DOUBT = `m.standing = 'again' and m.subscriber_id is not null and exists (
  select from attempt a where a.message_id = m.id and a.attempt = m.attempt and a.outcome in ('uncertain', 'rescued'))`;

/** The subscribers of these senders with a message in doubt: few, as doubts end within the hour. */
export async function subscribersInDoubt(tx: Queryable, senders: readonly string[]): Promise<DoubtfulSubscriber[]> {
  const { rows } = await tx.query<DoubtfulSubscriber>(
    `select distinct s.id, s.sender, s.user_id as "userId"
     from message m join viber_subscriber s on s.id = m.subscriber_id
     where s.sender = any($1::text[]) and (m.standing = 'uncertain' or (${WAITS_IN_DOUBT})) limit ${MOST}`,
    [senders],
  );
  return rows;
} // prettier-ignore

/** A receipt whose id nobody knows, and the person it is about. */
export interface StrayReceipt {
  readonly factId: string;
  readonly subscriberId: string;
}

/**
 * The uncertain message that a stray receipt must be of. A bot's receipts carry the carrier's id and the person only,
 * and that id was in the answer we never got; so a receipt speaks of a message in doubt when nothing else can be meant:
 * - it happened after the request in doubt had begun, within `windowS` civil seconds;
 * - only one message to that person is in doubt, none is under way, and all stray receipts carry one id;
 * - the person did nothing in the chat meanwhile: a bot gets receipts for what people write to it and for its welcome.
 * Returns pairs of receipt and message. https://developers.viber.com/docs/api/rest-bot-api/#message-receipts-callbacks
 */
export async function receiptsOfPersons(
  tx: Queryable,
  strays: readonly StrayReceipt[],
  windowS: number,
): Promise<{ factId: string; messageId: string }[]> {
  if (strays.length === 0) return [];
  const { rows } = await tx.query<{ factId: string; messageId: string }>(
    `with stray as (
       select f.id, f.external_id, f.address_hash, f.happened_at, t.subscriber_id
       from unnest($1::bigint[], $2::bigint[]) as t (fact_id, subscriber_id) join carrier_fact f on f.id = t.fact_id
     ), single as (
       select subscriber_id from stray group by subscriber_id having count(distinct external_id) = 1
     ), doubtful as (
       select m.subscriber_id, min(m.id) as id, min(m.claimed_at) as claimed_at
       from message m
       where m.subscriber_id in (select subscriber_id from single)
         and (m.state in ('uncertain', 'sending') or (${WAITS_IN_DOUBT}))
       group by m.subscriber_id having count(*) = 1 and bool_and(m.state <> 'sending')
     )
     select stray.id as "factId", d.id as "messageId"
     from stray join doubtful d on d.subscriber_id = stray.subscriber_id
       and stray.happened_at between d.claimed_at and d.claimed_at + make_interval(secs => $3)
     where not exists (select from carrier_fact o where o.address_hash = stray.address_hash and o.kind <> 'receipt'
       and o.happened_at >= d.claimed_at - make_interval(secs => $3))`,
    [strays.map(({ factId }) => factId), strays.map(({ subscriberId }) => subscriberId), windowS],
  );
  return rows;
}

/** Lets receipts name the message they turned out to be of, as those of other carriers do. */
export async function receiptsName(
  tx: Queryable,
  found: readonly { factId: string; messageId: string }[],
): Promise<void> {
  await tx.query(
    `update carrier_fact f set message_id = t.message_id
     from unnest($1::bigint[], $2::bigint[]) as t (id, message_id) where f.id = t.id`,
    [found.map(({ factId }) => factId), found.map(({ messageId }) => messageId)],
  );
}
