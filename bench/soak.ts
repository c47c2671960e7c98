import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isWaiting } from '#dispatch/waiting.sql';
import { ChaosHouse } from './chaos/house.js';
import { addInvites, clearOutbox } from './dispatch-ours.js';
import { trendsOf, type Sample } from './soak-verdict.js';

/**
 * A steady stream of messages through two workers, a gateway and the sandbox's carriers with their receipts, and what it
 * does to memory, connections and the queue's age:
 * `node dist/bench/soak.js [--per-second 50] [--minutes 30] [--every 10]`. Exits 1 when anything grows, or when a message fed
 * was not sent exactly once.
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

async function sample(house: ChaosHouse): Promise<Sample> {
  const [row] = await house.rows<{ connections: number; oldest: Date | null; unsettled: number; unapplied: number }>(
    `select (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
       (select min(due_at) from message m where ${isWaiting('m')}) as oldest,
       (select coalesce(sum(in_flight), 0)::int from claim) + (select count(*)::int from message where standing = 'uncertain') as unsettled,
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
  const trends = trendsOf(samples);
  for (const { name, early, late, most, flat } of trends) {
    process.stdout.write(`${name.padEnd(12)} second quarter ${early}, last ${late}, most ${most}${flat ? '' : '  GROWS'}\n`); // prettier-ignore
  }
  const { delivered = 0, accepted = 0 } = Object.fromEntries(states.map(({ state, n }) => [state, n]));
  const { accepted: taken } = await house.ask<{ accepted: number }>('/api/counts');
  process.stdout.write(`${taken} at the carriers, ${accepted + delivered} say our tables\n`);
  const sound = trends.every(({ flat }) => flat) && delivered + accepted === fed && taken === fed;
  process.stdout.write(sound ? 'flat\n' : 'NOT FLAT\n');
  process.exitCode = sound ? 0 : 1;
} finally {
  await house.close();
}
