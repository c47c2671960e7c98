import type { SenderRow } from '#channels/registry';
import type { Queryable } from '#store/database';

/**
 * Makes the sender table say what this process has credentials for. Senders that are no longer configured are
 * switched off, not deleted: their messages refer to them. A stop stays as it was.
 */
export async function senderSync(db: Queryable, senders: readonly SenderRow[], now: Date): Promise<void> {
  await db.query(
    `with configured as (
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::smallint[])
         as s (key, kind, channel, addressing, two_way, priority)
     ), gone as (
       update sender set enabled = false, updated_at = $7
       where enabled and key not in (select key from configured)
     )
     insert into sender as s (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
     select key, kind, channel, addressing, two_way, true, priority, $7 from configured
     on conflict (key) do update set
       kind = excluded.kind, channel = excluded.channel, addressing = excluded.addressing,
       two_way = excluded.two_way, enabled = true, priority = excluded.priority, updated_at = excluded.updated_at
     where (s.kind, s.channel, s.addressing, s.two_way, s.enabled, s.priority)
       is distinct from (excluded.kind, excluded.channel, excluded.addressing, excluded.two_way, true, excluded.priority)`,
    [
      senders.map(({ key }) => key),
      senders.map(({ kind }) => kind),
      senders.map(({ channel }) => channel),
      senders.map(({ addressing }) => addressing),
      senders.map(({ two_way }) => two_way),
      senders.map(({ priority }) => priority),
      now,
    ],
  );
}

/** Nothing is claimed for a stopped sender; the first reason stays. */
export async function senderStop(db: Queryable, key: string, reason: string, now: Date): Promise<void> {
  await db.query(
    `update sender set stopped_at = $3, stopped_reason = $2, updated_at = $3 where key = $1 and stopped_at is null`,
    [key, reason, now],
  );
}

/** Lets a stopped sender go on. Returns whether it was stopped. */
export async function senderResume(db: Queryable, key: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `update sender set stopped_at = null, stopped_reason = null, updated_at = $2 where key = $1 and stopped_at is not null`,
    [key, now],
  );
  return rowCount > 0;
}

/**
 * How many messages more may be in flight for the sender, all workers together; null when it has no cap. Locks the
 * sender until the transaction ends, so that workers count one after another.
 */
export async function senderRoom(tx: Queryable, key: string): Promise<number | null> {
  const { rows } = await tx.query<{ cap: number | null }>(
    'select max_in_flight as cap from sender where key = $1 and max_in_flight is not null for update',
    [key],
    'sender_room',
  );
  const cap = rows[0]?.cap ?? null;
  if (cap === null) return null;
  const { rows: flying } = await tx.query<{ n: number }>(
    `select coalesce(sum(in_flight), 0)::int as n from claim where sender = $1`,
    [key],
    'sender_in_flight',
  );
  return cap - (flying[0]?.n ?? 0);
}

/** Sets how many messages may be in flight, all workers together; null lifts the cap. Returns whether there is such a sender. */
export async function senderSetCap(
  db: Queryable,
  key: string,
  maxInFlight: number | null,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update sender set max_in_flight = $2, updated_at = $3 where key = $1`,
    [key, maxInFlight, now],
  );
  return rowCount > 0;
}

/** Says until when (real time) a worker waits for the sender's carrier to recover; null: it goes on. */
export async function senderPause(db: Queryable, key: string, until: Date | null, now: Date): Promise<void> {
  await db.query(
    `update sender set paused_until = $2, updated_at = $3 where key = $1 and paused_until is distinct from $2`,
    [key, until, now],
  );
}

/** Senders that are switched on but stopped, and since when (civil). */
export async function sendersStopped(db: Queryable): Promise<{ key: string; stoppedAt: Date }[]> {
  const { rows } = await db.query<{ key: string; stoppedAt: Date }>(
    `select key, stopped_at as "stoppedAt" from sender where enabled and stopped_at is not null order by key`,
  );
  return rows;
}
