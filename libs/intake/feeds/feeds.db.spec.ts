import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { Feeds } from './feeds.js';

const MAPPING = `
key: hall
delimiter: ";"
columns: {recordId: id, centre: office, finishedAt: closed, phone: phone, desk: desk}
`;
const HEADER = 'id;office;closed;phone;desk\n';
const row = (id: string, desk = '1') => `${id};A;2026-03-02 10:00;0501234567;${desk}\n`;

let t: TestDatabase;
let foreign: TestDatabase;
let home: string;
let drop: string;
const clock = new SteppedClock(new Date('2026-03-02T12:00:00Z'));
const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
let feeds: Feeds;

beforeAll(async () => {
  t = await testDatabase();
  foreign = await testDatabase({ empty: true });
});
beforeEach(async () => {
  await t.db.query('truncate visit, centre, contact, intake_batch, feed_position cascade');
  home = await mkdtemp(join(tmpdir(), 'vidhuk-feeds-'));
  drop = join(home, 'drop');
  await mkdir(drop);
  await writeFile(join(home, 'hall.mapping'), MAPPING);
  feeds = new Feeds(home, t.db, vault, clock);
});
afterAll(async () => {
  await t.drop();
  await foreign.drop();
});

const put = (name: string, content: string | Buffer) => writeFile(join(drop, name), content);
/** Two looks, with the time between them that a complete file stands still. */
const settle = async () => {
  await feeds.runOnce();
  clock.advance(10_000);
  await feeds.runOnce();
};
const count = async (table: string) => (await t.db.query(`select from ${table}`)).rowCount;
const files = async (folder: string) =>
  (await readdir(join(drop, folder)).catch(() => [] as string[])).sort();

