import type { KnownRevision } from './ingest.sql.js';
import type { StagedRecord } from './prepared-batch.js';

/** A record that says something new: the first of its id, or a correction. */
export interface Revision extends StagedRecord {
  readonly revision: number;
  /** The last of its id in the batch; those before it are kept but no longer hold. */
  current: boolean;
  /** Visit of the revision that is stored as current; null for a new record. */
  readonly storedVisitId: string | null;
}

/** What is known of one record id: stored revisions first, then those of the batch. */
interface History {
  hashes: string[];
  last: number;
  visitId: string | null;
  latest: Revision | undefined;
}

/**
 * What counts as a repeat: a content that the record had in `any` revision, since exports are read again as a whole
 * and posts are retried, and neither may turn a correction back; or that of its `current` one only, for a table,
 * which always states how things are now.
 */
export type RepeatOf = 'any' | 'current';

/** The records that are new or corrections, in their order; the others are repeats. */
export function classify(
  staged: readonly StagedRecord[],
  known: readonly KnownRevision[],
  repeatOf: RepeatOf,
): Revision[] {
  const histories = storedHistories(known, repeatOf);
  const revisions: Revision[] = [];
  for (const { line, record, hash } of staged) {
    let history = histories.get(record.recordId);
    if (!history) histories.set(record.recordId, (history = { hashes: [], last: 0, visitId: null, latest: undefined })); // prettier-ignore
    if (history.hashes.includes(hash)) continue;
    if (history.latest) history.latest.current = false;
    history.hashes = repeatOf === 'any' ? [...history.hashes, hash] : [hash];
    history.last += 1;
    history.latest = {
      line,
      record,
      hash,
      revision: history.last,
      current: true,
      storedVisitId: history.visitId,
    };
    revisions.push(history.latest);
  }
  return revisions;
}

function storedHistories(known: readonly KnownRevision[], repeatOf: RepeatOf): Map<string, History> {
  const histories = new Map<string, History>();
  for (const row of known) {
    const history = histories.get(row.record_id) ?? { hashes: [], last: 0, visitId: null, latest: undefined };
    if (repeatOf === 'any' || row.current) history.hashes.push(row.hash);
    history.last = Math.max(history.last, row.revision);
    if (row.current) history.visitId = row.visit_id;
    histories.set(row.record_id, history);
  }
  return histories;
}
