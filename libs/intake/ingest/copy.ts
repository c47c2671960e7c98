import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from } from 'pg-copy-streams';

/** Characters per piece handed to the socket: enough to keep it busy, little enough to stay small. */
const PIECE = 32_768;

/**
 * Writes rows with COPY, the fastest way in; identity columns take the ids given. `lines` are of COPY's text format,
 * fields in the order of `columns`, and are asked for one by one, so that they need not all exist at once. Rejects like
 * any statement when a row breaks a constraint.
 */
export async function copyInto(
  client: PoolClient,
  table: string,
  columns: readonly string[],
  lines: Iterable<string>,
): Promise<void> {
  const copy = client.query(from(`copy ${table} (${columns.join(', ')}) from stdin`));
  await pipeline(Readable.from(pieces(lines), { objectMode: true, highWaterMark: 2 }), copy);
}

function* pieces(lines: Iterable<string>): Generator<Buffer> {
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < PIECE) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

/** Each item through `make`, when it is asked for. */
export function* each<T, U>(items: Iterable<T>, make: (item: T) => U): Generator<U> {
  for (const item of items) yield make(item);
}

const SPECIAL = /[\\\n\r\t]/;
const EVERY_SPECIAL = /[\\\n\r\t]/g;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text, or null, as a field of COPY's text format. */
export function textField(value: string | null): string {
  if (value === null) return '\\N';
  return SPECIAL.test(value) ? value.replace(EVERY_SPECIAL, (found) => ESCAPES[found] ?? found) : value;
}

// A batch states the same moments over and over: of a row in two tables, of rows a minute apart.
const MOMENTS = 4_096;
const moments = new Map<number, string>();

export function timeField(value: Date | null): string {
  if (value === null) return '\\N';
  const ms = value.getTime();
  let text = moments.get(ms);
  if (text === undefined) {
    if (moments.size >= MOMENTS) moments.clear();
    moments.set(ms, (text = value.toISOString()));
  }
  return text;
}

/** Bytes given in hexadecimal. */
export function bytesField(hex: string | null): string {
  return hex === null ? '\\N' : `\\\\x${hex}`;
}
