import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { LONGEST_LINE, textLines, type Line } from './text-lines.js';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
  bytes: Buffer,
  size = 65_536,
  encoding?: 'windows-1251' | 'utf-8' | 'utf-16le',
): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const piece of textLines(inPieces(bytes, size), encoding)) lines.push(...piece);
  return lines;
}

const TEXT = 'ключ;місце\r\n1;Їжаківка\n\n2;Ґанок';
const EXPECTED = ['ключ;місце', '1;Їжаківка', '', '2;Ґанок'];
const cp1251 = (text: string): Buffer =>
  Buffer.from([...text].map((c) => {
    if (c.charCodeAt(0) < 128) return c.charCodeAt(0);
    const special: Record<string, number> = { і: 0xb3, І: 0xb2, ї: 0xbf, Ї: 0xaf, є: 0xba, Є: 0xaa, ґ: 0xb4, Ґ: 0xa5 };
    return special[c] ?? c.charCodeAt(0) - 0x350;
  })); // prettier-ignore

describe('reads the same lines', () => {
  test.each<[string, Buffer, 'windows-1251' | 'utf-8' | 'utf-16le' | undefined]>([
    ['from UTF-8', Buffer.from(TEXT), undefined],
    ['from UTF-8 with its mark', Buffer.from(`\ufeff${TEXT}`), undefined],
    ['from UTF-8 that is named', Buffer.from(TEXT), 'utf-8'],
    ['from Windows-1251 that is named', cp1251(TEXT), 'windows-1251'],
    ['from Windows-1251 that nobody named', cp1251(TEXT), undefined],
    ['from UTF-16 with its mark', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), undefined],
    ['from UTF-16 that is named', Buffer.from(TEXT, 'utf16le'), 'utf-16le'],
    ['from gzip', gzipSync(TEXT), undefined],
    [
      'from gzip in two members',
      Buffer.concat([gzipSync(TEXT.slice(0, 9)), gzipSync(TEXT.slice(9))]),
      undefined,
    ],
    ['from gzipped Windows-1251', gzipSync(cp1251(TEXT)), undefined],
  ])('%s, however the bytes are cut', async (_from, bytes, encoding) => {
    for (const size of [65_536, 7, 3, 1]) {
      const lines = await read(bytes, size, encoding);
      expect(lines.map((line) => line.text)).toEqual(EXPECTED);
      expect(lines.map((line) => line.number)).toEqual([1, 2, 3, 4]);
      expect(lines.some((line) => line.problem !== undefined)).toBe(false);
    }
  });
});

test.each([
  ['nothing', 0, ''],
  ['one byte', 1, 'a'],
  ['one line break', 1, '\n'],
  ['text without a break', 1, 'abc'],
  ['text with a break', 1, 'abc\n'],
])('%s is read as %i lines', async (_what, count, text) => {
  expect(await read(Buffer.from(text))).toHaveLength(count);
});

test('a broken byte in a UTF-8 file spoils its own line only', async () => {
  const bytes = Buffer.concat([
    Buffer.from('місце\n1;Їж'),
    Buffer.from([0xff]),
    Buffer.from('ак\n2;Ґанок\n'),
  ]);
  const lines = await read(bytes);
  expect(lines.map((line) => line.problem)).toEqual([undefined, 'the line is not UTF-8 text', undefined]);
  expect(lines[2]?.text).toBe('2;Ґанок');
});

test.each<[string, Buffer, (string | undefined)[]]>([
  ['one row of each', Buffer.concat([Buffer.from('1;Центр\n'), cp1251('2;Центр\n')]), [undefined, 'the line is not UTF-8 text']],
  ['broken bytes behind a word', Buffer.concat([Buffer.from('1;Центр'), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('\n')]), ['the line is not UTF-8 text']],
])('the characters vote where lines do not agree: %s', async (_what, bytes, problems) => {
  expect((await read(bytes, 4_096)).map(({ problem }) => problem)).toEqual(problems);
}); // prettier-ignore

test('UTF-16 is told by its mark in either byte order', async () => {
  const swapped = Buffer.from(`\ufeff1;Їжаківка\n`, 'utf16le').swap16();
  expect((await read(swapped, 4_096)).map(({ text }) => text)).toEqual(['1;Їжаківка']);
});

test('Windows-1251 is still told when the file begins with plain ASCII', async () => {
  const lines = await read(Buffer.concat([Buffer.from('id;place\n'), cp1251('1;Їжаківка\n')]), 9);
  expect(lines.map((line) => line.text)).toEqual(['id;place', '1;Їжаківка']);
});

test('a line without end is given up with little memory, and the next one is read', async () => {
  const bytes = Buffer.from(`a\n${'x'.repeat(LONGEST_LINE * 2)}\nb\n`);
  const lines = await read(bytes);
  expect(lines.map((line) => [line.number, line.text.length])).toEqual([[1, 1], [2, 1000], [3, 1]]); // prettier-ignore
  expect(lines[1]?.problem).toMatch(/longer than/);
  expect((await read(Buffer.alloc(LONGEST_LINE * 2, 'x'))).map((line) => line.problem)).toHaveLength(1);
});

test.each([
  ['a gzip file that was cut off', gzipSync(TEXT).subarray(0, -9)],
  ['a gzip file that was damaged', Buffer.from(gzipSync(TEXT)).fill(0, 12, 30)],
])('%s cannot be read to its end', async (_what, bytes) => {
  await expect(read(bytes)).rejects.toMatchObject({ code: 'input_unreadable', exitCode: 2 });
});

test('an input that breaks off is an error, not an end', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('a\nb');
    throw new Error('the disk is gone');
  }
  const all = async () => {
    for await (const _ of textLines(broken())) void _;
  };
  await expect(all()).rejects.toMatchObject({ code: 'input_unreadable' });
});
