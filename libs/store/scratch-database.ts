import pg from 'pg';
import { AppError, reasonOf } from '#kernel/errors';
import { randomHex } from '#kernel/ids';
import { Database } from './database.js';
import { migrate } from './migrate.js';

/**
 * Runs `work` on a migrated database of its own beside the given one, on the same server; it is dropped afterwards,
 * also when the work throws. One that a killed process left behind is dropped by the next run. Nothing in the given
 * database is read or changed. Throws `scratch_refused` when the account may not create databases.
 */
export async function withScratchDatabase<T>(
  beside: Database,
  work: (scratch: Database) => Promise<T>,
): Promise<T> {
  const address = addressOf(beside);
  const admin = await openAdmin(address);
  try {
    const prefix = await prefixOf(admin);
    const name = `${prefix}${randomHex(6)}`;
    // Held as long as the database is in use, by the server itself: it ends with the connection of a killed process.
    await admin.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
    await administer(() => dropAbandoned(admin, prefix, name));
    await administer(() => admin.query(`create database ${name} template template0`));
    try {
      return await workOn(address, name, work);
    } finally {
      await administer(() => admin.query(`drop database ${name} with (force)`));
    }
  } finally {
    await admin.end();
  }
}

async function openAdmin(address: string): Promise<pg.Client> {
  const admin = new pg.Client({ connectionString: address, application_name: 'vidhuk scratch' });
  // The server may end it while nothing is asked; the statement that comes next says so.
  admin.on('error', () => undefined);
  await admin.connect();
  return admin;
}

async function workOn<T>(address: string, name: string, work: (scratch: Database) => Promise<T>): Promise<T> {
  const url = new URL(address);
  url.pathname = `/${name}`;
  const scratch = await Database.connect(url.href, { applicationName: 'vidhuk simulate', poolSize: 2 });
  try {
    await migrate(scratch);
    return await work(scratch);
  } finally {
    await scratch.close();
  }
}

/** Names the database beside which it is made: advisory locks of another one cannot be seen from here. */
async function prefixOf(admin: pg.Client): Promise<string> {
  const { rows } = await admin.query<{ oid: string }>(
    'select oid::text from pg_database where datname = current_database()',
  );
  return `vidhuk_scratch_${rows[0]?.oid ?? ''}_`;
}

async function dropAbandoned(admin: pg.Client, prefix: string, own: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select datname as name from pg_database where datname ~ ('^' || $1 || '[0-9a-f]+$') and datname <> $2`,
    [prefix, own],
  );
  for (const { name } of rows) {
    const { rows: tries } = await admin.query<{ free: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as free',
      [name],
    );
    if (tries[0]?.free !== true) continue;
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
  }
}

function addressOf({ dataSource }: Database): string {
  const { url } = dataSource.options as { url?: string };
  if (url === undefined) throw new Error('the database was not opened by its address');
  return url;
}

async function administer(statement: () => Promise<unknown>): Promise<void> {
  try {
    await statement();
  } catch (thrown) {
    throw new AppError(
      'scratch_refused',
      `The scratch database could not be made or dropped: ${reasonOf(thrown)}. A simulation needs an account that may create databases.`,
      { exitCode: 1, cause: thrown },
    );
  }
}
