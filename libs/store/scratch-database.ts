import pg from 'pg';
import { AppError, reasonOf } from '#kernel/errors';
import { randomHex } from '#kernel/ids';
import { Database } from './database.js';
import { migrate } from './migrate.js';

/**
 * Runs `work` on a migrated database of its own beside the given one, on the same server; it is dropped afterwards,
 * also when the work throws. Nothing in the given database is read or changed. Throws `scratch_refused` when the
 * account may not create databases.
 */
export async function withScratchDatabase<T>(
  beside: Database,
  work: (scratch: Database) => Promise<T>,
): Promise<T> {
  const address = addressOf(beside);
  const name = `vidhuk_scratch_${randomHex(6)}`;
  await administer(address, `create database ${name} template template0`);
  try {
    const url = new URL(address);
    url.pathname = `/${name}`;
    const scratch = await Database.connect(url.href, { applicationName: 'vidhuk simulate', poolSize: 2 });
    try {
      await migrate(scratch);
      return await work(scratch);
    } finally {
      await scratch.close();
    }
  } finally {
    await administer(address, `drop database ${name} with (force)`);
  }
}

function addressOf({ dataSource }: Database): string {
  const { url } = dataSource.options as { url?: string };
  if (url === undefined) throw new Error('the database was not opened by its address');
  return url;
}

async function administer(address: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    await client.query(statement);
  } catch (thrown) {
    throw new AppError(
      'scratch_refused',
      `The scratch database could not be made or dropped: ${reasonOf(thrown)}. A simulation needs an account that may create databases.`,
      { exitCode: 1, cause: thrown },
    );
  } finally {
    await client.end();
  }
}
