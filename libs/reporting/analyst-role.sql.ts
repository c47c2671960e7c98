import type { Queryable } from '#store/database';

/** The group role whose members may read schema `reporting`, and nothing else. */
export const ANALYST_ROLE = 'vidhuk_analyst';

/** `missing`: nobody made the role; `ungranted`: it was made after the schema, and may not read it yet. */
export type AnalystRole = 'ready' | 'missing' | 'ungranted';

export async function analystRole(db: Queryable): Promise<AnalystRole> {
  const { rows } = await db.query<{ may: boolean | null }>(
    `select bool_and(has_schema_privilege(r.oid, n.oid, 'usage') and has_table_privilege(r.oid, c.oid, 'select')) as may
     from pg_roles r, pg_namespace n join pg_class c on c.relnamespace = n.oid and c.relkind = 'v'
     where r.rolname = $1 and n.nspname = 'reporting'`,
    [ANALYST_ROLE],
  );
  const may = rows[0]?.may ?? null;
  if (may === null) return 'missing';
  return may ? 'ready' : 'ungranted';
}

/** Lets the role, which exists, read the views. */
export async function analystGrant(db: Queryable): Promise<void> {
  await db.query(`grant usage on schema reporting to ${ANALYST_ROLE}`);
  await db.query(`grant select on all tables in schema reporting to ${ANALYST_ROLE}`);
}
