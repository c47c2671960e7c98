import type { Vault } from '#contacts/vault';
import { contentOf, type VisitRecord } from '../read/visit-record.js';
import type { KnownRevision } from './ingest.sql.js';

export interface StagedRecord {
  readonly line: number;
  readonly record: VisitRecord;
}

/** A record that says something new: the first of its id, or a correction. */
export interface Revision extends StagedRecord {
  readonly hash: Buffer;
  readonly revision: number;
  /** The last of its id in the batch; those before it are kept but no longer hold. */
  readonly current: boolean;
  /** Visit of the revision that is stored as current; null for a new record. */
  readonly storedVisitId: string | null;
}

/**
 * Tells new records and corrections from repeats. A content that the record already had, in any revision, is a
 * repeat: exports are read again as a whole and posts are retried, and neither may turn a correction back.
 */
export function classify(
  staged: readonly StagedRecord[],
  known: readonly KnownRevision[],
  vault: Vault,
): { revisions: Revision[]; duplicates: number } {
  const histories = new Map<
    string,
    { seen: Set<string>; last: number; visitId: string | null; latest: number }
  >();
  for (const row of known) {
    const history = histories.get(row.record_id) ?? { seen: new Set(), last: 0, visitId: null, latest: -1 };
    history.seen.add(row.content_hash.toString('latin1'));
    history.last = row.revision;
    if (row.current) history.visitId = row.visit_id;
    histories.set(row.record_id, history);
  }
  const revisions: Revision[] = [];
  for (const { line, record } of staged) {
    const hash = vault.hash(contentOf(record));
    const history = histories.get(record.recordId) ?? { seen: new Set(), last: 0, visitId: null, latest: -1 };
    const key = hash.toString('latin1');
    if (history.seen.has(key)) continue;
    const before = revisions[history.latest];
    if (before) revisions[history.latest] = { ...before, current: false };
    history.seen.add(key);
    history.last += 1;
    history.latest = revisions.length;
    histories.set(record.recordId, history);
    revisions.push({
      line,
      record,
      hash,
      revision: history.last,
      current: true,
      storedVisitId: history.visitId,
    });
  }
  return { revisions, duplicates: staged.length - revisions.length };
}
