import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { schemaDump } from '#testkit/schema-dump';
import { isCurrent, migrate, migrateDown } from './migrate.js';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase({ empty: true });
});
afterAll(() => t.drop());

test('goes up, down and up again to the same schema', async () => {
  expect(await isCurrent(t.db)).toBe(false);
  expect((await migrate(t.db)).length).toBeGreaterThan(0);
  expect(await isCurrent(t.db)).toBe(true);
  const first = await schemaDump(t.db);
  await migrateDown(t.db);
  expect(await isCurrent(t.db)).toBe(false);
  const { rows } = await t.db.query(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r','v','S') and relname not in ('migration', 'migration_id_seq')`,
  );
  expect(rows).toEqual([]);
  await migrate(t.db);
  expect(await isCurrent(t.db)).toBe(true);
  expect(await schemaDump(t.db)).toBe(first);
});

test('many processes at once migrate once', async () => {
  await migrateDown(t.db);
  const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(t.db)));
  expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
});
