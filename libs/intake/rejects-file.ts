import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { AppError, reasonOf } from '#kernel/errors';
import type { Mapping } from './mapping/mapping.js';
import type { RejectedRow } from './tally.js';

/**
 * The file of rows that were not taken: each row exactly as it came, behind its line number, reason and detail (as three
 * columns in front for CSV, so that a row of the wrong width still lines up; as properties beside `row` for
 * JSONL). Mended there, a CSV can be imported again by the same mapping.
 */
export class RejectsFile {
  private opened: WriteStream | undefined;
  private failed: Error | undefined;

  constructor(
    private readonly path: string,
    private readonly mapping: Pick<Mapping, 'format' | 'delimiter'>,
  ) {}

  /** Opened with the first thing to write, so that an input that cannot be read empties nothing. Rows hold numbers. */
  private get stream(): WriteStream {
    this.opened ??= createWriteStream(this.path, { mode: 0o600 }).on('error', (error) => {
      this.failed = error;
    });
    return this.opened;
  }

  /** The header of the input, before the first row of it. */
  header(text: string): void {
    this.stream.write(`${['line', 'reason', 'detail', text].join(this.mapping.delimiter)}\n`);
  }

  async add(row: RejectedRow): Promise<void> {
    this.check();
    const text = this.mapping.format === 'csv' ? this.csvLine(row) : jsonLine(row);
    if (!this.stream.write(`${text}\n`) && !this.failed) {
      await Promise.race([once(this.stream, 'drain'), finished(this.stream)]);
    }
  }

  /** Resolves when everything is on disk. Throws AppError `rejects_unwritable` when it is not. */
  async close(): Promise<void> {
    if (!this.opened) return;
    this.opened.end();
    await finished(this.opened).catch((error: Error) => {
      this.failed = error;
    });
    this.check();
  }

  private csvLine({ line, reason, detail, raw }: RejectedRow): string {
    const { delimiter } = this.mapping;
    const quoted =
      /["\r\n]/.test(detail) || detail.includes(delimiter) ? `"${detail.replaceAll('"', '""')}"` : detail;
    return [line, reason, quoted, raw].join(delimiter);
  }

  private check(): void {
    if (!this.failed) return;
    throw new AppError(
      'rejects_unwritable',
      `The rejects file ${this.path} cannot be written: ${reasonOf(this.failed)}`,
      {
        exitCode: 1,
      },
    );
  }
}

function jsonLine({ line, reason, detail, raw }: RejectedRow): string {
  const told = JSON.stringify({ line, reason, detail }).slice(0, -1);
  return `${told},"row":${isJson(raw) ? raw.trim() : JSON.stringify(raw)}}`;
}

/** A row of JSON is repeated as it was: written anew, large numbers would change and deep ones overflow. */
function isJson(raw: string): boolean {
  try {
    JSON.parse(raw);
    return true;
  } catch {
    return false;
  }
}
