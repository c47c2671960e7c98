import type { BatchResult } from './ingest/batch-writer.js';
import type { RejectedSourceRow } from './ingest/prepared-batch.js';
import { REJECT_REASONS, type RejectReason } from './read/visit-record.js';

/**
 * What an import came to. `read` = `accepted` + `duplicates` + `rejected`; a correction counts as accepted; `visits`
 * are those that came into being.
 */
export interface IntakeSummary {
  readonly read: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly visits: number;
  readonly reasons: Readonly<Record<RejectReason, number>>;
}

/** A row that was not taken, for the person who has to mend it. */
export interface RejectedRow {
  readonly line: number;
  /** As it came. */
  readonly raw: string;
  readonly reason: RejectReason;
  readonly detail: string;
}

/** Counts an import as its batches are written. */
export class IntakeTally {
  private counts = { read: 0, accepted: 0, duplicates: 0, rejected: 0 };
  private visits = 0;
  private first: bigint | undefined;
  private readonly reasons = Object.fromEntries(REJECT_REASONS.map((reason) => [reason, 0])) as Record<RejectReason, number>; // prettier-ignore

  add(result: BatchResult): void {
    this.counts.read += result.read;
    this.counts.accepted += result.accepted;
    this.counts.duplicates += result.duplicates;
    this.counts.rejected += result.rejected;
    this.first ??= result.created[0] === undefined ? undefined : BigInt(result.created[0]);
    // A visit that this import made and then took back, because a later row corrected its record, never was.
    const undone = result.forgotten.filter((id) => this.first !== undefined && BigInt(id) >= this.first);
    this.visits += result.created.length - undone.length;
  }

  /** Counts and passes on the rows that were not taken. */
  async reject(
    rows: readonly RejectedSourceRow[],
    onReject: ((row: RejectedRow) => void | Promise<void>) | undefined,
  ): Promise<void> {
    for (const { line, raw, read } of rows) {
      this.reasons[read.reason] += 1;
      await onReject?.({ line, raw, ...read });
    }
  }

  get summary(): IntakeSummary {
    return { ...this.counts, visits: this.visits, reasons: { ...this.reasons } };
  }
}
