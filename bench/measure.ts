import { readdirSync, readFileSync } from 'node:fs';
import type { Queryable } from '#store/database';

export interface Measured {
  readonly perSecond: number;
  /** Microseconds of CPU a message, in this process and in all of PostgreSQL's. */
  readonly nodeUs: number;
  readonly postgresUs: number;
  readonly peakMb: number;
}

const TICKS_PER_SECOND = 100;

/** Runs `work`, which deals with `count` messages, and tells what it cost. Linux only: reads /proc. */
export async function measure(db: Queryable, count: number, work: () => Promise<unknown>): Promise<Measured> {
  const postgresUs = await postgresClock(db);
  const [postgresBefore, nodeBefore, began] = [postgresUs(), process.cpuUsage(), performance.now()];
  await work();
  const seconds = (performance.now() - began) / 1000;
  const node = process.cpuUsage(nodeBefore);
  return {
    perSecond: count / seconds,
    nodeUs: (node.user + node.system) / count,
    postgresUs: (postgresUs() - postgresBefore) / count,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

/** Tells the CPU that the server and its children have used so far, in microseconds. */
export async function postgresClock(db: Queryable): Promise<() => number> {
  const server = await postmasterPid(db);
  return () => serverCpuUs(server);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The pid of the PostgreSQL that answers here. */
export async function postmasterPid(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
  return statOf(rows[0]?.pid ?? 0).parent;
}

/** Microseconds of CPU of a server and its children, those that ended included. */
export function serverCpuUs(server: number): number {
  let ticks = statOf(server).ticks + statOf(server).childTicks;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat.parent === server) ticks += stat.ticks;
  }
  return (ticks / TICKS_PER_SECOND) * 1e6;
}

function statOf(pid: number): { parent: number; ticks: number; childTicks: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name may hold spaces; the fields begin after its closing bracket.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (field: number): number => fields[field - 3] ?? 0;
    return { parent: at(4), ticks: at(14) + at(15), childTicks: at(16) + at(17) };
  } catch {
    return { parent: 0, ticks: 0, childTicks: 0 };
  }
}
