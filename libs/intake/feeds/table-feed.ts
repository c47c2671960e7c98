import pg from 'pg';
import type { Clock } from '#kernel/clock';
import { AppError, reasonOf } from '#kernel/errors';
import { sha256 } from '#kernel/ids';
import type { Database } from '#store/database';
import { mappedColumns, RawRow, type MappedColumn } from '../read/columns.js';
import { readRecord, type RecordRules } from '../read/read-record.js';
import { rulesOf, type SourceRow } from '../read/visit-rows.js';
import { readMapping } from '../mapping/read-mapping.js';
import type { VisitIntake } from '../visit-intake.js';
import type { FeedSpec, TableSpec } from './feed-file.js';
import { COLUMN_TYPE, firstPage, nextPage, positionRead, positionWrite, relation, unmarkedCount, type Overlap, type TablePage } from './table-feed.sql.js'; // prettier-ignore

const PAGE_ROWS = 2_000;
/** Rows whose like was already passed on, so that the overlap costs nothing when nothing changed in it. */
const REMEMBERED = 50_000;
const STATEMENT_MS = 60_000;

interface ForeignRow {
  readonly watermark: string;
  readonly id: string;
  readonly [column: `c${number}`]: string | null;
}

/**
 * Reads a table or view of the queue system's own PostgreSQL, in the order of a column that grows. Each look begins a
 * little before where the last one ended, since rows are not always committed in that order; what is read again
 * and has not changed is left out. The session is read only.
 */
export class TableFeed {
  private readonly passed = new Map<string, Set<string>>();

  constructor(
    private readonly db: Database,
    private readonly intake: VisitIntake,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads to the present end of the table. Rejects with an AppError that names the feed when it cannot be read; and,
   * once in the life of this process and after reading the others, `feed_rows_unread` when rows have no watermark.
   */
  async runOnce(
    feed: FeedSpec & { from: { table: TableSpec } },
  ): Promise<{ rows: number; accepted: number }> {
    const mapping = await readMapping(feed.mapping);
    const columns = mappedColumns(mapping);
    const client = await connect(feed.from.table.url, feed.name);
    try {
      const type = await watermarkType(client, feed.from.table);
      const id = mapping.columns['recordId'] ?? '';
      const { from, watermark } = feed.from.table;
      const page = { from, watermark, id, type, columns: columns.map((column) => column.column) };
      const firstLook = !this.passed.has(feed.name);
      const rules = { ...rulesOf(mapping), timezone: mapping.timezone };
      const counts = await this.readOn(client, feed, page, columns, rules);
      if (firstLook) await tellUnmarked(client, feed.from.table);
      return counts;
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      throw unreadable(feed.name, feed.from.table.from, thrown);
    } finally {
      await client.end();
    }
  }

  private async readOn(
    client: pg.Client,
    feed: FeedSpec & { from: { table: TableSpec } },
    page: TablePage,
    columns: readonly MappedColumn[],
    rules: RecordRules & { timezone: string },
  ): Promise<{ rows: number; accepted: number }> {
    const before = this.passed.get(feed.name) ?? new Set<string>();
    const now = new Set<string>();
    const counts = { rows: 0, accepted: 0 };
    const position = await positionRead(this.db, feed.name);
    let query = firstPage(page, position, overlapOf(feed.from.table, page.type), PAGE_ROWS);
    for (;;) {
      const { rows } = await client.query<ForeignRow>(query.text, query.values);
      const last = rows.at(-1);
      if (!last) break;
      const fresh = rows.flatMap((row, i) => {
        const source = sourceRow(row, counts.rows + i + 1, columns, rules);
        const mark = sha256(source.raw).toString('base64');
        if (now.size < REMEMBERED) now.add(mark);
        return before.has(mark) ? [] : [source];
      });
      counts.rows += rows.length;
      if (fresh.length > 0) {
        const { source } = feed;
        const request = { source, name: page.from, via: 'table' as const, timezone: rules.timezone };
        counts.accepted += (await this.intake.importRead(request, fresh)).accepted;
      }
      await positionWrite(this.db, feed.name, last.watermark, this.clock.now());
      if (rows.length < PAGE_ROWS) break;
      query = nextPage(page, last, PAGE_ROWS);
    }
    this.passed.set(feed.name, now);
    return counts;
  }
}

function sourceRow(
  row: ForeignRow,
  line: number,
  columns: readonly MappedColumn[],
  rules: RecordRules,
): SourceRow {
  const raw = new RawRow();
  const stated: Record<string, string | null> = {};
  columns.forEach((column, i) => {
    const value = row[`c${i}`] ?? null;
    stated[column.column] = value;
    raw.add(column, value ?? '');
  });
  return { line, raw: JSON.stringify(stated), read: readRecord(raw.visit, rules) };
}

async function connect(url: string, feed: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'vidhuk intake',
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + 10_000,
  });
  client.on('error', () => undefined); // the statement that was running rejects by itself
  try {
    await client.connect();
    await client.query('set default_transaction_read_only = on');
    await client.query('set datestyle = iso');
    return client;
  } catch (thrown) {
    await client.end().catch(() => undefined);
    throw new AppError(
      'feed_unreachable',
      `The database of feed ${feed} cannot be reached: ${reasonOf(thrown)}`,
      {
        exitCode: 1,
      },
    );
  }
}

async function watermarkType(client: pg.Client, { from, watermark }: TableSpec): Promise<string> {
  const { rows } = await client.query<{ type: string }>(COLUMN_TYPE, [relation(from), watermark]);
  if (rows[0]) return rows[0].type;
  throw new AppError(
    'feed_column_missing',
    `There is no ${from} with a column ${watermark}, or it may not be read.`,
  );
}

/** Rows without a watermark have no place in the order of reading: nobody must believe that they were taken. */
async function tellUnmarked(client: pg.Client, { from, watermark }: TableSpec): Promise<void> {
  const { rows } = await client.query<{ unmarked: string }>(unmarkedCount(from, watermark));
  const unmarked = Number(rows[0]?.unmarked ?? 0);
  if (unmarked === 0) return;
  throw new AppError(
    'feed_rows_unread',
    `${unmarked} rows of ${from} have no ${watermark} and are not read until they get one; all others are.`,
    { exitCode: 1 },
  );
}

/** Fifteen minutes, or a thousand numbers, unless the feed says otherwise. */
function overlapOf({ overlap, watermark }: TableSpec, type: string): Overlap {
  const time = /^(?:timestamp|date)/.test(type);
  const value = overlap ?? (time ? 'PT15M' : 1_000);
  if (time === (typeof value === 'string')) return { value, type: time ? 'interval' : 'numeric' };
  throw new AppError(
    'feed_invalid',
    `overlap must be ${time ? 'a duration' : 'a number'}: ${watermark} is a ${type}.`,
  );
}

function unreadable(feed: string, from: string, thrown: unknown): AppError {
  return new AppError(
    'feed_unreadable',
    `The table ${from} of feed ${feed} cannot be read: ${reasonOf(thrown)}`,
    {
      exitCode: 1,
      cause: thrown,
    },
  );
}
