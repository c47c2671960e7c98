import type { Queryable } from '#store/database';
import type { Actor, AuditLog } from './audit-log.js';

/**
 * What people wrote leaves the house with an export. So an entry stands before the first piece goes out, and a second
 * tells how many answers went, and whether all of them did: also when the reader goes away in the middle. Rejects when
 * the first cannot be written. `pieces` calls its argument with the answers in each batch.
 */
export async function recordedExport<T>(
  { audit, db, by }: { audit: AuditLog; db: Queryable; by: Actor },
  asked: object,
  pieces: (count: (answers: number) => void) => AsyncIterable<T>,
): Promise<AsyncGenerator<T>> {
  await audit.record(db, { by, action: 'answers.exported', after: asked });
  return (async function* () {
    let answers = 0;
    let complete = false;
    try {
      yield* pieces((some) => (answers += some));
      complete = true;
    } finally {
      await audit.record(db, { by, action: 'answers.export_ended', after: { ...asked, answers, complete } });
    }
  })();
}