describe('a watched folder', () => {
  beforeEach(() => writeFile(join(home, 'hall.yaml'), 'source: hall\nmapping: hall.mapping\nfolder: drop\n'));

  test('takes a file in once it stands still, and puts it away', async () => {
    await put('march.csv', HEADER + row('1') + row('2'));
    await feeds.runOnce();
    expect(await count('visit')).toBe(0);
    clock.advance(10_000);
    await feeds.runOnce();
    expect(await count('visit')).toBe(2);
    expect(await files('')).toEqual(['done']);
    expect(await files('done')).toEqual(['march.csv']);
    const { rows } = await t.db.query('select via, name, read from intake_batch');
    expect(rows).toEqual([{ via: 'folder', name: 'march.csv', read: 2 }]);
  });

  test('waits for a file that is still being written', async () => {
    await put('march.csv', HEADER + row('1'));
    await feeds.runOnce();
    clock.advance(10_000);
    await appendFile(join(drop, 'march.csv'), row('2'));
    await feeds.runOnce();
    expect(await count('visit')).toBe(0);
    clock.advance(10_000);
    await feeds.runOnce();
    expect(await count('visit')).toBe(2);
  });

  test('notices a change that left the size as it was', async () => {
    await put('march.csv', HEADER + row('1'));
    await feeds.runOnce();
    clock.advance(10_000);
    await utimes(join(drop, 'march.csv'), 1, 1);
    await feeds.runOnce();
    expect(await files('')).toEqual(['march.csv']);
  });

  test('leaves alone what is hidden or carries the name of something unfinished', async () => {
    for (const name of ['.hidden.csv', '~$march.csv', 'march.csv.part', 'march.tmp'])
      await put(name, HEADER + row('1'));
    await mkdir(join(drop, 'subfolder'));
    await settle();
    expect(await count('visit')).toBe(0);
    expect(await files('')).toHaveLength(5);
  });

  test('lays the rows it could not take beside the file', async () => {
    await put('march.csv.gz', gzipSync(HEADER + row('1') + row('') + '3;A\n'));
    await settle();
    expect(await files('done')).toEqual(['march.csv.gz', 'march.rejects.csv']);
    expect(await readFile(join(drop, 'done', 'march.rejects.csv'), 'utf8')).toBe(
      `line;reason;detail;${HEADER}3;missing_field;recordId is empty;${row('')}4;bad_row;has 2 columns, the header 5;3;A\n`,
    );
  });

  test.each([
    ['does not have the columns', 'a;b\n1;2\n', /These columns of the mapping are not in the file: "id"/],
    ['is empty', '', /there is not even a header/],
    ['was cut off', gzipSync(HEADER + row('1')).subarray(0, 30), /cannot be read to its end/],
  ])('puts aside a file that %s, with the reason', async (_what, content, reason) => {
    await put('bad.csv', content);
    await put('good.csv', HEADER + row('1'));
    await settle();
    expect(await files('rejected')).toEqual(['bad.csv', 'bad.csv.reason.txt']);
    expect(await readFile(join(drop, 'rejected', 'bad.csv.reason.txt'), 'utf8')).toMatch(reason);
    expect(await files('done')).toEqual(['good.csv']);
    expect(await count('visit')).toBe(1);
  });

  test('keeps every file of the same name', async () => {
    for (const id of ['1', '2', '3']) {
      await put('daily.csv', HEADER + row(id));
      await settle();
    }
    expect(await files('done')).toEqual(['daily.2.csv', 'daily.3.csv', 'daily.csv']);
    expect(await count('visit')).toBe(3);
  });

  test('leaves the file where it is while the database fails, and takes it afterwards', async () => {
    await put('march.csv', HEADER + row('1'));
    await feeds.runOnce();
    clock.advance(10_000);
    await t.db.query('alter table visit_record rename to visit_record_away');
    await expect(feeds.runOnce()).rejects.toMatchObject({
      code: 'feeds_failed',
      message: expect.stringMatching(/^hall: /) as unknown,
    });
    expect(await files('')).toEqual(['march.csv']);
    await t.db.query('alter table visit_record_away rename to visit_record');
    await feeds.runOnce();
    expect(await files('done')).toEqual(['march.csv']);
    expect(await count('visit')).toBe(1);
  });

  test('is read by one worker at a time', async () => {
    await put('march.csv', HEADER + row('1'));
    const workers = [1, 2, 3].map(() => new Feeds(home, t.db, vault, clock));
    await Promise.all(workers.map((worker) => worker.runOnce()));
    clock.advance(10_000);
    for (let i = 0; i < 2; i++) {
      await Promise.all(workers.map((worker) => worker.runOnce()));
      clock.advance(10_000);
    }
    expect(await files('done')).toEqual(['march.csv']);
    expect(await count('intake_batch')).toBe(1);
  });
});

