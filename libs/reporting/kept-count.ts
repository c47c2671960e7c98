import { Database, type Queryable } from '#store/database';
import { flagCondition, flagsNamed } from './flag.sql.js';
import { countInTables, type Counted, type Measure } from './measure.sql.js';
import type { ReportQuestion } from './question.js';
import { byKeys } from './planner.sql.js';
import { countingPlan, fewDays, keptFor } from './rollup-plan.js';
import { countInRollup, keptOf } from './rollup-read.sql.js';

/**
 * Runs `work` on one unchanging view of the database, so that everything it counts was true at one moment. Within a
 * transaction of the caller, that one is used as it is.
 */
export async function inSnapshot<T>(db: Queryable, work: (view: Queryable) => Promise<T>): Promise<T> {
  if (!(db instanceof Database)) return work(db);
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return work(tx);
  });
}

const NOTHING_KEPT = { days: [], months: [] };

/**
 * Counts a measure by group: closed days from the roll-up, the others from the tables, so that the figures are those
 * of the tables at this moment. `now`: civil time. Rows of one group and key may come in several parts.
 * `extra`: keys that no roll-up has; `inTables` when every row needs them. What asks for flags is counted in the tables: no roll-up knows them.
 */
export async function count<K>(
  db: Queryable,
  measure: Measure,
  question: ReportQuestion,
  now: Date,
  extra?: { keys: Readonly<Record<string, string>>; values: readonly unknown[]; inTables?: true },
): Promise<Counted<K>[]> {
  const flags = flagsNamed(question).length > 0 || extra?.inTables === true;
  const counted = flags ? { ...measure, where: `${measure.where} and ${flagCondition(question)}` } : measure;
  return inSnapshot(db, async (view) => {
    const plan = countingPlan(question, flags ? NOTHING_KEPT : await keptOf(view, question, now));
    const parts: Counted<K>[][] = [];
    for (const [grain, firstDays] of [['m', plan.months], ['d', plan.days]] as const) {
      if (firstDays.length === 0) continue;
      parts.push(await countInRollup<K>(view, measure, question, grain, firstDays, keptFor(question, grain)));
    }
    if (plan.tables.length > 0) {
      const inTables = (): Promise<Counted<K>[]> => countInTables<K>(view, counted, question, plan.tables, extra);
      parts.push(await (fewDays(plan.tables) ? byKeys(view, inTables) : inTables()));
    }
    return parts.flat();
  });
} // prettier-ignore
