import type { Database } from '#store/database';
import { flagBursts, flagBusyNumbers, freshVisits } from './staff-flags.sql.js';

const VISITS_AT_ONCE = 5_000;

/**
 * Keeps the signs of records made up at the desk as flags of visits, while the numbers they rest on are still known:
 * retention forgets numbers, and figures must stay what they were. A flag is a sign, no proof; it changes no decision.
 */
export class StaffFlags {
  constructor(private readonly database: Database) {}

  /** Looks at some of the visits that came since the last round. */
  async runOnce(now: Date): Promise<{ flagged: number; more: boolean }> {
    return this.database.transaction(async (tx) => {
      const span = await freshVisits(tx, VISITS_AT_ONCE);
      if (!span) return { flagged: 0, more: false };
      const flagged = (await flagBusyNumbers(tx, span, now)) + (await flagBursts(tx, span, now));
      return { flagged, more: span.full };
    });
  }
}
