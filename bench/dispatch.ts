import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageClaimPlan, NO_TURN } from '#dispatch/claim.sql';
import { systemClock } from '#kernel/clock';
import { Database } from '#store/database';
import { migrate } from '#store/migrate';
import { fillBullmq, runBullmq, startRedis } from './dispatch-bullmq.js';
import { fillLimit, runLimit } from './dispatch-limit.js';
import { addInvites, addSettled, clearOutbox, fillOutbox, runOurs, tidy } from './dispatch-ours.js';
import { withServer } from './door.js';
import { startCarrier } from './loopback-carrier.js';
import { median, postmasterPid, serverCpuUs } from './measure.js';

/**
 * Messages per second of a worker against a loopback carrier, beside a hand-written loop (`limit`) and BullMQ on Redis
 * with the twilio SDK as it comes, interleaved, at 0 and 20 ms of carrier latency:
 * `node dist/bench/dispatch.js [--messages 20000] [--rounds 3] [--in-flight 256] [--latency 0,20]
 *   [--only limit,ours,two,bullmq] [--settled 0]`.
 * `two` is two of our workers; `--settled N` adds `full`, ours on a database with N settled messages, and prints the plans of
 * the claim in both. Each runs in processes of its own on one PostgreSQL with fsync on; a first run warms it up.
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    'in-flight': { type: 'string', default: '256' },
    latency: { type: 'string', default: '0,20' },
    settled: { type: 'string', default: '0' },
    only: { type: 'string', default: 'limit,ours,two,bullmq' },
  },
});
const messages = Number(values.messages);
const inFlight = Number(values['in-flight']);
const settled = Number(values.settled);

/** Sends all that waits and says what it cost, in the child. */
interface Job {
  readonly who: 'limit' | 'ours' | 'bullmq';
  readonly database: string;
  readonly carrier: string;
  readonly redis: number;
}

interface Ran {
  readonly count: number;
  readonly cpuUs: number;
  readonly peakMb: number;
}

interface Figures {
  readonly perSecond: number;
  /** Microseconds of CPU a message: all of Node, all of PostgreSQL or Redis. */
  readonly nodeUs: number;
  readonly storeUs: number;
  /** Of the largest process. */
  readonly peakMb: number;
}

/** One thing that is measured: how many processes, on what, and how their work is put before them. */
interface Contender {
  readonly name: string;
  readonly processes: number;
  readonly job: Omit<Job, 'carrier'>;
  /** The store's pid. */
  readonly store: number;
  /** How many it gets in a round: fewer for the slow, or they would take all day. */
  readonly count: number;
  readonly fill: (count: number) => Promise<void>;
}

async function run(job: Job, database: Database): Promise<number> {
  if (job.who === 'limit') return runLimit(database.pool, job.carrier, inFlight);
  if (job.who === 'ours') return runOurs(database, job.carrier, inFlight);
  const { count } = job as Job & { count: number };
  await runBullmq(job.redis, job.carrier, count, inFlight);
  return count;
}

/** The child's half: runs whenever it is told to, until the parent is gone. */
function beRunner(): void {
  let database: Database | undefined;
  process.on('message', (job: Job) => {
    void (async () => {
      database ??= await Database.connect(job.database);
      const before = process.cpuUsage();
      const count = await run(job, database);
      const { user, system } = process.cpuUsage(before);
      process.send?.({ count, cpuUs: user + system, peakMb: process.resourceUsage().maxRSS / 1024 });
    })();
  });
  process.once('disconnect', () => process.exit(0));
}

async function measureOnce(contender: Contender, carrier: string): Promise<Figures> {
  const { job, processes, fill, store, count } = contender;
  const children = Array.from({ length: processes }, () => fork(fileURLToPath(import.meta.url), process.argv.slice(2)));
  try {
    await fill(count / 4);
    await Promise.all(children.map((child) => ask(child, { ...job, carrier, count: count / 4 })));
    await fill(count);
    const [storeBefore, began] = [serverCpuUs(store), performance.now()];
    const ran = await Promise.all(children.map((child) => ask(child, { ...job, carrier, count })));
    const seconds = (performance.now() - began) / 1000;
    const total = ran.reduce((sum, one) => sum + one.count, 0);
    if (total !== count) throw new Error(`${contender.name} sent ${total} of ${count}`);
    return {
      perSecond: count / seconds,
      nodeUs: ran.reduce((sum, one) => sum + one.cpuUs, 0) / count,
      storeUs: (serverCpuUs(store) - storeBefore) / count,
      peakMb: Math.max(...ran.map(({ peakMb }) => peakMb)),
    };
  } finally {
    for (const child of children) child.disconnect();
  }
} // prettier-ignore

function ask(child: ChildProcess, job: Job & { count: number }): Promise<Ran> {
  child.send(job);
  return new Promise((resolve, reject) => {
    child.once('message', (ran) => resolve(ran as Ran));
    child.once('exit', (code) => reject(new Error(`a measurement ended with ${code}`)));
  });
}

