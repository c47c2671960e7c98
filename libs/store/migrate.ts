import type { Database } from './database.js';

// Any constant will do, as long as every version of Vidhuk uses the same one.
const MIGRATION_LOCK = 7_340_127;

/**
 * Brings the schema up to date. Safe to call from many processes at once: they queue on an advisory lock and
 * the later ones find nothing to do. Returns the names of the migrations that ran.
 */
export async function migrate(database: Database): Promise<string[]> {
  return withMigrationLock(database, async () => {
    const ran = await database.dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  });
}

/** Undoes every migration, newest first; the database is as empty as before the first. */
export async function migrateDown(database: Database): Promise<void> {
  await withMigrationLock(database, async () => {
    for (let left = await appliedCount(database); left > 0; left--) {
      await database.dataSource.undoLastMigration({ transaction: 'each' });
    }
  });
}

/** Whether every migration of this program has run; false also when the database is ahead or empty. */
export async function isCurrent(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ present: boolean }>(
    `select to_regclass('migration') is not null as present`,
  );
  if (rows[0]?.present !== true) return false;
  return (await appliedCount(database)) === database.dataSource.migrations.length;
}

async function appliedCount(database: Database): Promise<number> {
  const { rows } = await database.query<{ n: number }>('select count(*)::int as n from migration');
  return rows[0]?.n ?? 0;
}

async function withMigrationLock<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      return await work();
    } finally {
      await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    client.release();
  }
}
