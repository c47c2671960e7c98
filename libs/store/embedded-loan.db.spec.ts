import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { findEmbedded, startEmbedded } from './embedded.js';
import { borrowEmbedded, keepEmbedded } from './embedded-loan.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-loan-'));
  await chmod(dir, 0o755);
});
afterEach(async () => {
  const server = await startEmbedded(dir);
  await server.stop();
  await server.remove();
  await rm(dir, { recursive: true, force: true });
});

async function ask(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>('select 1 as one')).rows[0];
  } finally {
    await client.end();
  }
}

test('the server stops with the last command that borrowed it, whoever started it', async () => {
  const first = await borrowEmbedded(dir);
  const second = await borrowEmbedded(dir);
  expect([first.started, second.started, first.url === second.url]).toEqual([true, false, true]);
  await first.release();
  expect(await ask(second.url)).toEqual({ one: 1 });
  await second.release();
  expect(await findEmbedded(dir)).toBeUndefined();
}, 60_000);

test('a server that its owner keeps outlives every command', async () => {
  const owner = await startEmbedded(dir);
  await keepEmbedded(dir);
  const loan = await borrowEmbedded(dir);
  expect(loan.started).toBe(false);
  await loan.release();
  expect(await ask(owner.url)).toEqual({ one: 1 });
}, 60_000);

test('commands that come and go at once all get their server', async () => {
  await (await borrowEmbedded(dir)).release();
  const visits = Array.from({ length: 4 }, async () => {
    for (let turn = 0; turn < 2; turn++) {
      const loan = await borrowEmbedded(dir);
      expect(await ask(loan.url)).toEqual({ one: 1 });
      await loan.release();
    }
  });
  await Promise.all(visits);
}, 120_000);
