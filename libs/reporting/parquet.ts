import type { DecodedArray, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Cell, Column, ExportedTable } from './exported-table.js';

// Rows of a row group are in memory together. Readers like them large; twenty thousand answers are some ten megabytes.
const GROUP_ROWS = 20_000;

const ELEMENTS: Readonly<Record<Column['type'], Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  any: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  day: { type: 'INT32', converted_type: 'DATE' },
  moment: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
};

/**
 * A Parquet file (snappy, row groups of 20,000) as pieces. Days are DATE, times are UTC. A column of values of any type
 * is text, since Parquet's columns have one type.
 */
export async function* parquetOf({ columns, batches }: ExportedTable): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy: 'vidhuk' });
  let group: (readonly Cell[])[] = [];
  const write = (): Uint8Array => {
    void file.write({
      columnData: columns.map(({ name, type }, place) => ({ name, data: group.map((row) => stored(row[place] ?? null, type)) as DecodedArray })),
      rowGroupSize: GROUP_ROWS,
    }); // prettier-ignore
    group = [];
    return taken(bytes);
  };
  for await (const rows of batches) {
    for (let next = 0; next < rows.length;) {
      const some = rows.slice(next, next + GROUP_ROWS - group.length);
      group.push(...some);
      next += some.length;
      if (group.length === GROUP_ROWS) yield write();
    }
  }
  if (group.length > 0) yield write();
  void file.finish();
  yield taken(bytes);
}

/** What was written since the last call; the writer goes on counting, since the file's end refers to its beginning. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...ELEMENTS[type] })),
  ];
}

function stored(value: Cell, type: Column['type']): Cell {
  if (value === null) return null;
  if (type === 'any') return String(value);
  if (type === 'day') return new Date(`${String(value)}T00:00:00Z`);
  return value;
}
