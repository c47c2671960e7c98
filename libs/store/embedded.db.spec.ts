import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { within } from '#kernel/deadline';
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

async function postmaster(): Promise<number> {
  const { cluster } = JSON.parse(await readFile(join(dir, 'postgres.json'), 'utf8')) as { cluster: string };
  return Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
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

  test('that hangs keeps nobody who has given up waiting for it', async () => {
    await chmod(dir, 0o755);
    await start();
    const pid = await postmaster();
    process.kill(pid, 'SIGSTOP'); // the system still accepts connections for it
    try {
      const giveUp = new AbortController();
      const looking = startEmbedded(dir, { signal: giveUp.signal });
      const refused = expect(looking).rejects.toThrow('enough');
      await delay(1_000);
      giveUp.abort(new Error('enough'));
      expect(
        await within(
          10_000,
          refused.then(() => 'given up'),
        ),
      ).toBe('given up');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('starts after a crash that left its pid file', async () => {
    await chmod(dir, 0o755);
    const first = await start();
    await ask(first.url, 'create table survived (n int)');
    process.kill(await postmaster(), 'SIGKILL');
    const second = await start();
    expect(await ask(second.url, 'select count(*)::int as n from survived')).toEqual([{ n: 0 }]);
  });
});
