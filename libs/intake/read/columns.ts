import { AppError } from '#kernel/errors';
import type { Mapping } from '../mapping/mapping.js';
import { headerCells } from './csv-rows.js';
import type { AttributeValue, Field, RawVisit } from './visit-record.js';

/** A canonical field (or attribute) with the column it comes from and what the source's words mean. */
export interface MappedColumn {
  readonly field: Field | 'attributes';
  /** Name of the attribute, for `attributes`. */
  readonly attribute: string;
  readonly column: string;
  readonly meanings: ReadonlyMap<string, AttributeValue> | undefined;
}

/** The columns that a mapping names, the key column among them. */
export function mappedColumns(mapping: Mapping): MappedColumn[] {
  const columns = Object.entries(mapping.columns).map(([name, column]): MappedColumn => {
    const meanings = mapping.values[name];
    const attribute = name.startsWith('attributes.') ? name.slice('attributes.'.length) : '';
    return {
      field: attribute === '' ? (name as Field) : 'attributes',
      attribute,
      column,
      meanings: meanings && new Map(Object.entries(meanings)),
    };
  });
  if (typeof mapping.visitKey === 'string') {
    columns.push({ field: 'visitKey', attribute: '', column: mapping.visitKey, meanings: undefined });
  }
  return columns;
}

/** Collects the values of one row under their canonical names. */
export class RawRow {
  private readonly raw: Record<string, string | undefined> = {};
  private attributes: Record<string, AttributeValue> | undefined;

  add(column: MappedColumn, value: AttributeValue): void {
    const meaning = column.meanings?.get(String(value).trim()) ?? value;
    if (column.field !== 'attributes') this.raw[column.field] = String(meaning);
    else if (meaning !== '') (this.attributes ??= {})[column.attribute] = meaning;
  }

  get visit(): RawVisit {
    return this.attributes ? { ...this.raw, attributes: this.attributes } : this.raw;
  }
}

/**
 * Where each mapped column stands in the header. Throws AppError `columns_missing` that names what was not found,
 * what the header has, and the delimiter that would fit when it is simply the wrong one.
 */
export function placeColumns(columns: readonly MappedColumn[], header: string, delimiter: string): number[] {
  const cells = headerCells(header, delimiter);
  const missing = columns.filter((column) => !cells.includes(column.column));
  if (missing.length > 0) throw missingColumns(columns, missing, header, delimiter);
  const doubled = columns.find(({ column }) => cells.indexOf(column) !== cells.lastIndexOf(column));
  if (doubled) {
    throw new AppError(
      'columns_missing',
      `The column "${doubled.column}" appears twice in the header: which one is meant?`,
    );
  }
  return columns.map((column) => cells.indexOf(column.column));
}

/** A file without a header begins with somebody's row: what may be a number is never repeated in an error. */
function asName(cell: string): string {
  return /(\d\D{0,2}){6}/.test(cell) ? '(a value: is the header missing?)' : `"${cell.slice(0, 60)}"`;
}

const DELIMITERS = [';', ',', '\t', '|'];

function missingColumns(
  all: readonly MappedColumn[],
  missing: readonly MappedColumn[],
  header: string,
  delimiter: string,
): AppError {
  const shown = (list: readonly string[]): string => list.slice(0, 40).map(asName).join(', ');
  const found = (by: string): number => all.filter((c) => headerCells(header, by).includes(c.column)).length;
  const better = DELIMITERS.filter((other) => other !== delimiter).find(
    (other) => found(other) > found(delimiter),
  );
  const advice = header.includes('\r')
    ? 'Its lines end with a carriage return alone: save it with the line ends of Windows or Unix.'
    : better === undefined
      ? `The header has: ${shown(headerCells(header, delimiter))}. Correct the mapping, or name the encoding there if the names look wrong.`
      : `With delimiter ${better === '\t' ? 'tab' : `"${better}"`} ${found(better)} of ${all.length} columns would be found: set it in the mapping.`;
  return new AppError(
    'columns_missing',
    `These columns of the mapping are not in the file: ${shown(missing.map((c) => c.column))}. ${advice}`,
    { details: { missing: missing.map((c) => c.column), delimiter, ...(better ? { better } : {}) } },
  );
}
