import { AppError } from '#kernel/errors';
import type { Database, Queryable } from '#store/database';
import { DATA_CLASSES, type DataClass } from './data-classes.js';
import {
  retentionHeld,
  retentionRemove,
  retentionRulePut,
  retentionRules,
  type HeldData,
  type Removal,
} from './retention.sql.js';

const DAY_MS = 86_400_000;
const BATCH = 500;
/** Batches a class gets in one round, so that a long backlog leaves room for the others. */
const BATCHES_A_ROUND = 40;

/** Removes what was kept for its time. Any number of workers may run it. */
export class Retention {
  constructor(private readonly database: Database) {}

  /** One round over all classes; `now` is civil. Returns the pieces removed of each class that lost any. */
  async runOnce(now: Date, signal?: AbortSignal): Promise<Record<string, number>> {
    const keep = await keepDays(this.database);
    const removed: Record<string, number> = {};
    for (const one of DATA_CLASSES) {
      const days = keep.get(one.key) ?? null;
      if (days === null || signal?.aborted) continue;
      const pieces = await this.removeOld(one, days, now, signal);
      if (pieces > 0) removed[one.key] = pieces;
    }
    return removed;
  }

  private async removeOld(one: DataClass, days: number, now: Date, signal?: AbortSignal): Promise<number> {
    let pieces = 0;
    let after: string | null = '0';
    for (let batches = 0; after !== null && batches < BATCHES_A_ROUND && !signal?.aborted; batches++) {
      const batch = { before: cutoff(now, days), keepDays: days, limit: BATCH, after, now };
      const removal: Removal = await this.database.transaction((tx) => retentionRemove(tx, one, batch));
      pieces += removal.pieces;
      after = removal.next;
    }
    return pieces;
  }
}

export interface RetentionLine extends HeldData {
  readonly class: string;
  readonly holds: string;
  /** null: for ever. */
  readonly keepDays: number | null;
  /** What is older than this should be gone; null when it is kept for ever. */
  readonly keptSince: Date | null;
}

/** The proof: what each class holds, since when it may, what is overdue, and what was removed. */
export async function retentionReport(db: Queryable, now: Date): Promise<RetentionLine[]> {
  const keep = await keepDays(db);
  const lines: RetentionLine[] = [];
  for (const one of DATA_CLASSES) {
    const days = keep.get(one.key) ?? null;
    const keptSince = days === null ? null : cutoff(now, days);
    const held = await retentionHeld(db, one, keptSince);
    lines.push({ class: one.key, holds: one.holds, keepDays: days, keptSince, ...held });
  }
  return lines;
}

/** Sets how long a class is kept, for all workers, from their next round on. `days` null: for ever. */
export async function setRetention(
  db: Queryable,
  key: string,
  days: number | null,
  now: Date,
): Promise<void> {
  if (!DATA_CLASSES.some((one) => one.key === key)) {
    const known = DATA_CLASSES.map((one) => one.key).join(', ');
    throw new AppError('retention_unknown', `There is no class of data "${key}"; there are ${known}.`);
  }
  await retentionRulePut(db, { class: key, keepDays: days }, now);
}

async function keepDays(db: Queryable): Promise<Map<string, number | null>> {
  const keep = new Map(DATA_CLASSES.map(({ key, defaultDays }) => [key, defaultDays]));
  for (const rule of await retentionRules(db)) keep.set(rule.class, rule.keepDays);
  return keep;
}

function cutoff(now: Date, days: number): Date {
  return new Date(now.getTime() - days * DAY_MS);
}
