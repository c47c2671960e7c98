import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findEmbedded, startEmbedded, type EmbeddedServer } from './embedded.js';
import { watchEmbedded } from './embedded-watch.js';

let dir: string;
let server: EmbeddedServer;
let cluster: string;
const said: string[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-watch-'));
  await chmod(dir, 0o755);
  said.length = 0;
  server = await startEmbedded(dir, { settings: { fsync: 'off' } });
  ({ cluster } = JSON.parse(await readFile(join(dir, 'postgres.json'), 'utf8')) as { cluster: string });
});
afterEach(async () => {
  await server.stop();
  await server.remove();
  await rm(dir, { recursive: true, force: true });
});

const pidFile = (): Promise<string[]> =>
  readFile(join(cluster, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  );
const serverPid = async (): Promise<number | undefined> => Number((await pidFile())[0]) || undefined;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(happened: () => Promise<boolean>): Promise<void> {
  while (!(await happened())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function kill(): Promise<number> {
  const pid = (await serverPid()) ?? 0;
  process.kill(pid, 'SIGKILL');
  return pid;
}

test('a server that died is started again', async () => {
  const unwatch = watchEmbedded(dir, server.url, (text) => said.push(text));
  await kill();
  await until(async () => said.length > 0);
  expect(said).toEqual(['PostgreSQL stopped; it was started again']);
  expect(await findEmbedded(dir)).toBe(server.url);
  await unwatch();
});

test('the end of the watch takes a start back that is under way, and leaves no server', async () => {
  const unwatch = watchEmbedded(dir, server.url, (text) => said.push(text));
  // A recovery that goes on for longer than a start is waited for.
  await writeFile(join(cluster, 'recovery.signal'), '', { mode: 0o644 });
  const settings = join(cluster, 'postgresql.auto.conf');
  await writeFile(settings, `${await readFile(settings, 'utf8')}\nrestore_command = 'sleep 20; false'\n`);
  const dead = await kill();
  await until(
    async () => (await serverPid()) !== dead && ((await pidFile())[7] ?? '').startsWith('starting'),
  );
  const starting = (await serverPid()) ?? 0;
  const began = performance.now();
  await unwatch();
  expect(performance.now() - began).toBeLessThan(8_000);
  expect([await serverPid(), isAlive(starting), said]).toEqual([undefined, false, []]);
  await server.stop();
});
