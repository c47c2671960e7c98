import type { Queryable } from '#store/database';
import type { SuppressedChannel, SuppressionReason } from './suppression.sql.js';

export interface ListedSuppression {
  readonly id: string;
  /** null: every channel. */
  readonly channel: SuppressedChannel | null;
  readonly reason: SuppressionReason;
  readonly via: string;
  readonly since: Date;
  /** null when the number is not kept: only its hash is. */
  readonly phoneCipher: Buffer | null;
}

/** Standing suppressions, newest first, one more than the limit; `before`: ids below it. */
export async function suppressionPage(
  db: Queryable,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<ListedSuppression[]> {
  const { rows } = await db.query<ListedSuppression>(
    `select s.id, s.channel, s.reason, s.via, s.created_at as since, c.phone_cipher as "phoneCipher"
     from suppression s left join contact c on c.phone_hash = s.address_hash
     where s.lifted_at is null and ($1::bigint is null or s.id < $1)
     order by s.id desc limit $2`,
    [before ?? null, limit + 1],
  );
  return rows;
}

/** Writes many addresses down at once, as imported. Returns how many were not there before. */
export async function suppressionImport(
  db: Queryable,
  entries: readonly { readonly addressHash: Buffer; readonly channel: SuppressedChannel | null }[],
  now: Date,
): Promise<number> {
  const { rowCount } = await db.query(
    `insert into suppression (address_hash, channel, reason, via, created_at)
     select hash, channel, 'import', 'import', $3 from unnest($1::bytea[], $2::text[]) as given (hash, channel)
     order by hash
     on conflict (address_hash, coalesce(channel, '')) where lifted_at is null do nothing`,
    [entries.map(({ addressHash }) => addressHash), entries.map(({ channel }) => channel), now],
  );
  return rowCount;
}