describe('a foreign table', () => {
  beforeEach(async () => {
    await foreign.db.query('drop table if exists calls cascade');
    await foreign.db.query(
      `create table calls (id text, office text, closed timestamptz, phone text, desk text, changed timestamptz, number bigint)`,
    );
    await feed('table: {url: "URL", from: public.calls, watermark: changed}');
  });
  const feed = (table: string) =>
    writeFile(
      join(home, 'hall.yaml'),
      `source: hall\nmapping: hall.mapping\n${table.replace('URL', foreign.url)}\n`,
    );
  const call = (id: string, changed: string, desk = '1', number = 0) =>
    foreign.db.query('insert into calls values ($1, $2, $3, $4, $5, $6, $7)', [id, 'A', '2026-03-02T08:00:00Z', '0501234567', desk, changed, number]); // prettier-ignore
  const batches = async () =>
    (
      await t.db.query<{ read: number; accepted: number }>(
        'select read, accepted from intake_batch order by id',
      )
    ).rows;

  test('is read from its beginning, then from where the last look ended', async () => {
    await call('1', '2026-03-02T08:00:00Z');
    await call('2', '2026-03-02T08:01:00Z');
    await feeds.runOnce();
    await call('3', '2026-03-02T08:02:00Z');
    await feeds.runOnce();
    await feeds.runOnce();
    expect(await count('visit')).toBe(3);
    expect(await batches()).toEqual([
      { read: 2, accepted: 2 },
      { read: 1, accepted: 1 },
    ]);
    const { rows } = await t.db.query('select finished_at, phone_status from visit limit 1');
    expect(rows).toEqual([{ finished_at: new Date('2026-03-02T08:00:00Z'), phone_status: 'ok' }]);
  });

  test('gives up rows that were committed late, as far back as the overlap', async () => {
    await call('1', '2026-03-02T09:00:00Z');
    await feeds.runOnce();
    await call('late', '2026-03-02T08:50:00Z');
    await call('too late', '2026-03-02T08:30:00Z');
    await feeds.runOnce();
    const { rows } = await t.db.query('select record_id from visit_record order by 1');
    expect(rows).toEqual([{ record_id: '1' }, { record_id: 'late' }]);
  });

  test('changes are corrections, also a change back', async () => {
    await call('1', '2026-03-02T09:00:00Z', '1');
    for (const desk of ['2', '1']) {
      await feeds.runOnce();
      await foreign.db.query(`update calls set desk = $1, changed = changed + interval '1 minute'`, [desk]);
    }
    await feeds.runOnce();
    const { rows } = await t.db.query('select desk, revision from visit');
    expect(rows).toEqual([{ desk: '1', revision: 3 }]);
  });

  test('a new worker goes on where the old one was, and reads only the overlap again', async () => {
    await call('1', '2026-03-02T08:00:00Z');
    await call('2', '2026-03-02T09:00:00Z');
    await feeds.runOnce();
    feeds = new Feeds(home, t.db, vault, clock);
    await feeds.runOnce();
    expect(await batches()).toEqual([
      { read: 2, accepted: 2 },
      { read: 1, accepted: 0 },
    ]);
  });

  test('rows of one moment are read page by page, each once', async () => {
    await foreign.db.query(
      `insert into calls select 'r' || i, 'A', '2026-03-02T08:00Z', '', '1', '2026-03-02T08:00Z', 0 from generate_series(1, 4500) i`,
    );
    await feeds.runOnce();
    expect((await batches()).map((b) => b.read)).toEqual([2000, 2000, 500]);
    expect(await count('visit')).toBe(4500);
  });

  test('goes by a growing number as well, and reads a view', async () => {
    await foreign.db.query('create view finished as select * from calls where closed is not null');
    await feed('table: {url: "URL", from: finished, watermark: number, overlap: 10}');
    await call('1', '2026-03-02T08:00:00Z', '1', 100);
    await feeds.runOnce();
    await call('2', '2026-03-02T08:00:00Z', '1', 95);
    await call('3', '2026-03-02T08:00:00Z', '1', 80);
    await feeds.runOnce();
    expect(await count('visit')).toBe(2);
  });

  test('a row that cannot be taken is stored once, not at every look', async () => {
    await call('', '2026-03-02T09:00:00Z');
    await feeds.runOnce();
    await feeds.runOnce();
    expect(await count('rejected_row')).toBe(1);
  });

  test('rows without a watermark are told once, and do not keep the others from being read', async () => {
    await call('1', '2026-03-02T09:00:00Z');
    await foreign.db.query(
      `insert into calls (id, office, closed, phone, desk) values ('2', 'A', '2026-03-02T08:00Z', '', '1')`,
    );
    await expect(feeds.runOnce()).rejects.toThrow(
      'hall: 1 rows of public.calls have no changed and are not read until they get one',
    );
    expect(await feeds.runOnce()).toEqual({ read: 1 });
    expect(await count('visit')).toBe(1);
    await foreign.db.query(`update calls set changed = '2026-03-02T09:01Z' where id = '2'`);
    await feeds.runOnce();
    expect(await count('visit')).toBe(2);
  });

  test('is never written to', async () => {
    await foreign.db.query(
      `create function meddle() returns text language plpgsql as $$ begin delete from calls; return 'x'; end $$`,
    );
    await foreign.db.query(
      'create view trap as select id, office, closed, meddle() as phone, desk, changed from calls',
    );
    await feed('table: {url: "URL", from: trap, watermark: changed}');
    await call('1', '2026-03-02T08:00:00Z');
    await expect(feeds.runOnce()).rejects.toThrow(
      /hall: The table trap of feed hall cannot be read: .*read-only/,
    );
    expect((await foreign.db.query('select from calls')).rowCount).toBe(1);
  });

  test.each([
    [
      'a table that is not there',
      'from: nowhere, watermark: changed',
      /There is no nowhere with a column changed/,
    ],
    [
      'a watermark that is not there',
      'from: calls, watermark: nothing',
      /There is no calls with a column nothing/,
    ],
    [
      'an overlap of the wrong kind',
      'from: calls, watermark: changed, overlap: 5',
      /overlap must be a duration: changed is a timestamp/,
    ],
  ])('%s is an error that names it', async (_what, table, message) => {
    await feed(`table: {url: "URL", ${table}}`);
    await expect(feeds.runOnce()).rejects.toThrow(message);
  });

  test('a database that cannot be reached is an error without its password', async () => {
    await writeFile(join(home, 'hall.yaml'), 'source: hall\nmapping: hall.mapping\ntable: {url: "postgres://u:secret@127.0.0.1:1/x", from: calls, watermark: changed}\n'); // prettier-ignore
    const failure = await feeds.runOnce().catch((thrown: Error) => thrown.message);
    expect(failure).toMatch(/^hall: The database of feed hall cannot be reached/);
    expect(failure).not.toContain('secret');
  });
});

