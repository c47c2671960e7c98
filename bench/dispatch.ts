import { fork } from 'node:child_process';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Database } from '#store/database';
import { startEmbedded } from '#store/embedded';
import { migrate } from '#store/migrate';
import { fillLimit, runLimit } from './dispatch-limit.js';
import { fillOutbox, runOurs } from './dispatch-ours.js';
import { startCarrier } from './loopback-carrier.js';
import { measure, median, type Measured } from './measure.js';

/**
 * Messages per second of one worker beside the hand-written limit, interleaved, at 0 and 20 ms of carrier latency:
 * `node dist/bench/dispatch.js [--messages 20000] [--rounds 3] [--in-flight 256] [--latency 0,20] [--settled 0]`.
 * Each measurement is a process of its own on one PostgreSQL with fsync on; a first quarter warms it up.
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    'in-flight': { type: 'string', default: '256' },
    latency: { type: 'string', default: '0,20' },
    settled: { type: 'string', default: '0' },
    only: { type: 'string', default: 'limit,ours' },
  },
});
const messages = Number(values.messages);
const inFlight = Number(values['in-flight']);

interface Job {
  readonly who: 'limit' | 'ours';
  readonly database: string;
  readonly carrier: string;
}

/** One measurement, in the child. */
async function work({ who, database: address, carrier }: Job): Promise<Measured> {
  const database = await Database.connect(address);
  const run = (): Promise<void> =>
    who === 'limit' ? runLimit(database.pool, carrier, inFlight) : runOurs(database, carrier, inFlight);
  const fill = (count: number): Promise<void> =>
    who === 'limit' ? fillLimit(database.pool, count) : fillOutbox(database, count, Number(values.settled));
  await fill(messages / 4);
  await run();
  await fill(messages);
  await database.query('checkpoint');
  const measured = await measure(database, messages, run);
  await database.close();
  return measured;
}

function measureIn(job: Job): Promise<Measured> {
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
  child.send(job);
  return new Promise((resolve, reject) => {
    child.once('message', (measured) => resolve(measured as Measured));
    child.once('exit', (code) => reject(new Error(`a measurement ended with ${code}`)));
  });
}

async function compare(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'vidhuk-bench-'));
  await chmod(dir, 0o755);
  const server = await startEmbedded(dir);
  try {
    const database = await Database.connect(server.url);
    await migrate(database);
    await database.close();
    for (const latency of values.latency.split(',').map(Number)) {
      const carrier = await startCarrier(latency);
      const found: Record<string, Measured[]> = { limit: [], ours: [] };
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const who of values.only.split(',') as Job['who'][]) {
          found[who]?.push(await measureIn({ who, database: server.url, carrier: carrier.url }));
        }
      }
      carrier.stop();
      report(latency, found);
    }
  } finally {
    await server.stop();
    await server.remove();
    await rm(dir, { recursive: true, force: true });
  }
}

function report(latency: number, found: Record<string, Measured[]>): void {
  const of = (who: string, name: keyof Measured): number =>
    median((found[who] ?? []).map((one) => one[name]));
  process.stdout.write(`\n${messages} messages, ${inFlight} in flight, carrier latency ${latency} ms\n`);
  for (const who of Object.keys(found)) {
    if (!found[who]?.length) continue;
    const runs = (found[who] ?? []).map(({ perSecond }) => Math.round(perSecond)).join(' ');
    process.stdout.write(
      `${who.padEnd(6)} ${of(who, 'perSecond').toFixed(0).padStart(6)}/s  node ${of(who, 'nodeUs').toFixed(0).padStart(4)} µs  ` +
        `postgres ${of(who, 'postgresUs').toFixed(0).padStart(4)} µs  peak ${of(who, 'peakMb').toFixed(0)} MB  (${runs})\n`,
    );
  }
  process.stdout.write(`ratio  ${(of('ours', 'perSecond') / of('limit', 'perSecond')).toFixed(2)}\n`);
}

if (process.send) {
  process.once('message', (job) => {
    void work(job as Job).then((measured) => process.send?.(measured, () => process.exit(0)));
  });
} else {
  await compare();
}
