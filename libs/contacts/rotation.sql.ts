import type { Queryable } from '#store/database';
import type { SealedTable } from './sealed-columns.js';

export interface SealedRow {
  /** Values of the primary key, as text. */
  readonly key: readonly string[];
  /** One for each cipher column of the table, in its order. */
  readonly ciphers: readonly (Buffer | null)[];
}

const holds = ({ ciphers }: SealedTable): string => `coalesce(${ciphers.join(', ')}) is not null`;
const keyOf = ({ key }: SealedTable): string => key.map(([column]) => column).join(', ');

/** Rows under another key than `keyId`, after the key given, locked; those in another's hands are passed over. */
export async function sealedTakeOld(
  tx: Queryable,
  table: SealedTable,
  request: { keyId: string; after: readonly string[] | undefined; limit: number },
): Promise<SealedRow[]> {
  const { keyId, after, limit } = request;
  const place = table.key.map(([, type], i) => `$${i + 3}::${type}`).join(', ');
  const { rows } = await tx.query<{ key: string[]; ciphers: (Buffer | null)[] }>(
    `select array[${table.key.map(([column]) => `${column}::text`).join(', ')}] as key,
       array[${table.ciphers.join(', ')}] as ciphers
     from ${table.table}
     where key_id is distinct from $1 and ${holds(table)} ${after ? `and (${keyOf(table)}) > (${place})` : ''}
     order by ${keyOf(table)} limit $2
     for no key update skip locked`,
    [keyId, limit, ...(after ?? [])],
  );
  return rows;
}

/** Writes the rows' new ciphers, with the key that made them. */
export async function sealedPut(
  tx: Queryable,
  table: SealedTable,
  keyId: string,
  rows: readonly SealedRow[],
): Promise<void> {
  const keys = table.key.map(([column, type], i) => ({
    column,
    type,
    values: rows.map((row) => row.key[i]),
  }));
  const ciphers = table.ciphers.map((column, i) => ({
    column,
    type: 'bytea',
    values: rows.map((row) => row.ciphers[i]),
  }));
  const columns = [...keys, ...ciphers];
  await tx.query(
    `update ${table.table} t
     set key_id = $1, ${ciphers.map(({ column }) => `${column} = fresh.${column}`).join(', ')}
     from unnest(${columns.map(({ type }, i) => `$${i + 2}::${type}[]`).join(', ')})
       as fresh (${columns.map(({ column }) => column).join(', ')})
     where ${keys.map(({ column }) => `t.${column} = fresh.${column}`).join(' and ')}`,
    [keyId, ...columns.map(({ values }) => values)],
  );
}

/** How many rows are under another key than `keyId`. */
export async function sealedOldCount(db: Queryable, table: SealedTable, keyId: string): Promise<number> {
  const { rows } = await db.query<{ n: string }>(
    `select count(*) as n from ${table.table} where key_id is distinct from $1 and ${holds(table)}`,
    [keyId],
  );
  return Number(rows[0]?.n ?? 0);
}
