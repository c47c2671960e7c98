import { fork, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '#store/database';
import { startEmbedded } from '#store/embedded';
import { migrate } from '#store/migrate';

/** A server under test, in a process of its own, that tells its address and, when asked, its CPU since the last time. */
export interface Served {
  readonly url: string;
  /** Microseconds of CPU since it was last asked, and the most memory it had. */
  readonly cost: () => Promise<{ cpuUs: number; peakMb: number }>;
  readonly stop: () => Promise<void>;
}

export async function serve(entry: string, job: object): Promise<Served> {
  const child = fork(entry, process.argv.slice(2));
  const { url } = await ask<{ url: string }>(child, job);
  return {
    url,
    cost: () => ask(child, { cost: true }),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await gone;
    },
  };
}

function ask<T>(child: ChildProcess, question: object): Promise<T> {
  child.send(question);
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as T));
    child.once('exit', (code) => reject(new Error(`a server ended with ${code}`)));
  });
}

/** The child's half: starts what the job says, then answers questions about its cost until the parent is gone. */
export function beServer<Job>(
  start: (job: Job) => Promise<{ url: string; close: () => Promise<void> }>,
): void {
  process.once('message', (job) => {
    void start(job as Job).then(({ url, close }) => {
      let last = process.cpuUsage();
      process.on('message', () => {
        const { user, system } = process.cpuUsage(last);
        last = process.cpuUsage();
        process.send?.({ cpuUs: user + system, peakMb: process.resourceUsage().maxRSS / 1024 });
      });
      process.once('disconnect', () => void close().then(() => process.exit(0)));
      process.send?.({ url });
    });
  });
}

/** PostgreSQL as it ships, fsync on unless `settings` say otherwise, with the schema; gone when `work` ends. */
export async function withServer(
  work: (database: Database, url: string) => Promise<void>,
  settings: Record<string, string> = {},
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'vidhuk-bench-'));
  await chmod(dir, 0o755);
  const server = await startEmbedded(dir, { settings });
  const database = await Database.connect(server.url);
  try {
    await migrate(database);
    await work(database, server.url);
  } finally {
    await database.close();
    await server.stop();
    await server.remove();
    await rm(dir, { recursive: true, force: true });
  }
}
