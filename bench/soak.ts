import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ChaosHouse } from './chaos/house.js';
import { addInvites, clearOutbox } from './dispatch-ours.js';

/**
 * A steady stream of messages through two workers, a gateway and the sandbox's carriers with their receipts, and what it
 * does to memory, connections and the queue's age:
 * `node dist/bench/soak.js [--per-second 50] [--minutes 30] [--every 10]`. Flat is good; `growth` compares the last quarter
 * with the second one, since the first fills caches and warms the compiler.
 */
const { values } = parseArgs({
  options: {
    'per-second': { type: 'string', default: '50' },
    minutes: { type: 'string', default: '30' },
    every: { type: 'string', default: '10' },
  },
});
const perSecond = Number(values['per-second']);
const seconds = Number(values.minutes) * 60;

interface Sample extends Record<string, number> {
  readonly workerMb: number;
  readonly gatewayMb: number;
  readonly connections: number;
  readonly oldestDueMs: number;
  readonly unsettled: number;
  readonly unapplied: number;
}

async function sample(house: ChaosHouse): Promise<Sample> {
  const [row] = await house.rows<{ connections: number; oldest: Date | null; unsettled: number; unapplied: number }>(
    `select (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
       (select min(due_at) from message where state = 'queued') as oldest,
       (select count(*)::int from message where state in ('sending', 'uncertain')) as unsettled,
       (select count(*)::int from carrier_fact where applied_at is null) as unapplied`,
  );
  const now = house.own.clock.now().getTime();
  return {
    workerMb: Math.max(...house.workers.map(({ pid }) => rssMb(pid))),
    gatewayMb: rssMb(house.gateway.pid),
    connections: row?.connections ?? 0,
    oldestDueMs: row?.oldest ? Math.max(0, now - row.oldest.getTime()) : 0,
    unsettled: row?.unsettled ?? 0,
    unapplied: row?.unapplied ?? 0,
  };
} // prettier-ignore

function rssMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** One batch each second by the wall clock, however long it takes to write one. */
async function feed(house: ChaosHouse, began: number): Promise<number> {
  let fed = 0;
  while (performance.now() - began < seconds * 1000) {
    const due = Math.floor((performance.now() - began) / 1000) * perSecond;
    if (due > fed) await addInvites(house.own.database, due - fed, fed);
    fed = Math.max(fed, due);
    await pause(100);
  }
  return fed;
}

const house = await ChaosHouse.open({ concurrency: 64 });
try {
  await clearOutbox(house.own.database);
  await house.startWorkers();
  const began = performance.now();
  const feeding = feed(house, began);
  const samples: Sample[] = [];
  while (performance.now() - began < seconds * 1000) {
    await pause(Number(values.every) * 1000);
    samples.push(await sample(house));
    process.stdout.write(
      `${Math.round((performance.now() - began) / 1000)} s ${JSON.stringify(samples.at(-1))}\n`,
    );
  }
  const fed = await feeding;
  await pause(5_000);
  const states = await house.rows<{ state: string; n: number }>('select state, count(*)::int as n from message group by 1'); // prettier-ignore
  process.stdout.write(`${fed} messages in ${seconds} s: ${JSON.stringify(states)}\n`);
  const quarter = Math.floor(samples.length / 4);
  const mean = (of: readonly Sample[], name: keyof Sample): number =>
    of.reduce((sum, one) => sum + (one[name] ?? 0), 0) / Math.max(1, of.length);
  for (const name of Object.keys(samples[0] ?? {})) {
    const [early, late] = [
      mean(samples.slice(quarter, 2 * quarter), name),
      mean(samples.slice(-quarter), name),
    ];
    process.stdout.write(`${name.padEnd(12)} second quarter ${early.toFixed(1)}, last ${late.toFixed(1)}\n`);
  }
} finally {
  await house.close();
}
