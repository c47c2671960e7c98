import { AppError } from '#kernel/errors';
import type { Mapping } from '../mapping/mapping.js';
import { mappedColumns, placeColumns, RawRow, type MappedColumn } from './columns.js';
import { CsvRows, headerCells, type CsvRow } from './csv-rows.js';
import { readRecord, type RecordRules } from './read-record.js';
import { textLines, type Line } from './text-lines.js';
import { timeReader } from './time-reader.js';
import { INEXACT, isInexact, type AttributeValue, type Rejection, type VisitRecord } from './visit-record.js';

/** One row of a source: where it stood, how it was written, and what it says. */
export interface SourceRow {
  /** Physical line, counted from 1; the header of a CSV is line 1. */
  readonly line: number;
  readonly raw: string;
  readonly read: VisitRecord | Rejection;
}

/** How a mapping wants its rows read. */
export function rulesOf(mapping: Mapping): RecordRules {
  return {
    readTime: timeReader(mapping.dateFormat, mapping.timezone),
    timeForm: mapping.dateFormat ?? 'ISO 8601',
    zone: mapping.timezone,
    defaultCountry: mapping.defaultCountry,
    keyParts: typeof mapping.visitKey === 'string' ? undefined : mapping.visitKey,
  };
}

/**
 * Reads a file row by row, in the pieces it comes in, with memory that does not grow with it. `onHeader` gets the
 * header line of a CSV. Throws AppError `columns_missing` or `input_empty` before the first row, `input_unreadable`
 * when the input breaks off; whatever is wrong with one row is in that row.
 */
export async function* visitRows(
  input: AsyncIterable<unknown>,
  mapping: Mapping,
  onHeader?: (header: string) => void,
): AsyncGenerator<SourceRow[]> {
  const reader = mapping.format === 'csv' ? new CsvReader(mapping, onHeader) : new JsonLinesReader(mapping);
  for await (const lines of textLines(input, mapping.encoding)) {
    const rows = reader.push(lines);
    if (rows.length > 0) yield rows;
  }
  const rest = reader.end();
  if (rest.length > 0) yield rest;
}

class CsvReader {
  private readonly columns: MappedColumn[];
  private readonly rules: RecordRules;
  private rows: CsvRows | undefined;
  private places: number[] = [];

  constructor(
    private readonly mapping: Mapping,
    private readonly onHeader: ((header: string) => void) | undefined,
  ) {
    this.columns = mappedColumns(mapping);
    this.rules = rulesOf(mapping);
  }

  push(lines: readonly Line[]): SourceRow[] {
    const body = this.rows ? lines : this.begin(lines);
    return this.rows ? this.rows.push(body).map((row) => this.read(row)) : [];
  }

  end(): SourceRow[] {
    if (!this.rows) throw new AppError('input_empty', 'The input is empty: there is not even a header row.');
    return this.rows.end().map((row) => this.read(row));
  }

  /** Takes the header from the first line that has text; Excel may put `sep=;` before it. */
  private begin(lines: readonly Line[]): readonly Line[] {
    const at = lines.findIndex(({ text }) => text.trim() !== '' && !/^sep=.$/i.test(text));
    const header = lines[at]?.text;
    if (header === undefined) return [];
    this.places = placeColumns(this.columns, header, this.mapping.delimiter);
    this.rows = new CsvRows(this.mapping.delimiter, headerCells(header, this.mapping.delimiter).length);
    this.onHeader?.(header);
    return lines.slice(at + 1);
  }

  private read({ line, raw, cells, problem }: CsvRow): SourceRow {
    if (problem !== undefined) return { line, raw, read: { reason: 'bad_row', detail: problem } };
    const row = new RawRow();
    this.columns.forEach((column, i) => row.add(column, cells[this.places[i] ?? 0] ?? ''));
    return { line, raw, read: readRecord(row.visit, this.rules) };
  }
}

class JsonLinesReader {
  private readonly columns: MappedColumn[];
  private readonly rules: RecordRules;

  constructor(mapping: Mapping) {
    this.columns = mappedColumns(mapping);
    this.rules = rulesOf(mapping);
  }

  push(lines: readonly Line[]): SourceRow[] {
    return lines
      .filter(({ text, problem }) => text.trim() !== '' || problem !== undefined)
      .map((line) => ({ line: line.number, raw: line.text, read: this.read(line) }));
  }

  end(): SourceRow[] {
    return [];
  }

  private read({ text, problem }: Line): VisitRecord | Rejection {
    if (problem !== undefined) return { reason: 'bad_row', detail: problem };
    const object = jsonObject(text);
    if (!object) return { reason: 'bad_row', detail: 'the line is not one JSON object' };
    return readObject(object, this.columns, this.rules);
  }
}

/** Reads an object by the mapping: a line of JSON, or a row of a foreign table. */
export function readObject(
  object: Readonly<Record<string, unknown>>,
  columns: readonly MappedColumn[],
  rules: RecordRules,
): VisitRecord | Rejection {
  const row = new RawRow();
  for (const column of columns) {
    const value = valueAt(object, column.column);
    if (value === undefined || value === null) row.add(column, '');
    else if (isInexact(value)) return { reason: 'bad_value', detail: `${column.column} ${INEXACT}` };
    else if (isScalar(value)) row.add(column, value);
    else
      return { reason: 'bad_value', detail: `${column.column} holds a list or an object instead of a value` };
  }
  return readRecord(row.visit, rules);
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A property by name, or by path (`client.phone`) when there is none of that very name. */
function valueAt(object: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path];
  let at: unknown = object;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

function isScalar(value: unknown): value is AttributeValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
