import { suppress } from '#contacts/suppression.sql';
import type { Queryable } from '#store/database';
import type { MessageKind } from './message-kinds.js';

interface Refused {
  phoneHash: Buffer;
  channel: 'sms' | 'viber';
}

/**
 * Writes down a refusal that a carrier reported for these messages: a fact of their invitations, the end of a
 * subscription, and the suppression of the number on that channel. Call it in a transaction.
 */
export async function recordRefusals(db: Queryable, messageIds: readonly string[], now: Date): Promise<void> {
  if (messageIds.length === 0) return;
  const { rows } = await db.query<Refused>(REFUSED, [messageIds, now]);
  for (const { phoneHash, channel } of rows) {
    await suppress(db, { addressHash: phoneHash, channel, reason: 'carrier', via: 'carrier', now });
  }
}

const REFUSED = `
  with refused as (
    select m.invitation_id, m.subscriber_id, m.contact_id, m.channel from message m where m.id = any($1::bigint[])
  ), fact as (
    update invitation i set refused_at = $2
    from refused r where i.id = r.invitation_id and i.refused_at is null
  ), left_bot as (
    update viber_subscriber s set unsubscribed_at = $2
    from refused r where s.id = r.subscriber_id and s.unsubscribed_at is null
  )
  select distinct c.phone_hash as "phoneHash", r.channel
  from refused r join contact c on c.id = r.contact_id`;

/** How often our account was refused for each message before: id → its kind and the number of refusals. */
export async function accountRefusals(
  db: Queryable,
  messageIds: readonly string[],
): Promise<Map<string, { kind: MessageKind; times: number }>> {
  const { rows } = await db.query<{ id: string; kind: MessageKind; times: number }>(
    `select m.id, m.kind, (count(a.message_id) filter (where a.outcome = 'rejected'))::int as times
     from message m left join attempt a on a.message_id = m.id
     where m.id = any($1::bigint[]) group by m.id`,
    [messageIds],
  );
  return new Map(rows.map(({ id, kind, times }) => [id, { kind, times }]));
}
