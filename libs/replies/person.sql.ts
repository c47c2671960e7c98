import { suppressionStands } from '#contacts/suppression.sql';
import type { Queryable } from '#store/database';

/** Whoever a fact came from, as far as we know them. */
export interface Person {
  readonly contactId: string | null;
  readonly phoneHash: Buffer | null;
  readonly subscriberId: string | null;
  /** Refused messages on this channel. */
  readonly optedOut: boolean;
  readonly language: string | null;
}

const optedOut = (channel: string): string =>
  `coalesce(${suppressionStands('c.phone_hash', channel)}, false)`;

/** The person behind a phone number, known by its hash. */
export async function personByPhone(
  tx: Queryable,
  phoneHash: Buffer,
  channel: 'sms' | 'viber',
): Promise<Person> {
  const { rows } = await tx.query<Person>(
    `select c.id as "contactId", h.hash as "phoneHash", null::bigint as "subscriberId",
       ${suppressionStands('h.hash', '$2')} as "optedOut", null::text as language
     from (values ($1::bytea)) h (hash) left join contact c on c.phone_hash = h.hash`,
    [phoneHash, channel],
  );
  return rows[0] as Person;
}

/** The person behind a carrier's user id; makes the subscriber's row where there is none. */
export async function personBySubscriber(
  tx: Queryable,
  sender: string,
  userId: string,
  now: Date,
): Promise<Person> {
  const { rows } = await tx.query<Person>(
    `with known as (
       insert into viber_subscriber as s (sender, user_id, created_at) values ($1, $2, $3)
       on conflict (sender, user_id) do update set user_id = s.user_id
       returning s.*
     )
     select k.contact_id as "contactId", c.phone_hash as "phoneHash", k.id as "subscriberId",
       ${optedOut(`'viber'`)} as "optedOut", k.language
     from known k left join contact c on c.id = k.contact_id`,
    [sender, userId, now],
  );
  return rows[0] as Person;
}

/** Binds a subscriber to a contact by the code they opened; the last code opened counts. */
export async function subscriberLink(
  tx: Queryable,
  link: { subscriberId: string; contactId: string; now: Date },
): Promise<void> {
  await tx.query(
    `update viber_subscriber set contact_id = $2, linked_at = $3, link_source = 'code'
     where id = $1 and contact_id is distinct from $2`,
    [link.subscriberId, link.contactId, link.now],
  );
}

export async function subscriberProfile(
  tx: Queryable,
  profile: { subscriberId: string; language: string | null; apiVersion: number | null },
): Promise<void> {
  await tx.query(
    `update viber_subscriber set language = coalesce($2, language), api_version = coalesce($3, api_version) where id = $1`,
    [profile.subscriberId, profile.language, profile.apiVersion],
  );
}

/**
 * The person subscribed, or wrote, which subscribes them. Returns false when they left later than that: calls come
 * in any order.
 */
export async function subscriberJoin(tx: Queryable, subscriberId: string, at: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update viber_subscriber set subscribed_at = greatest(subscribed_at, $2), unsubscribed_at = null
     where id = $1 and (unsubscribed_at is null or unsubscribed_at <= $2)`,
    [subscriberId, at],
  );
  return rowCount > 0;
}

/** The person left the bot. Returns false when they came back later than that. */
export async function subscriberLeave(tx: Queryable, subscriberId: string, at: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update viber_subscriber set unsubscribed_at = greatest(unsubscribed_at, $2)
     where id = $1 and (subscribed_at is null or subscribed_at <= $2)`,
    [subscriberId, at],
  );
  return rowCount > 0;
}

/** Lifts what a technical unsubscribe put up, and only that: an operator's or the person's own word stays. */
export async function unsubscriptionLift(tx: Queryable, phoneHash: Buffer, now: Date): Promise<void> {
  await tx.query(
    `update suppression set lifted_at = $2
     where address_hash = $1 and channel = 'viber' and reason = 'unsubscribed' and lifted_at is null`,
    [phoneHash, now],
  );
}

/** The person said in the chat that we must not write: theirs under whatever number they turn out to have. */
export async function subscriberStop(tx: Queryable, subscriberId: string, at: Date): Promise<void> {
  await tx.query('update viber_subscriber set stopped_at = greatest(stopped_at, $2) where id = $1', [
    subscriberId,
    at,
  ]);
}

/**
 * Takes back stops said in the person's chats before then. Returns whether there was one. A chat that somebody else has
 * in hand is passed over, or the two could wait for each other: its stop stays until they say so there.
 */
export async function subscriberResume(
  tx: Queryable,
  who: { contactId: string | null; subscriberId: string | null; at: Date },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update viber_subscriber set stopped_at = null
     where id in (select id from viber_subscriber where (id = $1 or contact_id = $2) and stopped_at <= $3
       for update skip locked)`,
    [who.subscriberId, who.contactId, who.at],
  );
  return rowCount > 0;
}

/** The number of a contact and when the stop was said, if the last word in this chat about being written to was one. */
export async function numberOfStopped(
  tx: Queryable,
  who: { subscriberId: string; contactId: string },
): Promise<{ phoneHash: Buffer; stoppedAt: Date } | undefined> {
  const { rows } = await tx.query<{ phoneHash: Buffer; stoppedAt: Date }>(
    `select c.phone_hash as "phoneHash", s.stopped_at as "stoppedAt" from viber_subscriber s, contact c
     where s.id = $1 and s.stopped_at is not null and c.id = $2 and c.phone_hash is not null`,
    [who.subscriberId, who.contactId],
  );
  return rows[0];
}
