import type { Vault } from '#contacts/vault';
import { contentOf, isRejection, type Rejection, type VisitRecord } from '../read/visit-record.js';
import type { SourceRow } from '../read/visit-rows.js';

export interface StagedRecord {
  readonly line: number;
  readonly record: VisitRecord;
  /** Keyed hash of what it says, hexadecimal. */
  readonly hash: string;
}

export type RejectedSourceRow = SourceRow & { readonly read: Rejection };

/**
 * Rows of one transaction, with all done that needs no database: those to be taken, hashed, and those not. Hashing is
 * most of it: done here, it goes on while the last batch is written.
 */
export class PreparedBatch {
  readonly staged: StagedRecord[] = [];
  readonly rejected: RejectedSourceRow[] = [];

  constructor(
    private readonly vault: Vault,
    rows: readonly SourceRow[] = [],
  ) {
    for (const row of rows) this.add(row);
  }

  get size(): number {
    return this.staged.length + this.rejected.length;
  }

  add({ line, raw, read }: SourceRow): void {
    if (isRejection(read)) this.rejected.push({ line, raw, read });
    else this.staged.push({ line, record: read, hash: this.vault.hashHex(contentOf(read)) });
  }
}
