import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvRows, headerCells } from './csv-rows.js';

/** `line:cell,cell` of each row; `line!problem` of each refused one. */
function rowsOf(text: string, width = 3, pieces = 1): string[] {
  const lines = text.split('\n').map((line, i) => ({ number: i + 2, text: line }));
  const reader = new CsvRows(';', width);
  const size = Math.ceil(lines.length / pieces);
  const rows = [];
  for (let i = 0; i < lines.length; i += size) rows.push(...reader.push(lines.slice(i, i + size)));
  rows.push(...reader.end());
  return rows.map((row) => `${row.line}${row.problem === undefined ? `:${row.cells.join(',')}` : '!'}`);
}

describe('splits', () => {
  test.each([
    ['plain rows', '1;a;x\n2;b;y', ['2:1,a,x', '3:2,b,y']],
    ['empty cells', ';;\n1;;', ['2:,,', '3:1,,']],
    ['quoted cells with delimiters', '1;"a;b";x', ['2:1,a;b,x']],
    ['doubled quotes', '1;"Каса ""А""";x', ['2:1,Каса "А",x']],
    ['an empty quoted cell', '1;"";x', ['2:1,,x']],
    ['quotes inside an unquoted cell', '1;Каса "А" ліва;x', ['2:1,Каса "А" ліва,x']],
    ['quotes inside a quoted cell that nobody doubled', '1;"Каса "А" ліва";x', ['2:1,Каса "А" ліва,x']],
    ['a cell over two lines', '1;"a\nb";x\n2;c;y', ['2:1,a\nb,x', '4:2,c,y']],
    ['a cell over two lines at the start of the row', '"a\nb";1;x\n2;c;y', ['2:a\nb,1,x', '4:2,c,y']],
    ['a cell over two lines at the end of the row', '1;x;"a\nb"\n2;c;y', ['2:1,x,a\nb', '4:2,c,y']],
    ['two cells over lines in one row', '1;"a\nb";"c\nd"\n2;e;f', ['2:1,a\nb,c\nd', '5:2,e,f']],
    ['blank lines as nothing', '\n1;a;x\n  \n2;b;y\n', ['3:1,a,x', '5:2,b,y']],
    ['empty cells beyond the header as nothing', '1;a;x;;\n2;b;y; ', ['2:1,a,x', '3:2,b,y']],
  ])('%s', (_what, text, rows) => {
    expect(rowsOf(text)).toEqual(rows);
    expect(rowsOf(text, 3, 4)).toEqual(rows);
  });
});

describe('refuses one row and keeps the next', () => {
  test.each([
    ['with a column too few', '1;a\n2;b;y', ['2!', '3:2,b,y']],
    ['with a column too many', '1;a;x;z\n2;b;y', ['2!', '3:2,b,y']],
    ['half written at the end', '1;a;x\n2;b', ['2:1,a,x', '3!']],
    ['half written inside quotes at the end', '1;a;x\n2;"b', ['2:1,a,x', '3!']],
    ['with a quote nobody closed and a column missing', '1;"a\n2;b;y\n3;c;z', ['2!', '3:2,b,y', '4:3,c,z']],
    ['whose quote would be closed in a later row', '1;"a\n2;b;y\n3;"c";z', ['2!', '3:2,b,y', '4:3,c,z']],
  ])('%s', (_what, text, rows) => {
    expect(rowsOf(text)).toEqual(rows);
    expect(rowsOf(text, 3, 3)).toEqual(rows);
  });
});

describe('takes a stray quote literally when the row has its width', () => {
  test.each([
    ['before a word', '1;"Каса;x\n2;b;y', ['2:1,"Каса,x', '3:2,b,y']],
    ['in two rows, which stay two', '1;"Каса;x\n2;b;y\n3;"Каса;z', ['2:1,"Каса,x', '3:2,b,y', '4:3,"Каса,z']],
    ['closed at the end of a later row', '1;"Каса;x\n2;Каса";y', ['2:1,"Каса,x', '3:2,Каса",y']],
    ['at the end of the row', '1;a;"\n2;b;y', ['2:1,a,"', '3:2,b,y']],
    ['at the start of the row', '"1;a;x\n2;b;y\n3";c;z', ['2:"1,a,x', '3:2,b,y', '4:3",c,z']],
  ])('%s', (_what, text, rows) => {
    expect(rowsOf(text)).toEqual(rows);
  });
});

test('a field that runs over more lines than anybody types is a quote left open', () => {
  const text = `1;"a\n${'word\n'.repeat(60)}b";x\n2;c;y`;
  const rows = rowsOf(text);
  expect(rows[0]).toBe('2!');
  expect(rows.at(-1)).toBe('64:2,c,y');
  expect(rows.filter((row) => row.endsWith('!'))).toHaveLength(62);
});

test('a line reported as unreadable is a refused row', () => {
  const reader = new CsvRows(';', 2);
  const rows = reader.push([{ number: 5, text: 'x', problem: 'the line is not UTF-8 text' }]);
  expect(rows).toEqual([{ line: 5, raw: 'x', cells: [], problem: 'the line is not UTF-8 text' }]);
});

test('reads every well-formed file as csv-parse does', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ї', '"', ';', ' ', '\n'), maxLength: 6 });
  const row = fc.tuple(fc.constantFrom('1', '2'), cell, cell, cell);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 5 }), (rows, pieces) => {
      const written = rows.map((cells) =>
        cells.map((c) => (/[";\n]/.test(c) || c === '' ? `"${c.replaceAll('"', '""')}"` : c)).join(';'),
      );
      // A quoted text that itself looks like a row is the one thing a file cannot say here.
      fc.pre(
        written.every(
          (text) =>
            !text
              .split('\n')
              .slice(1)
              .some((line) => line.split(';').length === 4),
        ),
      );
      const text = written.join('\n');
      const expected: string[][] = parse(text, { delimiter: ';' });
      expect(rowsOf(text, 4, pieces).map((r) => r.replace(/^\d+:/, ''))).toEqual(
        expected.map((c) => c.join(',')),
      );
    }),
    { numRuns: 500 },
  );
});

test('reads a header with quotes, blanks and stray quotes', () => {
  expect(headerCells(' id ;"місце; кабінет";"phone', ';')).toEqual(['id', '"місце', 'кабінет"', '"phone']);
  expect(headerCells('id;"місце; кабінет"; phone', ';')).toEqual(['id', 'місце; кабінет', 'phone']);
});