describe('the folder of feed files', () => {
  test('may be missing or empty', async () => {
    expect(await feeds.runOnce()).toEqual({ read: 0 });
    await rm(home, { recursive: true });
    expect(await feeds.runOnce()).toEqual({ read: 0 });
  });

  test('a feed that is wrong does not keep the others from their turn', async () => {
    await writeFile(join(home, 'a.yaml'), 'source: a\nmapping: hall.mapping\nfolder: drop\ntabel: {}\n');
    await writeFile(join(home, 'b.yaml'), 'source: b\nmapping: hall.mapping\nfolder: gone\n');
    await writeFile(join(home, 'c.yaml'), 'source: c\nmapping: hall.mapping\nfolder: drop\n');
    await put('march.csv', HEADER + row('1'));
    const look = () => feeds.runOnce().catch((thrown: Error) => thrown.message);
    const message = await look();
    expect(message).toMatch(
      /a: The feed .*a.yaml has problems:\n {2}line 4, column 1: tabel means nothing here/,
    );
    expect(message).toMatch(/\nb: The folder .*gone cannot be read/);
    clock.advance(10_000);
    await look();
    expect(await files('done')).toEqual(['march.csv']);
  });

  test.each([
    ['neither folder nor table', 'source: a\nmapping: m\n', /needs folder or table/],
    [
      'both',
      'source: a\nmapping: m\nfolder: f\ntable: {url: "postgres://x", from: t, watermark: w}\n',
      /needs folder or table/,
    ],
    ['no address', 'source: a\nmapping: m\ntable: {from: t, watermark: w}\n', /table needs url or urlFile/],
    [
      'a table name with SQL in it',
      'source: a\nmapping: m\ntable: {url: "postgres://x", from: "t; drop table x", watermark: w}\n',
      /must be a table or view/,
    ],
    [
      'a backwards overlap',
      'source: a\nmapping: m\ntable: {url: "postgres://x", from: t, watermark: w, overlap: -5}\n',
      /table.overlap must not be negative/,
    ],
  ])('a feed with %s is refused', async (_what, text, problem) => {
    await writeFile(join(home, 'a.yaml'), text);
    await expect(feeds.runOnce()).rejects.toThrow(problem);
  });

  test('the address of a table may stand in a file of its own', async () => {
    await foreign.db.query('drop table if exists calls cascade');
    await foreign.db.query(
      `create table calls as select '1' as id, 'A' as office, '2026-03-02T08:00Z'::timestamptz as closed, '' as phone, '1' as desk, 1 as number`,
    );
    await writeFile(join(home, 'secret'), `${foreign.url}\n`);
    await writeFile(
      join(home, 'a.yaml'),
      'source: a\nmapping: hall.mapping\ntable: {urlFile: secret, from: calls, watermark: number}\n',
    );
    expect(await feeds.runOnce()).toEqual({ read: 1 });
    expect(await count('visit')).toBe(1);
  });
});
