import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { bytesField, copyInto, each, textField, timeField } from './copy.js';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase({ empty: true });
  await t.db.query(
    'create table thing (id integer check (id < 1000000), name text, at timestamptz, bytes bytea)',
  );
});
afterAll(() => t.drop());

const line = (id: number, name: string | null, at: Date | null = null, hex: string | null = null): string =>
  `${id}\t${textField(name)}\t${timeField(at)}\t${bytesField(hex)}\n`;
const COLUMNS = ['id', 'name', 'at', 'bytes'];
const copy = (lines: Iterable<string>) =>
  t.db.transaction((tx) => copyInto(tx.client, 'thing', COLUMNS, lines));

test('whatever a text holds comes back as it was', async () => {
  const names = [
    '',
    'a\tb',
    'a\nb',
    'a\r\nb',
    'a\\b',
    '\\N',
    '\\.',
    'null',
    '"',
    "'",
    'Їжак 🦔',
    '\\x00',
    ' blank ',
    null,
  ];
  await copy(each(names.keys(), (i) => line(i, names[i] ?? null)));
  const { rows } = await t.db.query<{ name: string | null }>('select name from thing order by id');
  expect(rows.map((row) => row.name)).toEqual(names);
});

test('times and bytes come back as they were', async () => {
  const at = new Date('2026-03-02T10:20:30.456Z');
  await copy([line(500, null, at, '00ff5c78'), line(501, null, at)]);
  const { rows } = await t.db.query('select at, bytes from thing where id >= 500 order by id');
  expect(rows).toEqual([{ at, bytes: Buffer.from([0, 255, 0x5c, 0x78]) }, { at, bytes: null }]); // prettier-ignore
});

test('many rows are asked for as they are sent', async () => {
  await copy(each(Array.from({ length: 20_000 }).keys(), (i) => line(i + 10_000, 'ї'.repeat(50))));
  const { rows } = await t.db.query<{ n: number }>(
    'select count(*)::integer as n from thing where id >= 10000',
  );
  expect(rows[0]?.n).toBe(20_000);
});

test('a row that breaks a rule, or rows that cannot be made, leave nothing behind', async () => {
  await expect(copy([line(900, 'good'), line(1_000_000, 'bad')])).rejects.toMatchObject({ code: '23514' });
  const failing = each([1, 2], (i) => {
    if (i === 2) throw new Error('no more');
    return line(901, 'good');
  });
  await expect(copy(failing)).rejects.toThrow('no more');
  expect((await t.db.query('select from thing where id in (900, 901)')).rowCount).toBe(0);
  await copy([line(902, 'the connection still works')]);
});
