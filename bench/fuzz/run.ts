import { Pool } from 'undici';
import { seededRandom } from '#kernel/seeded-random';
import type { ImportProcess } from '#intake/visits-import';
import type { Queryable } from '#store/database';
import { badRequest, type Bad, type Target } from './doors.js';
import { badImports } from './imports.js';
import { differences, rowsOf } from './tables.js';

export interface FuzzPlan {
  readonly inputs: number;
  readonly seed: string;
  readonly target: Target;
  readonly process: ImportProcess & { readonly database: Queryable };
  /** For files to import. */
  readonly dir: string;
  /** Resolves once what was taken in is applied. */
  readonly settle: () => Promise<void>;
  /** Errors that the processes logged. */
  readonly complaints: readonly string[];
  readonly onProgress?: (sent: number) => void;
}

export interface FuzzVerdict {
  readonly inputs: number;
  /** By door: how often each status came. */
  readonly doors: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly imported: { readonly read: number; readonly accepted: number; readonly refusedFiles: number };
  /** 5xx, closed connections, accepted rows, changed tables; empty when all doors stood. At most a hundred. */
  readonly faults: readonly string[];
}

const CONNECTIONS = 16;
const MOST_FAULTS = 100;
/** One in twenty inputs is a row of a file. */
const IMPORTED_SHARE = 0.05;

/** Sends bad input to every door, then compares each table with what it was. The same seed, the same inputs. */
export async function fuzz(plan: FuzzPlan): Promise<FuzzVerdict> {
  const before = await rowsOf(plan.process.database);
  const faults: string[] = [];
  const fault = (text: string): void => void (faults.length < MOST_FAULTS && faults.push(text));
  const rows = Math.round(plan.inputs * IMPORTED_SHARE);
  const doors = await knock(plan, plan.inputs - rows, fault);
  const imported = await badImports(plan.process, plan.dir, seededRandom(`${plan.seed} files`), rows);
  if (imported.accepted > 0) fault(`imports: ${imported.accepted} rows were accepted`);
  await plan.settle();
  plan.complaints.forEach((text) => fault(`logged: ${text}`));
  differences(before, await rowsOf(plan.process.database)).forEach(fault);
  return { inputs: plan.inputs, doors, imported, faults };
}

async function knock(
  { seed, target, onProgress }: FuzzPlan,
  count: number,
  fault: (text: string) => void,
): Promise<Record<string, Record<string, number>>> {
  const pools = new Map([target.gateway, target.console].map((base) => [base, new Pool(base, { connections: CONNECTIONS, pipelining: 1 })])); // prettier-ignore
  const doors: Record<string, Record<string, number>> = {};
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      const bad = badRequest(seededRandom(`${seed} ${at}`), target);
      const status = await send(pools.get(bad.base), bad);
      const statuses = (doors[bad.door] ??= {});
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (!/^[234]/.test(status))
        fault(`${bad.door} #${at}: ${bad.method} ${bad.path.slice(0, 80)}: ${status}`);
      if (at % 1000 === 0) onProgress?.(at);
    }
  };
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, lane));
  await Promise.all([...pools.values()].map((pool) => pool.close()));
  return doors;
}

/** The status, or what became of the connection. What the client itself refuses to write is no input. */
async function send(pool: Pool | undefined, { method, path, headers, body }: Bad): Promise<string> {
  if (!pool) return 'no such server';
  try {
    const answer = await pool.request({ method, path, headers, body: body ?? null });
    await answer.body.dump();
    return String(answer.statusCode);
  } catch (thrown) {
    const { code = 'unknown' } = thrown as { code?: string };
    return code === 'UND_ERR_INVALID_ARG' ? '400 by the client' : code;
  }
}
