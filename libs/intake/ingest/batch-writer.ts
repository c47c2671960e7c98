import { contactUpsert } from '#contacts/contact.sql';
import type { Vault } from '#contacts/vault';
import { assign } from './assign.js';
import { classify } from './classify.js';
import type { PreparedBatch, StagedRecord } from './prepared-batch.js';
import { copyInto, each } from './copy.js';
import * as sql from './ingest.sql.js';
import { REJECTED_COLUMNS, rejectedLine, type BatchOrigin } from './stored-rows.js';
import { VisitWriter, type Transaction } from './visit-writer.js';

export interface BatchResult extends sql.BatchCounts {
  /** Ids of the visits that came into being. */
  readonly created: readonly string[];
  /** Ids of those that ceased to be, because a correction took their last record elsewhere. */
  readonly forgotten: readonly string[];
}

/** Writes batches of rows with a fixed number of statements each, whatever the size of the batch. */
export class BatchWriter {
  constructor(private readonly vault: Vault) {}

  /**
   * Stores what the rows say, in the transaction given: records and their revisions, the visits they make, and the
   * rows that cannot be taken. Waits while another batch of the same source is being written.
   */
  async write(
    tx: Transaction,
    origin: BatchOrigin,
    { staged, rejected }: PreparedBatch,
  ): Promise<BatchResult> {
    const { accepted, created, forgotten } = await this.writeRecords(tx, origin, staged);
    if (rejected.length > 0) {
      const lines = each(rejected, (row) => rejectedLine(row, origin, this.vault));
      await copyInto(tx.client, 'rejected_row', REJECTED_COLUMNS, lines);
    }
    const duplicates = staged.length - accepted;
    const counts = { read: staged.length + rejected.length, accepted, duplicates, rejected: rejected.length };
    await sql.batchCount(tx, origin.batchId, counts);
    return { ...counts, created, forgotten };
  }

  private async writeRecords(
    tx: Transaction,
    origin: BatchOrigin,
    staged: readonly StagedRecord[],
  ): Promise<{ accepted: number; created: string[]; forgotten: string[] }> {
    const nothing = { accepted: 0, created: [], forgotten: [] };
    if (staged.length === 0) return nothing;
    await sql.sourceLock(tx, origin.source);
    const ids = new Set(staged.map(({ record }) => record.recordId));
    const known = await sql.revisionsKnown(tx, origin.source, [...ids]);
    const revisions = classify(staged, known, origin.repeatOf);
    if (revisions.length === 0) return nothing;
    const phones = revisions.flatMap(({ record }) => (record.phone.status === 'ok' ? [record.phone] : []));
    const contacts = await contactUpsert(tx, this.vault, phones, origin.now);
    const current = revisions.filter((revision) => revision.current);
    const left = new Set(current.flatMap(({ storedVisitId }) => storedVisitId ?? []));
    const keys = new Set(await sql.visitKeys(tx, [...left]));
    for (const { record } of current) keys.add(record.visitKey);
    const stored = await sql.visitsLock(tx, origin.source, [...keys]);
    const writer = new VisitWriter(tx, origin, contacts, this.vault);
    const { created, forgotten } = await writer.write(assign(revisions, stored), revisions);
    return { accepted: revisions.length, created, forgotten };
  }
}
