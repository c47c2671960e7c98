import { access, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import type { IntakeSummary } from './tally.js';
import { runVisitsImport, type VisitsImport } from './visits-import.js';

const CSV =
  'id;office;closed;phone\n1;A;2026-03-02 10:00;0501234567\n2;A;вчора;0501234567\n3;A\n4;A;2026-03-02 10:05;\n';

let t: TestDatabase;
let dir: string;
beforeAll(async () => {
  t = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-import-'));
  await writeFile(
    join(dir, 'hall.yaml'),
    'key: hall\ndelimiter: ";"\ncolumns: {recordId: id, centre: office, finishedAt: closed, phone: phone}\n',
  );
  await writeFile(
    join(dir, 'lines.yaml'),
    'key: hall\nformat: jsonl\ncolumns: {recordId: id, centre: office, finishedAt: closed}\n',
  );
  await writeFile(join(dir, 'visits.csv'), CSV);
  await writeFile(join(dir, 'visits.csv.gz'), gzipSync(CSV));
});
beforeEach(() => t.db.query('truncate visit, centre, contact, intake_batch cascade'));
afterAll(() => t.drop());

const run = (options: Partial<VisitsImport>): Promise<IntakeSummary> => {
  const process = {
    database: t.db,
    clock: new SteppedClock(new Date('2026-03-02T12:00:00Z')),
    secretKey: Buffer.alloc(32, 7).toString('base64'),
  };
  return runVisitsImport(process, {
    file: join(dir, 'visits.csv'),
    mapping: join(dir, 'hall.yaml'),
    ...options,
  });
};
const SUMMARY = {
  read: 4, accepted: 2, duplicates: 0, rejected: 2, visits: 2,
  reasons: { bad_row: 1, missing_field: 0, bad_time: 1, bad_value: 0 },
}; // prettier-ignore

test.each<[string, () => Partial<VisitsImport>]>([
  ['a file', () => ({})],
  ['a gzipped file', () => ({ file: join(dir, 'visits.csv.gz') })],
  ['standard input', () => ({ file: '-', stdin: Readable.from([Buffer.from(CSV)]) })],
  ['gzipped standard input', () => ({ file: '-', stdin: Readable.from([gzipSync(CSV)]) })],
])('imports %s', async (_what, options) => {
  expect(await run(options())).toEqual(SUMMARY);
});

test('files the records under the source that is named, else that of the mapping', async () => {
  await run({ source: 'annex' });
  await run({});
  const { rows } = await t.db.query('select distinct source from visit order by 1');
  expect(rows).toEqual([{ source: 'annex' }, { source: 'hall' }]);
});

test('the rejects file repeats each row behind its line and reason, and can be imported once mended', async () => {
  const rejects = join(dir, 'rejects.csv');
  await run({ rejects });
  const text = await readFile(rejects, 'utf8');
  expect(text).toBe(
    'line;reason;detail;id;office;closed;phone\n' +
      '3;bad_time;finishedAt is no time of the form ISO 8601;2;A;вчора;0501234567\n' +
      '4;bad_row;has 2 columns, the header 4;3;A\n',
  );
  const mended = text.replace('вчора', '2026-03-01 10:00').replace('3;A\n', '3;A;2026-03-01 11:00;\n');
  await writeFile(join(dir, 'mended.csv'), mended);
  expect(await run({ file: join(dir, 'mended.csv') })).toMatchObject({ read: 2, accepted: 2, visits: 2 });
});

test('rejected lines of JSON are repeated as JSON', async () => {
  const lines =
    '{"id":"1","office":"A","closed":"2026-03-02 10:00"}\n{"id":"2","office":"A","closed":"x"}\n{"id":';
  const rejects = join(dir, 'rejects.jsonl');
  await run({
    file: '-',
    stdin: Readable.from([Buffer.from(lines)]),
    mapping: join(dir, 'lines.yaml'),
    rejects,
  });
  const written = (await readFile(rejects, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as object); // prettier-ignore
  expect(written).toEqual([
    { line: 2, reason: 'bad_time', detail: 'finishedAt is no time of the form ISO 8601', row: { id: '2', office: 'A', closed: 'x' } },
    { line: 3, reason: 'bad_row', detail: 'the line is not one JSON object', row: '{"id":' },
  ]); // prettier-ignore
});

test('a dry run writes rejects and nothing else', async () => {
  const rejects = join(dir, 'dry.csv');
  expect(await run({ rejects, dryRun: true })).toEqual(SUMMARY);
  await access(rejects);
  expect((await t.db.query('select from intake_batch')).rowCount).toBe(0);
});

test('tells its progress, which ends at the summary', async () => {
  const seen: IntakeSummary[] = [];
  const rows = Array.from({ length: 2_500 }, (_, i) => `${i};A;2026-03-02 10:00;`).join('\n');
  const stdin = Readable.from([Buffer.from(`id;office;closed;phone\n${rows}\n`)]);
  const summary = await run({ file: '-', stdin, onProgress: (s) => seen.push(s) });
  expect(seen.map((s) => s.read)).toEqual([2_000, 2_500]);
  expect(seen.at(-1)).toEqual(summary);
});

test.each<[string, () => Partial<VisitsImport>, string]>([
  ['a file that is not there', () => ({ file: join(dir, 'nothing.csv') }), 'input_missing'],
  ['a folder', () => ({ file: dir }), 'input_missing'],
  ['standard input where there is none', () => ({ file: '-' }), 'input_missing'],
  ['a mapping that is not there', () => ({ mapping: join(dir, 'nothing.yaml') }), 'mapping_missing'],
  ['a mapping that is none', () => ({ mapping: join(dir, 'visits.csv') }), 'mapping_invalid'],
])('%s is wrong usage', async (_what, options, code) => {
  await expect(run(options())).rejects.toMatchObject({ code, exitCode: 2 });
});

test('rejects that cannot be written are an error that names the file', async () => {
  const rejects = join(dir, 'no', 'such', 'folder.csv');
  await expect(run({ rejects })).rejects.toMatchObject({
    code: 'rejects_unwritable',
    exitCode: 1,
    message: expect.stringContaining(rejects) as unknown,
  });
});

test('rejects are never written over their own input', async () => {
  const file = join(dir, 'mended.csv');
  await writeFile(file, CSV);
  await expect(run({ file, rejects: file })).rejects.toMatchObject({ code: 'rejects_is_input', exitCode: 2 });
  expect(await readFile(file, 'utf8')).toBe(CSV);
});

test('an input whose columns do not fit leaves an earlier rejects file as it is', async () => {
  const [file, rejects] = [join(dir, 'other.csv'), join(dir, 'earlier.csv')];
  await writeFile(file, 'a;b\n1;2\n');
  await writeFile(rejects, 'kept');
  await expect(run({ file, rejects })).rejects.toMatchObject({ code: 'columns_missing' });
  expect(await readFile(rejects, 'utf8')).toBe('kept');
});

test('a file without a header is refused without repeating the number in its first row', async () => {
  const file = join(dir, 'headless.csv');
  await writeFile(file, '1;A;2026-03-02 10:00;050 123-45-67\n');
  const refused = await run({ file }).catch((thrown: Error) => thrown);
  expect(refused).toMatchObject({ code: 'columns_missing' });
  expect((refused as Error).message).toContain('is the header missing?');
  expect(JSON.stringify({ ...(refused as object), message: (refused as Error).message })).not.toMatch(
    /123.?45/,
  );
});
