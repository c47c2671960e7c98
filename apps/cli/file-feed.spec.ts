import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseMapping } from '#intake/mapping/read-mapping';
import type { VisitRecord } from '#intake/read/visit-record';
import type { FeedRecord } from '#planning/simulate/feed';
import { fileFeed, type FileFeed } from './file-feed.js';

const mapping = parseMapping(
  [
    'key: hall',
    'delimiter: ";"',
    'timezone: Europe/Kyiv',
    'dateFormat: "yyyy-MM-dd HH:mm"',
    'columns: {recordId: id, centre: office, ticket: ticket, calledAt: called, finishedAt: closed, desk: desk, outcome: status, phone: phone}',
    'visitKey: [centre, date, ticket]',
  ].join('\n'),
  'hall.yaml',
);
const FILE = [
  'id;office;ticket;called;closed;desk;status;phone',
  '1;A;Г7;2020-01-13 10:00;2020-01-13 10:30;1;redirected;(050) 123-45-67',
  '2;A;Г7;2020-01-13 10:35;2020-01-13 10:40;каса;served;',
  '3;B;Г8;2020-01-13 10:00;вчора;1;served;0501234567',
  '',
].join('\n');

let dir: string;
let feed: FileFeed;
const records: FeedRecord<VisitRecord>[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'feed-'));
  await writeFile(join(dir, 'hall.csv.gz'), gzipSync(FILE));
  feed = fileFeed(join(dir, 'hall.csv.gz'), mapping);
  for await (const some of feed.records) records.push(...some);
});
afterAll(() => rm(dir, { recursive: true }));

describe('a file as a feed', () => {
  test('gives the records that can be read and counts the others', () => {
    expect(feed).toMatchObject({ source: 'hall', zone: 'Europe/Kyiv', rejected: 1 });
    expect(
      records.map(({ recordId, visitKey, finishedAt, phone }) => [
        recordId,
        visitKey,
        finishedAt,
        phone?.e164,
      ]),
    ).toEqual([
      ['1', 'A|2020-01-13|Г7', new Date('2020-01-13T08:30:00Z'), '+380501234567'],
      ['2', 'A|2020-01-13|Г7', new Date('2020-01-13T08:40:00Z'), undefined],
    ]);
  });

  test('makes one visit of its legs as intake does', () => {
    const [first, second] = records.map(({ said }) => said) as [VisitRecord, VisitRecord];
    expect(feed.visitOf([first, second])).toMatchObject({
      centreCode: 'A',
      outcome: 'served',
      finishedAt: new Date('2020-01-13T08:40:00Z'),
      phone: '+380501234567',
      phoneStatus: 'ok',
    });
    expect(feed.visitOf([second])).toMatchObject({ phone: null, phoneStatus: 'missing' });
    expect(feed.contentOf(first)).not.toBe(feed.contentOf(second));
  });

  test('that is not there cannot be read', async () => {
    const missing = fileFeed(join(dir, 'nowhere.csv'), mapping).records[Symbol.asyncIterator]();
    await expect(missing.next()).rejects.toMatchObject({ code: 'input_unreadable', exitCode: 2 });
  });
});
