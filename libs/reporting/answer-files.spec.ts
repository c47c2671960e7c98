import { describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { csvOf, type Cell, type Column, type ExportedTable } from './exported-table.js';
import { parquetOf } from './parquet.js';
import { xlsxOf } from './xlsx.js';

const columns = [
  { name: 'text', type: 'text' },
  { name: 'day', type: 'day' },
  { name: 'n', type: 'number' },
  { name: 'yes', type: 'flag' },
  { name: 'at', type: 'moment' },
  { name: 'any', type: 'any' },
] as const satisfies readonly Column[];
const at = new Date('2026-03-02T12:30:15Z');
const rows: Cell[][] = [
  ['чудово & <добре>', '2026-03-02', 5, true, at, 4],
  ['=1+1', '2026-12-31', -0.5, false, at, 'queue|staff'],
  [null, null, null, null, null, null],
  ['line\none\u0000\u0007 _x0041_ "кома, 👍', '2026-01-01', 0, true, at, true],
];

function table(batches: Cell[][][]): ExportedTable {
  return {
    name: 'answers',
    columns,
    batches: (async function* () {
      for (const batch of batches) yield await Promise.resolve(batch);
    })(),
  };
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return new Uint8Array(Buffer.concat(all));
}

/** A small reader of workbooks: the sheets by their names, cells by type. */
function readWorkbook(bytes: Uint8Array): Record<string, unknown[][]> {
  const files = unzipSync(bytes);
  const text = (name: string): string => Buffer.from(files[name] ?? []).toString('utf8');
  const styles = [...text('xl/styles.xml').matchAll(/<xf [^>]*xfId="0"[^>]*>/g)].map(([xf]) => xf);
  const unescaped = (xml: string): string =>
    xml
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
      .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  const cell = ([, attributes = '', content = '']: RegExpMatchArray): unknown => {
    const style = styles[Number(/s="(\d)"/.exec(attributes)?.[1] ?? 0)] ?? '';
    const number = /<v>(.*)<\/v>/.exec(content)?.[1];
    if (attributes.includes('inlineStr')) {
      const written = unescaped(/<t[^>]*>(.*)<\/t>/s.exec(content)?.[1] ?? '');
      return style.includes('quotePrefix') ? { quoted: written } : written;
    }
    if (number === undefined) return null;
    if (attributes.includes('t="b"')) return number === '1';
    if (/numFmtId="16[45]"/.test(style)) return new Date(Math.round((Number(number) - 25569) * 86_400_000));
    return Number(number);
  };
  const sheets = [
    ...text('xl/workbook.xml').matchAll(/<sheet name="([^"]+)" sheetId="\d+" r:id="(rId\d+)"/g),
  ];
  return Object.fromEntries(
    sheets.map(([, name = '', id = '']) => {
      const target = new RegExp(`Id="${id}" [^>]*Target="([^"]+)"`).exec(text('xl/_rels/workbook.xml.rels'))?.[1] ?? ''; // prettier-ignore
      expect(text('[Content_Types].xml')).toContain(`/xl/${target}`);
      const lines = [...text(`xl/${target}`).matchAll(/<row>(.*?)<\/row>/gs)];
      return [name, lines.map(([, line = '']) => [...line.matchAll(/<c( [^>/]*)?(?:\/>|>(.*?)<\/c>)/gs)].map(cell))]; // prettier-ignore
    }),
  );
}

describe('a workbook', () => {
  test('reads back with types; formulas are quoted text; what XML cannot hold is dropped', async () => {
    const sheets = readWorkbook(await bytesOf(xlsxOf(table([rows.slice(0, 1), [], rows.slice(1)]))));
    const day = (text: string) => new Date(`${text}T00:00:00Z`);
    expect(sheets).toEqual({
      answers: [
        columns.map(({ name }) => name),
        ['чудово & <добре>', day('2026-03-02'), 5, true, at, 4],
        [{ quoted: '=1+1' }, day('2026-12-31'), -0.5, false, at, 'queue|staff'],
        [null, null, null, null, null, null],
        ['line\none _x0041_ "кома, 👍', day('2026-01-01'), 0, true, at, true],
      ],
    });
  });

  test.each(['=1', '+1', '-1', '@x', '\tx', '\nx', ' =1', '＝1'])(
    'has %j as quoted text in every column of text',
    async (text) => {
      const sheets = readWorkbook(await bytesOf(xlsxOf(table([[[text, null, null, null, null, text]]]))));
      expect(sheets['answers']?.[1]).toEqual([{ quoted: text }, null, null, null, null, { quoted: text }]);
    },
  );

  test('goes on in another sheet where one is full', async () => {
    const sheets = readWorkbook(await bytesOf(xlsxOf(table([rows, rows]), 4)));
    expect(Object.entries(sheets).map(([name, lines]) => [name, lines.length])).toEqual([
      ['answers', 4],
      ['answers 2', 4],
      ['answers 3', 3],
    ]);
    expect(Object.values(sheets).every(([header]) => header?.[0] === 'text')).toBe(true);
  });

  test('of no rows has its header', async () => {
    expect(readWorkbook(await bytesOf(xlsxOf(table([]))))).toEqual({ answers: [columns.map(({ name }) => name)] }); // prettier-ignore
  });
});

describe('a Parquet file', () => {
  test('reads back with types, in row groups', async () => {
    const many = Array.from({ length: 50_000 }, (_, n): Cell[] => rows[n % rows.length] ?? []);
    const file = await bytesOf(
      parquetOf(table([many.slice(0, 7), many.slice(7, 45_000), many.slice(45_000)])),
    );
    const buffer = file.buffer as ArrayBuffer;
    const read = await parquetReadObjects({ file: buffer });
    expect(read).toHaveLength(50_000);
    expect(read[1]).toEqual({ text: '=1+1', day: new Date('2026-12-31'), n: -0.5, yes: false, at, any: 'queue|staff' }); // prettier-ignore
    expect(read[49_996]).toMatchObject({ text: 'чудово & <добре>', any: '4' });
    expect(read[2]).toEqual({ text: null, day: null, n: null, yes: null, at: null, any: null });
    expect(parquetMetadata(buffer).row_groups.map((group) => Number(group.num_rows))).toEqual([20_000, 20_000, 10_000]); // prettier-ignore
  });

  test('of no rows has its columns', async () => {
    const file = await bytesOf(parquetOf(table([])));
    const { schema, num_rows: count } = parquetMetadata(file.buffer as ArrayBuffer);
    expect([schema.slice(1).map(({ name }) => name), Number(count)]).toEqual([columns.map(({ name }) => name), 0]); // prettier-ignore
  });
});

test('CSV writes times by ISO 8601 and nothing for null', async () => {
  let text = '';
  for await (const piece of csvOf(table([rows.slice(1, 3)]))) text += piece;
  expect(text.split('\r\n')).toEqual([
    'text,day,n,yes,at,any',
    `'=1+1,2026-12-31,-0.5,false,2026-03-02T12:30:15.000Z,queue|staff`,
    ',,,,,',
    '',
  ]);
});
