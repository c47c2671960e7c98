import { addDays, civilDate, type CivilDate } from '#kernel/zone';
import type { Database, Queryable } from '#store/database';
import {
  frontierMove,
  frontierOf,
  marksTake,
  rollupDaysAdd,
  rollupDaysCounted,
  rollupDaysDue,
  rollupDaysPostpone,
  rollupDaysToLook,
  rollupDaysWatch,
  rollupLock,
  rollupMonthCounted,
  rollupMonthsDue,
  type Frontier,
} from './rollup-days.sql.js';
import { planJoins } from './planner.sql.js';
import { daysOf } from './rollup-plan.js';
import {
  rollupDaysClear,
  rollupDaysCount,
  rollupDaysNarrow,
  rollupMonthCount,
  type CountedDay,
} from './rollup-write.sql.js';

// A marked day is read from the tables until it is counted anew, which late receipts must not cause all the time.
const MARKED_MS = 3_600_000;
const DAYS_A_ROUND = 48;
// In one transaction: what a statement costs besides reading is then shared by the days of a small centre.
const DAYS_AT_ONCE = 8;

export interface RollUpRound {
  /** Days counted, for the first time or anew. */
  readonly days: number;
  readonly months: number;
  /** Days that turned out to have links that can still be answered. */
  readonly postponed: number;
  /** Days that are watched since this round, and counted once everyone who writes knows. */
  readonly watched: number;
}

/**
 * Keeps the roll-ups. A day is counted whole, from the tables, once its last link has expired; from then on whoever
 * changes something of it leaves a mark, and reports read a marked day from the tables until it is counted anew. So
 * a kept figure equals the tables at every moment, and a crash leaves the old figures or none.
 */
export class RollUps {
  constructor(private readonly database: Database) {}

  /** One round: a bounded number of days, some at a time in transactions of their own. `now`: civil time. */
  async runOnce(now: Date, signal?: AbortSignal): Promise<RollUpRound> {
    const watched = await this.watch(now);
    let [days, postponed] = [0, 0];
    const due = await rollupDaysDue(this.database, new Date(now.getTime() - MARKED_MS), DAYS_A_ROUND);
    for (let first = 0; first < due.length && !signal?.aborted; first += DAYS_AT_ONCE) {
      const result = await this.countDays(due.slice(first, first + DAYS_AT_ONCE), now);
      days += result.counted;
      postponed += result.postponed;
    }
    const months = signal?.aborted ? 0 : await this.countMonths(now);
    return { days, months, postponed, watched };
  }

  /** Begins to watch the days whose links seem to have expired. */
  private async watch(now: Date): Promise<number> {
    // Anywhere on earth it is at most one day later or earlier than in UTC: the day before is over in every zone.
    const last = addDays(civilDate(now, 'UTC'), -2);
    const days = await this.database.transaction(async (tx): Promise<CivilDate[]> => {
      if (!(await rollupLock(tx))) return [];
      await rollupDaysAdd(tx, last);
      const looked = await rollupDaysToLook(tx, now);
      const open = looked.flatMap(({ day, openUntil }) =>
        openUntil !== null && openUntil > now ? [{ day, until: openUntil }] : [],
      );
      if (open.length > 0) await rollupDaysPostpone(tx, open);
      const closed = looked
        .filter(({ openUntil }) => openUntil === null || openUntil <= now)
        .map(({ day }) => day);
      if (closed.length > 0) await frontierMove(tx, closed.reduce(later), now);
      return closed;
    });
    if (days.length > 0) await rollupDaysWatch(this.database, days);
    return days.length;
  }

  private countDays(days: readonly CivilDate[], now: Date): Promise<{ counted: number; postponed: number }> {
    return this.database.transaction(async (tx) => {
      if (!(await rollupLock(tx))) return { counted: 0, postponed: 0 };
      await planJoins(tx);
      await marksTake(tx, days);
      await rollupDaysClear(tx, days);
      const found = new Map((await rollupDaysCount(tx, days)).map((day) => [day.day, day]));
      const frontier = await frontierOf(tx);
      const beyond = [...found.values()].filter((day) => isBeyond(day, frontier));
      if (beyond.length > 0) await lookAgain(tx, beyond);
      const kept = days.filter((day) => !beyond.some((other) => other.day === day));
      await rollupDaysNarrow(tx, kept);
      await rollupDaysCounted(tx, kept.map((day) => ({ day, openUntil: found.get(day)?.openUntil ?? null })), now);
      return { counted: kept.length, postponed: beyond.length };
    });
  } // prettier-ignore

  private countMonths(now: Date): Promise<number> {
    return this.database.transaction(async (tx) => {
      if (!(await rollupLock(tx))) return 0;
      const months = await rollupMonthsDue(tx);
      if (months.length > 0) await planJoins(tx);
      for (const month of months) {
        await rollupMonthCount(tx, month, daysOf(month));
        await rollupMonthCounted(tx, month, now);
      }
      return months.length;
    });
  }
}

/** Takes days back that can change without a mark. They are watched anew, by a frontier that is beyond them. */
async function lookAgain(tx: Queryable, days: readonly CountedDay[]): Promise<void> {
  await rollupDaysClear(
    tx,
    days.map(({ day }) => day),
  );
  await rollupDaysPostpone(
    tx,
    days.map(({ day, openUntil }) => ({ day, until: openUntil })),
  );
}

/** Whether something of a counted day could change and the writer would not know that it is watched. */
function isBeyond(day: CountedDay, frontier: Frontier): boolean {
  return (
    (day.openUntil !== null && day.openUntil > frontier.expiredAt) ||
    BigInt(day.visitId) > frontier.visitId ||
    BigInt(day.invitationId ?? 0) > frontier.invitationId
  );
}

function later(a: CivilDate, b: CivilDate): CivilDate {
  return a > b ? a : b;
}
