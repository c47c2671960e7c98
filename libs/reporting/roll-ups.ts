import { addDays, civilDate, type CivilDate } from '#kernel/zone';
import type { Database } from '#store/database';
import { daysOf } from './rollup-plan.js';
import {
  dayOpenUntil,
  frontierMove,
  marksTake,
  rollupDayClear,
  rollupDayCount,
  rollupDaysAdd,
  rollupDaysDue,
  rollupDaysPostpone,
  rollupDaysToLook,
  rollupDaysWatch,
  rollupLock,
  rollupMonthCount,
  rollupMonthsDue,
} from './rollup-write.sql.js';

// A marked day is read from the tables until it is counted anew, which late receipts must not cause all the time.
const MARKED_MS = 3_600_000;
const DAYS_AT_ONCE = 50;

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

  /** One round: a bounded number of days, each in a transaction of its own. `now`: civil time. */
  async runOnce(now: Date, signal?: AbortSignal): Promise<RollUpRound> {
    const watched = await this.watch(now);
    let [days, postponed] = [0, 0];
    const due = await rollupDaysDue(this.database, new Date(now.getTime() - MARKED_MS), DAYS_AT_ONCE);
    for (const day of due) {
      if (signal?.aborted) break;
      const result = await this.countDay(day, now);
      if (result === 'counted') days++;
      if (result === 'postponed') postponed++;
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

  private countDay(day: CivilDate, now: Date): Promise<'counted' | 'postponed' | 'busy'> {
    return this.database.transaction(async (tx) => {
      if (!(await rollupLock(tx))) return 'busy';
      await marksTake(tx, day);
      await rollupDayClear(tx, day);
      const { openUntil, beyond } = await dayOpenUntil(tx, day);
      if (openUntil !== null && beyond) {
        await rollupDaysPostpone(tx, [{ day, until: openUntil }]);
        return 'postponed';
      }
      await rollupDayCount(tx, day, now, openUntil);
      return 'counted';
    });
  }

  private countMonths(now: Date): Promise<number> {
    return this.database.transaction(async (tx) => {
      if (!(await rollupLock(tx))) return 0;
      const months = await rollupMonthsDue(tx);
      for (const month of months) await rollupMonthCount(tx, month, daysOf(month).at(-1) ?? month, now);
      return months.length;
    });
  }
}

function later(a: CivilDate, b: CivilDate): CivilDate {
  return a > b ? a : b;
}
