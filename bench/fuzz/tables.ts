import type { Queryable } from '#store/database';

/** Where bad input may leave a row of its own: kept for a look, refused with a reason, or recorded. */
const GROWING = new Set(['carrier_fact', 'viber_subscriber', 'rejected_row', 'intake_batch', 'audit_entry', 'sign_in_failure']); // prettier-ignore
/** Columns that say when something was last used. */
const RESTLESS: Readonly<Record<string, readonly string[]>> = { api_token: ['last_used_at'] };

/** Hashes of the rows of every table. */
export type Rows = ReadonlyMap<string, ReadonlySet<string>>;

export async function rowsOf(db: Queryable): Promise<Rows> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  );
  const all = new Map<string, ReadonlySet<string>>();
  for (const { name } of tables) {
    const { rows } = await db.query<{ hash: string }>(
      `select md5((to_jsonb(t) - $1::text[])::text) as hash from ${name} t`,
      [RESTLESS[name] ?? []],
    );
    all.set(name, new Set(rows.map(({ hash }) => hash)));
  }
  return all;
}

/** What was lost or changed, and what was added where nothing may be added; empty when all is as it was. */
export function differences(before: Rows, after: Rows): string[] {
  const found: string[] = [];
  for (const [table, rows] of before) {
    const now = after.get(table) ?? new Set();
    const missing = [...rows].filter((hash) => !now.has(hash)).length;
    if (missing > 0) found.push(`${table}: ${missing} rows lost or changed`);
    const added = [...now].filter((hash) => !rows.has(hash)).length;
    if (added > 0 && !GROWING.has(table)) found.push(`${table}: ${added} rows that nobody asked for`);
  }
  return found;
}
