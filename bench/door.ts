import { fork, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { Database } from '#store/database';
import { startEmbedded } from '#store/embedded';
import { migrate } from '#store/migrate';

/** One request that a load generator sends. */
export interface Shot {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytes: number;
}

/**
 * Sends all shots over `connections`, each sending its next when the last is answered; with `perSecond` at that pace
 * instead, so that waiting shows as latency and not as a lower rate.
 */
export async function fire(
  url: string,
  shots: readonly Shot[],
  connections: number,
  perSecond?: number,
): Promise<Load> {
  const http = new Pool(url, { connections, pipelining: 1 });
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  let bytes = 0;
  const began = performance.now();
  let next = 0;
  const send = async (shot: Shot, due: number): Promise<void> => {
    const answer = await http.request({ ...shot, body: shot.body ?? null });
    bytes = (await answer.body.arrayBuffer()).byteLength;
    latencies.push(performance.now() - due);
    statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
  };
  const lane = async (): Promise<void> => {
    for (let at = next++; at < shots.length; at = next++) await send(shots[at] as Shot, performance.now());
  };
  if (perSecond === undefined) await Promise.all(Array.from({ length: connections }, lane));
  else await paced(shots, perSecond, send);
  const seconds = (performance.now() - began) / 1000;
  await http.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? NaN;
  return { perSecond: shots.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), statuses, bytes };
}

async function paced(
  shots: readonly Shot[],
  perSecond: number,
  send: (shot: Shot, due: number) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const flying: Promise<void>[] = [];
  for (let at = 0; at < shots.length;) {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    for (; at < Math.min(due, shots.length); at++) flying.push(send(shots[at] as Shot, performance.now()));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(flying);
}

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
