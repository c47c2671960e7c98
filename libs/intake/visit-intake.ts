import { setImmediate as turn } from 'node:timers/promises';
import type { Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import type { Database } from '#store/database';
import { BatchWriter } from './ingest/batch-writer.js';
import { PreparedBatch } from './ingest/prepared-batch.js';
import { batchClose, batchOpen, type IntakeVia } from './ingest/ingest.sql.js';
import type { BatchOrigin } from './ingest/stored-rows.js';
import type { Transaction } from './ingest/visit-writer.js';
import type { Mapping } from './mapping/mapping.js';
import { postedRows } from './read/posted-records.js';
import { visitRows, type SourceRow } from './read/visit-rows.js';
import { IntakeTally, type IntakeSummary, type RejectedRow } from './tally.js';

/** Rows per transaction: enough to spread its cost, little enough that memory and locks stay small. */
const BATCH_ROWS = 2_000;

export interface StreamImport {
  readonly source: string;
  readonly mapping: Mapping;
  readonly stream: AsyncIterable<unknown>;
  /** What people know the input by: a file name. */
  readonly name?: string;
  readonly via?: IntakeVia;
  /** Goes all the way and takes everything back: the summary is what an import would give. */
  readonly dryRun?: boolean;
  readonly onHeader?: (header: string) => void;
  readonly onReject?: (row: RejectedRow) => void | Promise<void>;
  /** Called after each batch with the rows read so far. */
  readonly onProgress?: (summary: IntakeSummary) => void;
}

export interface PostedImport {
  readonly via?: IntakeVia;
  /** Zone of centres not seen before, and of nothing else: posted times carry their offset. */
  readonly timezone?: string;
  readonly defaultCountry?: string;
}

export interface PostedSummary extends IntakeSummary {
  /** One per record that was not taken; `index` counts from 0 in the list as posted. */
  readonly rejects: readonly { index: number; reason: string; detail: string }[];
}

class DryRunEnds extends Error {}

/** The one way in for visit records, whatever door they come through. */
export class VisitIntake {
  private readonly writer: BatchWriter;

  constructor(
    private readonly db: Database,
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {
    this.writer = new BatchWriter(vault);
  }

  /**
   * Imports a file or stream by its mapping, in transactions of 2,000 rows, with memory that does not grow with the
   * input. What was stored before an error stays; importing again takes up the rest. Rejects with an AppError when
   * the columns of the mapping are not there or the input cannot be read to its end.
   */
  async importStream(request: StreamImport): Promise<IntakeSummary> {
    const tally = new IntakeTally();
    const rows = visitRows(request.stream, request.mapping, request.onHeader);
    if (request.dryRun !== true) {
      await this.importRows(request, rows, tally, (work) => this.db.transaction(work));
      return tally.summary;
    }
    await this.db
      .transaction(async (tx) => {
        await this.importRows(request, rows, tally, (work) => work(tx));
        throw new DryRunEnds();
      })
      .catch((thrown: unknown) => {
        if (!(thrown instanceof DryRunEnds)) throw thrown;
      });
    return tally.summary;
  }

  private async importRows(
    request: StreamImport,
    rows: AsyncGenerator<SourceRow[]>,
    tally: IntakeTally,
    within: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
  ): Promise<void> {
    const { source, mapping, name = null, via = 'file' } = request;
    let batchId: string | undefined;
    const write = async (batch: PreparedBatch): Promise<void> => {
      const now = this.clock.now();
      batchId ??= await within((tx) => batchOpen(tx, { source, via, name, now }));
      const origin: BatchOrigin = { source, batchId, timezone: mapping.timezone, now, repeatOf: 'any' };
      tally.add(await within((tx) => this.writer.write(tx, origin, batch)));
      await tally.reject(batch.rejected, request.onReject);
      request.onProgress?.(tally.summary);
    };
    // One batch is written while the next is read: PostgreSQL and this thread work at the same time.
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const batch of this.prepared(rows)) {
        await writing;
        writing = write(batch);
        writing.catch(() => undefined); // looked at by the next await; must not count as unhandled until then
      }
    } finally {
      await writing;
    }
    const id = batchId;
    if (id !== undefined) await within((tx) => batchClose(tx, id, this.clock.now()));
  }

  /**
   * Imports records as programs post them, already in canonical form. Each list is one transaction per source; a
   * record that cannot be taken is reported by its index and does not hold up the others.
   */
  async importRecords(records: readonly unknown[], options: PostedImport = {}): Promise<PostedSummary> {
    const { timezone = 'Europe/Kyiv', defaultCountry = 'UA', via = 'http' } = options;
    const tally = new IntakeTally();
    const rejects: PostedSummary['rejects'][number][] = [];
    for (const [source, rows] of postedRows(records, { timezone, defaultCountry })) {
      const batch = new PreparedBatch(this.vault, rows);
      await this.importBatch({ source, timezone, via, name: null }, batch, tally);
      await tally.reject(batch.rejected, ({ line, reason, detail }) => {
        rejects.push({ index: line - 1, reason, detail });
      });
    }
    rejects.sort((a, b) => a.index - b.index);
    return { ...tally.summary, rejects };
  }

  /** Imports rows that were already read, in one transaction: a page of a foreign table. */
  async importRead(
    request: { source: string; name: string; via: IntakeVia; timezone: string },
    rows: readonly SourceRow[],
  ): Promise<IntakeSummary> {
    const tally = new IntakeTally();
    const batch = new PreparedBatch(this.vault, rows);
    await this.importBatch(request, batch, tally);
    await tally.reject(batch.rejected, undefined);
    return tally.summary;
  }

  private async importBatch(
    request: { source: string; name: string | null; via: IntakeVia; timezone: string },
    batch: PreparedBatch,
    tally: IntakeTally,
  ): Promise<void> {
    const now = this.clock.now();
    const { source, timezone, via } = request;
    const result = await this.db.transaction(async (tx) => {
      const batchId = await batchOpen(tx, { ...request, now });
      const repeatOf = via === 'table' ? 'current' : 'any';
      const written = await this.writer.write(tx, { source, batchId, timezone, now, repeatOf }, batch);
      await batchClose(tx, batchId, this.clock.now());
      return written;
    });
    tally.add(result);
  }

  /**
   * Rows made ready in short turns: between two of them the batch that is being written takes its next step, so that
   * PostgreSQL does not wait for the reader.
   */
  private async *prepared(pieces: AsyncGenerator<SourceRow[]>): AsyncGenerator<PreparedBatch> {
    let batch = new PreparedBatch(this.vault);
    for await (const piece of pieces) {
      for (const row of piece) {
        batch.add(row);
        if (batch.size < BATCH_ROWS) continue;
        yield batch;
        batch = new PreparedBatch(this.vault);
      }
      await turn();
    }
    if (batch.size > 0) yield batch;
  }
}
