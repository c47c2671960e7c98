import { csvLine } from './csv.js';

/** A value of an export: `moment` columns have times, `day` columns days as text. */
export type Cell = string | number | boolean | Date | null;

export interface Column {
  readonly name: string;
  /** `any`: a mark is a number, yes or no a flag, a choice a text. */
  readonly type: 'text' | 'number' | 'flag' | 'day' | 'moment' | 'any';
}

/** Rows as long as `columns`, in batches; only one batch is in memory at a time. */
export interface ExportedTable {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly batches: AsyncIterable<readonly (readonly Cell[])[]>;
}

/** CSV by RFC 4180 in UTF-8; times by ISO 8601 in UTC. */
export async function* csvOf({ columns, batches }: ExportedTable): AsyncGenerator<string> {
  yield csvLine(columns.map(({ name }) => name));
  for await (const rows of batches) {
    yield rows.map((row) => csvLine(row.map((cell) => (cell instanceof Date ? cell.toISOString() : cell)))).join(''); // prettier-ignore
  }
}
