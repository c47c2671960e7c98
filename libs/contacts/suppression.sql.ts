import type { Queryable } from '#store/database';

export type SuppressionReason = 'stop' | 'unsubscribed' | 'carrier' | 'operator' | 'import' | 'wrong_number';
export type SuppressedChannel = 'sms' | 'viber';

export interface Suppression {
  /** Keyed hash of the number (`vault.phoneHash`). */
  readonly addressHash: Buffer;
  /** null: every channel. */
  readonly channel: SuppressedChannel | null;
  readonly reason: SuppressionReason;
  /** Where it was said: sms, viber, page, operator, carrier, import. */
  readonly via: string;
  readonly now: Date;
}

/**
 * Writes the address down as not to be written to. Returns whether it was not yet: repeating it changes nothing,
 * and the first reason stays. A person's own word counts for every channel; a technical unsubscribe for its own.
 */
export async function suppress(db: Queryable, suppression: Suppression): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into suppression (address_hash, channel, reason, via, created_at)
     values ($1, $2, $3, $4, $5)
     on conflict (address_hash, coalesce(channel, '')) where lifted_at is null do nothing`,
    [suppression.addressHash, suppression.channel, suppression.reason, suppression.via, suppression.now],
  );
  return rowCount > 0;
}

/**
 * Lifts the standing entry made with exactly this channel (null: the one for every channel; entries of a single
 * channel stay). Returns whether there was one.
 */
export async function liftSuppression(
  db: Queryable,
  lift: { addressHash: Buffer; channel: SuppressedChannel | null; now: Date },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update suppression set lifted_at = $3
     where address_hash = $1 and coalesce(channel, '') = coalesce($2, '') and lifted_at is null`,
    [lift.addressHash, lift.channel, lift.now],
  );
  return rowCount > 0;
}

/**
 * SQL condition, true while the address may not be written to on the channel. Both arguments are SQL expressions
 * of the surrounding statement, never values: `suppressionStands('c.phone_hash', 'm.channel')`.
 */
export function suppressionStands(hash: string, channel: string): string {
  return `exists (
    select from suppression standing
    where standing.address_hash = ${hash} and standing.lifted_at is null
      and (standing.channel is null or standing.channel = ${channel}))`;
}

/** Whether one address is suppressed on a channel. */
export async function isSuppressed(
  db: Queryable,
  addressHash: Buffer,
  channel: SuppressedChannel,
): Promise<boolean> {
  const { rows } = await db.query<{ stands: boolean }>(
    `select ${suppressionStands('$1::bytea', '$2')} as stands`,
    [addressHash, channel],
  );
  return rows[0]?.stands === true;
}
