import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { findEmbedded, startEmbedded, type EmbeddedServer } from './embedded.js';

let dir: string;
const servers: EmbeddedServer[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-embedded-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop().catch(() => undefined);
    await server.remove();
  }
  await rm(dir, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedServer> {
  const server = await startEmbedded(dir, { settings: { fsync: 'off' } });
  servers.push(server);
  return server;
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded server', () => {
  test('keeps its data over a stop and a start', async () => {
    await chmod(dir, 0o755);
    const first = await start();
    await ask(first.url, 'create table kept (n int)');
    await first.stop();
    expect(await findEmbedded(dir)).toBeUndefined();
    const second = await start();
    expect(second.started).toBe(true);
    expect(await ask(second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  });

  test('is found running instead of started twice', async () => {
    await chmod(dir, 0o755);
    const first = await start();
    const again = await start();
    expect(again.started).toBe(false);
    expect(again.url).toBe(first.url);
    expect(await findEmbedded(dir)).toBe(first.url);
  });

  test('works in a folder that only its owner may enter', async () => {
    await chmod(dir, 0o700);
    const server = await start();
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('starts after a crash that left its pid file', async () => {
    await chmod(dir, 0o755);
    const first = await start();
    await ask(first.url, 'create table survived (n int)');
    const { cluster } = JSON.parse(await readFile(join(dir, 'postgres.json'), 'utf8')) as { cluster: string };
    const pid = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    const second = await start();
    expect(await ask(second.url, 'select count(*)::int as n from survived')).toEqual([{ n: 0 }]);
  });
});
