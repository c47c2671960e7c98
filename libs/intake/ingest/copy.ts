import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from } from 'pg-copy-streams';

export type CopyValue = string | number | boolean | Date | Buffer | null;

/** Rows per piece handed to the socket: enough to keep it busy, little enough to stay small. */
const PIECE = 500;

/**
 * Writes rows with COPY, the fastest way in; identity columns take the ids given. `columns` in the order of the
 * values. Rejects like any statement when a row breaks a constraint.
 */
export async function copyInto(
  client: PoolClient,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly CopyValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  function* pieces(): Generator<string> {
    for (let i = 0; i < rows.length; i += PIECE) {
      let text = '';
      for (const row of rows.slice(i, i + PIECE)) text += copyLine(row);
      yield text;
    }
  }
  const copy = client.query(from(`copy ${table} (${columns.join(', ')}) from stdin`));
  await pipeline(Readable.from(pieces()), copy);
}

/** One line of COPY's text format. */
export function copyLine(row: readonly CopyValue[]): string {
  let line = '';
  for (let i = 0; i < row.length; i++) {
    if (i > 0) line += '\t';
    line += copyField(row[i] ?? null);
  }
  return `${line}\n`;
}

const SPECIAL = /[\\\n\r\t]/g;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function copyField(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return value.replace(SPECIAL, (found) => ESCAPES[found] ?? found);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  return value.toISOString();
}
