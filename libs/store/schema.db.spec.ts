import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { schemaDump } from '#testkit/schema-dump';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

test('the migrated schema is the committed one', async () => {
  const file = join(projectRoot, 'migrations', 'schema.sql');
  const dump = await schemaDump(t.db);
  if (process.env['UPDATE_SCHEMA']) await writeFile(file, dump);
  expect(dump).toBe(await readFile(file, 'utf8'));
});

describe('entities map columns that exist, with their type and nullability', () => {
  test('all of them', async () => {
    const differences: string[] = [];
    for (const entity of t.db.dataSource.entityMetadatas) {
      const { rows } = await t.db.query<{ name: string; type: string; nullable: boolean }>(
        `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable
         from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
        [entity.tableName],
      );
      const inDatabase = new Map(
        rows.map((row) => [row.name, `${row.type} ${row.nullable ? 'null' : 'not null'}`]),
      );
      for (const column of entity.columns) {
        const type = String(column.type).replace('timestamptz', 'timestamp with time zone');
        const mapped = `${type}${column.isArray ? '[]' : ''} ${column.isNullable ? 'null' : 'not null'}`;
        const actual = inDatabase.get(column.databaseName);
        if (actual !== mapped)
          differences.push(`${entity.tableName}.${column.databaseName}: ${mapped}, is ${String(actual)}`);
        inDatabase.delete(column.databaseName);
      }
      for (const name of inDatabase.keys()) differences.push(`${entity.tableName}.${name}: not mapped`);
    }
    expect(differences).toEqual([]);
  });
});
