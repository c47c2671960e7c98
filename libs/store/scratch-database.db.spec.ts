import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { withScratchDatabase } from './scratch-database.js';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

const nameOf = async (db: TestDatabase['db']): Promise<string> => {
  const { rows } = await db.query<{ name: string }>('select current_database() as name');
  return rows[0]?.name ?? '';
};
const exists = async (name: string): Promise<boolean> => {
  const { rows } = await t.db.query('select from pg_database where datname = $1', [name]);
  return rows.length > 0;
};

test('is migrated, apart from the given database, and gone afterwards', async () => {
  const name = await withScratchDatabase(t.db, async (scratch) => {
    const { rows } = await scratch.query('select from visit');
    expect(rows).toEqual([]);
    return nameOf(scratch);
  });
  expect(name).not.toBe(await nameOf(t.db));
  expect(await exists(name)).toBe(false);
});

test('is gone when the work fails, and the failure is told', async () => {
  let name = '';
  const failing = withScratchDatabase(t.db, async (scratch) => {
    name = await nameOf(scratch);
    throw new Error('the work failed');
  });
  await expect(failing).rejects.toThrow('the work failed');
  expect(await exists(name)).toBe(false);
});

test('one that a killed process left is dropped by the next run; one in use is not', async () => {
  const inUse = await withScratchDatabase(t.db, async (scratch) => {
    const name = await nameOf(scratch);
    const left = name.replace(/[0-9a-f]+$/, 'dead');
    await t.db.query(`create database ${left} template template0`);
    await withScratchDatabase(t.db, async () => {
      expect(await exists(left)).toBe(false);
      expect(await exists(name)).toBe(true);
      await Promise.resolve();
    });
    return nameOf(scratch);
  });
  expect(await exists(inUse)).toBe(false);
});
