import type { Line } from './text-lines.js';

/** One row of a file: its cells, or why it is none. */
export interface CsvRow {
  /** Physical line on which it begins, counted from 1. */
  readonly line: number;
  /** As it stands in the file. */
  readonly raw: string;
  readonly cells: readonly string[];
  readonly problem?: string;
}

/** A quoted field may run over this many lines; a longer one is a quote that nobody closed. */
const LONGEST_FIELD_LINES = 50;

interface Split {
  readonly cells: string[];
  /** Index of the field whose quote is still open at the end of the text. */
  readonly open: number | undefined;
}

/**
 * Splits lines into rows of `width` cells (RFC 4180, with what real exports do besides). Made instead of a general
 * parser because two things matter here more than elsewhere: a stray quote must cost its own row and never swallow the
 * rows after it, and every row must know its line and its exact text. A quote inside an unquoted field is an ordinary
 * character; a field may run over lines unless a line it would swallow reads as a row of its own; a quote
 * that opens and never closes is taken literally if the row has its width then, and else the row is refused.
 */
export class CsvRows {
  private waiting: Line[] = [];

  constructor(
    private readonly delimiter: string,
    private readonly width: number,
  ) {}

  /** Rows that are complete with these lines. Blank lines are passed over. */
  push(lines: readonly Line[]): CsvRow[] {
    return this.rows(this.waiting.length > 0 ? [...this.waiting, ...lines] : lines, false);
  }

  /** The last rows, once no more lines come. */
  end(): CsvRow[] {
    return this.rows(this.waiting, true);
  }

  private rows(lines: readonly Line[], last: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    this.waiting = [];
    for (let i = 0; i < lines.length;) {
      const line = lines[i] as Line;
      const split = line.problem === undefined ? splitLine(line.text, this.delimiter) : undefined;
      if (!split || split.open === undefined) {
        if (line.text.trim() !== '' || line.problem !== undefined) rows.push(this.row(line, split));
        i++;
        continue;
      }
      const used = this.closingLine(lines, i, split);
      if (used === 'unknown' && !last) {
        this.waiting = lines.slice(i);
        return rows;
      }
      rows.push(typeof used === 'number' ? this.joined(lines.slice(i, used + 1)) : this.literal(line));
      i = typeof used === 'number' ? used + 1 : i + 1;
    }
    return rows;
  }

  private row(line: Line, split: Split | undefined): CsvRow {
    const { number, text: raw, problem } = line;
    if (!split) return { line: number, raw, cells: [], problem: problem ?? 'unreadable' };
    const cells = fitted(split.cells, this.width);
    if (cells.length === this.width) return { line: number, raw, cells };
    return {
      line: number,
      raw,
      cells: [],
      problem: `has ${split.cells.length} columns, the header ${this.width}`,
    };
  }

  /** Where the open field of line `from` ends; 'none' when nowhere, 'unknown' when the lines given do not tell. */
  private closingLine(lines: readonly Line[], from: number, first: Split): number | 'none' | 'unknown' {
    const until = from + LONGEST_FIELD_LINES;
    const firstIsShort = literalCells((lines[from] as Line).text, this.delimiter).length < this.width;
    for (let i = from + 1; i < lines.length && i <= until; i++) {
      const line = lines[i] as Line;
      if (line.problem !== undefined) return 'none';
      const closing = afterQuote(line.text, this.delimiter);
      // A field that opens the row may be closed by a line as wide as a row; any other such line is a row itself.
      const couldClose = closing !== undefined && first.open === 0 && firstIsShort;
      if (!couldClose && literalCells(line.text, this.delimiter).length === this.width) return 'none';
      if (closing === undefined) continue;
      const whole = splitLine(lines.slice(from, i + 1).map((l) => l.text).join('\n'), this.delimiter); // prettier-ignore
      if (whole.open !== undefined) continue;
      return fitted(whole.cells, this.width).length === this.width ? i : 'none';
    }
    return lines.length > until ? 'none' : 'unknown';
  }

  private joined(lines: readonly Line[]): CsvRow {
    const raw = lines.map((line) => line.text).join('\n');
    const { cells } = splitLine(raw, this.delimiter);
    return { line: (lines[0] as Line).number, raw, cells: fitted(cells, this.width) };
  }

  private literal(line: Line): CsvRow {
    const cells = fitted(literalCells(line.text, this.delimiter), this.width);
    if (cells.length === this.width) return { line: line.number, raw: line.text, cells };
    return { line: line.number, raw: line.text, cells: [], problem: 'a quote opens and never closes' };
  }
}

/** The cells of a header line, trimmed. */
export function headerCells(text: string, delimiter: string): string[] {
  const split = splitLine(text, delimiter);
  const cells = split.open === undefined ? split.cells : literalCells(text, delimiter);
  return cells.map((cell) => cell.trim());
}

/** Empty cells beyond the header, as spreadsheets leave them, are no columns. */
function fitted(cells: string[], width: number): string[] {
  return cells.length > width && cells.slice(width).every((cell) => cell.trim() === '')
    ? cells.slice(0, width)
    : cells;
}

function literalCells(text: string, delimiter: string): string[] {
  return text.split(delimiter);
}

function splitLine(text: string, delimiter: string): Split {
  if (!text.includes('"')) return { cells: text.split(delimiter), open: undefined };
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1, delimiter);
      if (end < 0) return { cells, open: cells.length };
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const next = text.indexOf(delimiter, at);
      const end = next < 0 ? text.length : next;
      cells.push(text.slice(at, end));
      at = end;
    }
    if (at >= text.length) return { cells, open: undefined };
    at += 1;
  }
}

/** The quote that ends a field: before a delimiter or the end. One in the middle of words is a character. */
function closingQuote(text: string, from: number, delimiter: string): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    if (text[at + 1] === '"') at += 1;
    else if (at + 1 === text.length || text[at + 1] === delimiter) return at;
  }
  return -1;
}

/** The part of a line after the quote that closes a field begun on an earlier line. */
function afterQuote(text: string, delimiter: string): string | undefined {
  const end = closingQuote(text, 0, delimiter);
  return end < 0 ? undefined : text.slice(end + 1);
}
