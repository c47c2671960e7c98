import type { Queryable } from '#store/database';

/** The schema as text, in an order that depends on names only: what migrations/schema.sql commits. */
export async function schemaDump(db: Queryable): Promise<string> {
  const { rows: tables } = await db.query<{ oid: number; name: string }>(
    `select oid::int, relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migration' order by relname`,
  );
  const parts: string[] = [
    '-- Made from a migrated database by the schema test; UPDATE_SCHEMA=1 writes it anew.',
  ];
  for (const table of tables) {
    const lines = [...(await columns(db, table.oid)), ...(await constraints(db, table.oid))];
    parts.push(`create table ${table.name} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n);`);
    parts.push(...(await indexes(db, table.oid)), ...(await triggers(db, table.oid)));
  }
  parts.push(...(await routines(db)), ...(await views(db)));
  return `${parts.join('\n')}\n`;
}

async function routines(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select rtrim(pg_get_functiondef(oid), E'\\n') || ';' as line from pg_proc
     where pronamespace in ('public'::regnamespace, to_regnamespace('reporting')) order by proname, pg_get_function_identity_arguments(oid)`,
  );
  return rows.map((row) => row.line);
}

/** Also of the schema that analysts read. */
async function views(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select 'create view ' || oid::regclass || E' as\\n' || pg_get_viewdef(oid) as line from pg_class
     where relnamespace in ('public'::regnamespace, to_regnamespace('reporting')) and relkind = 'v' order by relname`,
  );
  return rows.map((row) => row.line);
}

async function columns(db: Queryable, oid: number): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
       case a.attidentity when 'a' then 'generated always as identity' end,
       case a.attgenerated when 's' then 'generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
         else 'default ' || pg_get_expr(d.adbin, d.adrelid) end, case when a.attnotnull then 'not null' end) as line
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [oid],
  );
  return rows.map((row) => row.line);
}

async function constraints(db: Queryable, oid: number): Promise<string[]> {
  // Not-null constraints are rows of their own from PostgreSQL 18 on; the columns already tell them.
  const { rows } = await db.query<{ line: string }>(
    `select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint
     where conrelid = $1 and contype <> 'n' order by conname`,
    [oid],
  );
  return rows.map((row) => row.line);
}

async function indexes(db: Queryable, oid: number): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i
     where i.indrelid = $1 and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = $1)
     order by i.indexrelid::regclass::text`,
    [oid],
  );
  return rows.map((row) => row.line);
}

async function triggers(db: Queryable, oid: number): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select pg_get_triggerdef(oid) || ';' as line from pg_trigger where tgrelid = $1 and not tgisinternal order by tgname`,
    [oid],
  );
  return rows.map((row) => row.line);
}
