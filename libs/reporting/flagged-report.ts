import type { Queryable } from '#store/database';
import { flaggedVisits, type WithFlagged } from './flag.sql.js';
import { inSnapshot } from './kept-count.js';
import type { ReportQuestion } from './question.js';

/** A report together with how many of its visits are flagged, both of one moment. */
export async function withFlagged<R>(
  db: Queryable,
  question: ReportQuestion,
  make: (view: Queryable) => Promise<R>,
): Promise<WithFlagged<R>> {
  return inSnapshot(db, async (view) => {
    const report = await make(view);
    return { ...report, flagged: await flaggedVisits(view, question) };
  });
}
