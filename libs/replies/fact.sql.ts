import type { Queryable } from '#store/database';

export type FactKind =
  'receipt' | 'text' | 'conversation_started' | 'subscribed' | 'unsubscribed' | 'shared_phone' | 'unknown';
export type FactStatus = 'accepted' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'seen';

/** A fact ready to be stored: whatever is personal in it is sealed or hashed. */
export interface FactRow {
  readonly kind: FactKind;
  readonly dedupeKey: string;
  readonly externalId: string | null;
  readonly messageId: string | null;
  readonly addressHash: Buffer | null;
  readonly addressCipher: Buffer | null;
  readonly keyId: string | null;
  readonly status: FactStatus | null;
  readonly vendorCode: string | null;
  readonly textCipher: Buffer | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly happenedAt: Date;
}

/** A stored fact that has not been applied. */
export interface StoredFact {
  readonly id: string;
  readonly sender: string;
  readonly kind: FactKind;
  readonly externalId: string | null;
  readonly messageId: string | null;
  readonly addressHash: Buffer | null;
  readonly addressCipher: Buffer | null;
  readonly status: FactStatus | null;
  readonly vendorCode: string | null;
  readonly textCipher: Buffer | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly happenedAt: Date;
  readonly receivedAt: Date;
}

/** Stores facts of one sender in one statement; those already known stay as they are. Returns id and key of the new ones. */
export async function factInsert(
  db: Queryable,
  sender: string,
  facts: readonly FactRow[],
  now: Date,
): Promise<{ id: string; dedupeKey: string }[]> {
  // A column of nothing is one null: unnest fills it up, and most columns of most batches are empty.
  const column = <K extends keyof FactRow>(name: K): FactRow[K][] | null => {
    const values = facts.map((fact) => fact[name]);
    return values.some((value) => value !== null) ? values : null;
  };
  const { rows } = await db.query<{ id: string; dedupeKey: string }>(
    `insert into carrier_fact (sender, kind, dedupe_key, external_id, message_id, address_hash, address_cipher, key_id,
       status, vendor_code, text_cipher, detail, happened_at, received_at)
     select $1, f.*, $14::timestamptz from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[],
       $7::bytea[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::jsonb[], $13::timestamptz[]) as f
     on conflict (sender, dedupe_key) do nothing
     returning id, dedupe_key as "dedupeKey"`,
    [sender, column('kind'), column('dedupeKey'), column('externalId'), column('messageId'), column('addressHash'),
     column('addressCipher'), column('keyId'), column('status'), column('vendorCode'), column('textCipher'),
     facts.map(({ detail }) => JSON.stringify(detail)), facts.map(({ happenedAt }) => happenedAt.toISOString()), now],
    'carrier_fact_insert',
  ); // prettier-ignore
  return rows;
}

const STORED = `id, sender, kind, external_id as "externalId", message_id as "messageId",
  address_hash as "addressHash", address_cipher as "addressCipher", status, vendor_code as "vendorCode",
  text_cipher as "textCipher", detail, happened_at as "happenedAt", received_at as "receivedAt"`;

/** Takes unapplied facts for applying: others that want them pass over. In the order they were stored. */
export async function factTake(
  tx: Queryable,
  ids: readonly string[],
  kind: 'receipt' | 'other',
): Promise<StoredFact[]> {
  const { rows } = await tx.query<StoredFact>(
    `select ${STORED} from carrier_fact
     where id = any($1::bigint[]) and applied_at is null and (kind = 'receipt') = $2
     order by id for update skip locked`,
    [ids, kind === 'receipt'],
  );
  return rows;
}

/** Which of the facts, receipts aside, nobody has applied yet, in the order they were stored. */
export async function factUnapplied(db: Queryable, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from carrier_fact
     where id = any($1::bigint[]) and kind <> 'receipt' and applied_at is null order by id`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** One page of what is still to be applied, oldest first, after the id given. */
export async function factPending(
  db: Queryable,
  page: { after: string; receivedBefore: Date; limit: number },
): Promise<{ id: string; kind: FactKind }[]> {
  const { rows } = await db.query<{ id: string; kind: FactKind }>(
    `select id, kind from carrier_fact
     where applied_at is null and id > $1 and received_at <= $2 order by id limit $3`,
    [page.after, page.receivedBefore, page.limit],
  );
  return rows;
}

/** Writes down what replies made of facts: each is applied once. */
export async function factSettle(
  tx: Queryable,
  settled: readonly { id: string; meaning: string; invitationId: string | null }[],
  now: Date,
): Promise<void> {
  if (settled.length === 0) return;
  await tx.query(
    `update carrier_fact f set applied_at = $4, meaning = s.meaning, invitation_id = s.invitation_id
     from unnest($1::bigint[], $2::text[], $3::bigint[]) as s (id, meaning, invitation_id)
     where f.id = s.id and f.applied_at is null`,
    [
      settled.map(({ id }) => id),
      settled.map(({ meaning }) => meaning),
      settled.map(({ invitationId }) => invitationId),
      now,
    ],
  );
}
