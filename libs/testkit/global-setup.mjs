import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// Jest loads this file outside its transform, so it uses the build that `npm test` makes first.
import { Database } from '../../dist/libs/store/database.js';
import { startEmbedded } from '../../dist/libs/store/embedded.js';
import { migrate } from '../../dist/libs/store/migrate.js';

/**
 * One PostgreSQL for the whole run, with a migrated template that each test file clones.
 * Durability is off: a test server has nothing to lose, and a clone takes a tenth of the time.
 */
export default async function setUp() {
  const dir = await mkdtemp(join(tmpdir(), 'vidhuk-test-'));
  await chmod(dir, 0o755); // the account PostgreSQL runs under must get in
  const server = await startEmbedded(dir, {
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  const database = await Database.connect(server.url);
  await migrate(database);
  await database.close();
  process.env['TEST_DATABASE_URL'] = server.url;
  globalThis.stopTestServer = async () => {
    await server.stop();
    await server.remove();
    await rm(dir, { recursive: true, force: true });
  };
}
