import type { Queryable } from '#store/database';

/** Hashes, in hexadecimal, of the wordings that the sender's carrier has approved. There are some dozens at most. */
export async function approvedWordings(db: Queryable, sender: string): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ hash: string }>(
    `select encode(text_hash, 'hex') as hash from text_approval where sender = $1 and state = 'approved'`,
    [sender],
    'approved_wordings',
  );
  return new Set(rows.map(({ hash }) => hash));
}