async function compare(): Promise<void> {
  await withServer(async (database, url) => {
    const redis = values.only.includes('bullmq') ? await startRedis() : undefined;
    const full = settled > 0 ? await databaseWithPast(database, url) : undefined;
    try {
      const contenders = await contendersOn(database, url, redis, full?.url);
      for (const latency of values.latency.split(',').map(Number)) {
        const carrier = await startCarrier(latency);
        const found = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
        for (let round = 0; round < Number(values.rounds); round++) {
          for (const one of contenders) found.get(one.name)?.push(await measureOnce(one, carrier.url));
        }
        carrier.stop();
        report(latency, found);
      }
      if (values.only.includes('bullmq') && !redis) process.stdout.write('bullmq  not measured: no redis-server\n');
      if (full) await printPlans(database, full.database);
    } finally {
      await redis?.stop();
      await full?.database.close();
    }
  });
} // prettier-ignore

async function contendersOn(
  database: Database,
  url: string,
  redis: { port: number; pid: number } | undefined,
  full: string | undefined,
): Promise<Contender[]> {
  const store = await postmasterPid(database);
  const job = { database: url, redis: redis?.port ?? 0 };
  const checkpoint = async (): Promise<void> => void (await database.query('checkpoint'));
  const ours = (count: number): Promise<void> => fillOutbox(database, count).then(checkpoint);
  const all: Contender[] = [
    { name: 'limit', processes: 1, job: { ...job, who: 'limit' }, store, count: messages, fill: (count) => fillLimit(database.pool, count).then(checkpoint) },
    { name: 'ours', processes: 1, job: { ...job, who: 'ours' }, store, count: messages, fill: ours },
    { name: 'two', processes: 2, job: { ...job, who: 'ours' }, store, count: messages, fill: ours },
    ...(redis ? [{ name: 'bullmq', processes: 1, job: { ...job, who: 'bullmq' as const }, store: redis.pid, count: messages / 5, fill: (count: number) => fillBullmq(redis.port, count) }] : []),
  ]; // prettier-ignore
  const chosen = all.filter(({ name }) => values.only.split(',').includes(name));
  if (full === undefined) return chosen;
  const past = await Database.connect(full, { poolSize: 1 });
  let added = 0;
  const fill = async (count: number): Promise<void> => {
    await addInvites(past, count, added);
    added += count;
    await tidy(past);
    await checkpoint();
  };
  return [...chosen, { name: 'full', processes: 1, job: { ...job, database: full, who: 'ours' }, store, count: messages, fill }];
} // prettier-ignore

/** A second database on the same server, with messages that were settled long ago. */
async function databaseWithPast(database: Database, url: string): Promise<{ database: Database; url: string }> {
  await database.query('create database past');
  const past = { url: url.replace(/\/[^/]*$/, '/past'), database: await Database.connect(url.replace(/\/[^/]*$/, '/past')) };
  await migrate(past.database);
  await clearOutbox(past.database);
  const began = performance.now();
  await addSettled(past.database, settled);
  await tidy(past.database);
  await past.database.query('checkpoint');
  const { rows } = await past.database.query<{ gb: number }>(`select round(pg_database_size('past') / 1e9, 1)::float as gb`);
  process.stdout.write(`${settled} settled messages, ${rows[0]?.gb} GB, written in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  return past;
} // prettier-ignore

/** The claim of a full queue in both databases, carried out and rolled back. */
async function printPlans(empty: Database, full: Database): Promise<void> {
  await fillOutbox(empty, 5_000);
  await addInvites(full, 5_000, 9_000_000);
  await tidy(full);
  for (const [name, database] of [['empty', empty], ['full', full]] as const) {
    const now = systemClock.now();
    const request = { sender: 'twilio', worker: 'plan', now, leasedUntil: now, limit: 128, turn: NO_TURN };
    const plans: string[] = [];
    await database.transaction(async (tx) => {
      for (let n = 0; n < 2; n++) plans.push(await messageClaimPlan(tx, request, { analyze: true }));
      await tx.query('rollback');
      await tx.query('begin');
    });
    process.stdout.write(`\nthe second claim of 128, ${name}:\n${plans[1] ?? ''}\n`);
  }
} // prettier-ignore

function report(latency: number, found: ReadonlyMap<string, readonly Figures[]>): void {
  const of = (who: string, name: keyof Figures): number => median((found.get(who) ?? []).map((one) => one[name]));
  const base = found.get('limit')?.length ? 'limit' : 'ours';
  process.stdout.write(`\n${messages} messages, ${inFlight} in flight, carrier latency ${latency} ms; share of ${base}\n`);
  for (const [who, runs] of found) {
    if (runs.length === 0) continue;
    process.stdout.write(
      `${who.padEnd(6)} ${of(who, 'perSecond').toFixed(0).padStart(6)}/s  ${(of(who, 'perSecond') / of(base, 'perSecond')).toFixed(2)}  ` +
        `node ${of(who, 'nodeUs').toFixed(0).padStart(4)} µs  store ${of(who, 'storeUs').toFixed(0).padStart(4)} µs  ` +
        `peak ${of(who, 'peakMb').toFixed(0).padStart(3)} MB  (${runs.map(({ perSecond }) => Math.round(perSecond)).join(' ')})\n`,
    );
  }
} // prettier-ignore

if (process.send) beRunner();
else await compare();
