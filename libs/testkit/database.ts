import pg from 'pg';
import { Database } from '#store/database';
import { randomHex } from '#kernel/ids';

export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated database of its own for one test file; call `drop` in afterAll. `empty` leaves it without schema. */
export async function testDatabase(
  options: { empty?: boolean; poolSize?: number } = {},
): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) throw new Error('run tests with npm test: the test server is not up');
  const name = `test_${randomHex(6)}`;
  await administer(server, `create database ${name} template ${options.empty ? 'template0' : 'vidhuk'}`);
  const url = server.replace(/\/vidhuk$/, `/${name}`);
  const db = await Database.connect(url, { poolSize: options.poolSize ?? 10 });
  return {
    db,
    url,
    drop: async () => {
      await db.close();
      await administer(server, `drop database ${name} with (force)`);
    },
  };
}

/** Copying a template fails while anyone is connected to it, so parallel files take turns. */
async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.replace(/\/vidhuk$/, '/postgres') });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(1)');
    await client.query(statement);
  } finally {
    await client.end();
  }
}
