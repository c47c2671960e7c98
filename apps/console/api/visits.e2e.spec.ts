import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConsole, type TestConsole } from '../testing/console.js';

let c: TestConsole;
let made = 0;

beforeAll(async () => {
  c = await testConsole(new Date('2026-03-02T12:00:00Z'));
});
afterAll(() => c.close());

const record = (over: Record<string, unknown> = {}) => ({
  source: 'queue',
  recordId: `r${++made}`,
  centre: 'kyiv-1',
  serviceCode: '02',
  calledAt: '2026-03-02T11:40:00+02:00',
  finishedAt: '2026-03-02T11:50:00+02:00',
  outcome: 'served',
  phone: '+380501234567',
  consent: 'granted',
  ...over,
});
const post = (body: unknown, type = 'application/json') =>
  c.as('admin', '/api/v1/visits', {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const answer = async (response: Promise<Response>): Promise<Record<string, unknown>> => {
  const given = await response;
  return { status: given.status, ...((await given.json()) as Record<string, unknown>) };
};

describe('posting visit records', () => {
  test.each([
    ['a list', (deep: string) => `[${deep},${JSON.stringify(record())}]`, 'application/json'],
    ['a stream', (deep: string) => `${deep}\n${JSON.stringify(record())}\n`, 'application/x-ndjson'],
  ])('brackets within brackets in %s reject that record and hold up no other', async (_, bodyOf, type) => {
    const deep = `{"source":"queue","recordId":"deep","attributes":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
    expect(await answer(post(bodyOf(deep), type))).toMatchObject({
      status: 200,
      read: 2,
      accepted: 1,
      rejected: 1,
    });
  });

  test('one record, and its repeat as a duplicate', async () => {
    const one = record();
    expect(await answer(post(one))).toMatchObject({
      status: 200,
      read: 1,
      accepted: 1,
      duplicates: 0,
      visits: 1,
    });
    expect(await answer(post(one))).toMatchObject({
      status: 200,
      read: 1,
      accepted: 0,
      duplicates: 1,
      visits: 0,
    });
  });

  test('a list, with what cannot be taken under its index and the rest taken', async () => {
    const list = [record(), record({ finishedAt: 'yesterday' }), record({ centre: '' }), 'text', record()];
    const got = await answer(post(list));
    expect(got).toMatchObject({ status: 200, read: 5, accepted: 2, duplicates: 0, rejected: 3, visits: 2 });
    expect(got).toMatchObject({
      reasons: { bad_time: 1, missing_field: 1, bad_row: 1 },
      rejects: [
        { index: 1, reason: 'bad_time' },
        { index: 2, reason: 'missing_field' },
        { index: 3, reason: 'bad_row' },
      ],
    });
  });

  test('a single record that cannot be taken is an error that does not repeat its values', async () => {
    const got = await answer(post(record({ finishedAt: '+380509998877' })));
    expect(got).toMatchObject({ status: 422, code: 'record_rejected' });
    expect(JSON.stringify(got)).not.toContain('380509998877');
  });

  test('an empty list is nothing', async () => {
    expect(await answer(post([]))).toMatchObject({ status: 200, read: 0, rejects: [] });
  });

  test('more than 10,000 at once are refused whole', async () => {
    expect(await answer(post(Array.from({ length: 10_001 }, () => 1)))).toMatchObject({
      status: 413,
      code: 'too_many_records',
    });
  });

  test('a stream of lines of any length, with blank and broken lines in it', async () => {
    const lines = Array.from({ length: 5_200 }, () => JSON.stringify(record({ phone: null })));
    lines[5_100] = '{broken';
    lines.splice(10, 0, '', '  ');
    const got = await answer(post(`${lines.join('\n')}\n`, 'application/x-ndjson'));
    expect(got).toMatchObject({ status: 200, read: 5_200, accepted: 5_199, rejected: 1 });
    expect(got['rejects']).toEqual([expect.objectContaining({ index: 5_100, reason: 'bad_row' })]);
  });

  test('a line that is not UTF-8 is rejected as that, the others are taken', async () => {
    const [before, after] = [record({ phone: null }), record({ phone: null })].map((one) => JSON.stringify(one));
    const broken = Buffer.concat([Buffer.from('{"source":"'), Buffer.from([0xd0]), Buffer.from('"}')]);
    const body = Buffer.concat([Buffer.from(`${before}\n`), broken, Buffer.from(`\n${after}\n`)]);
    const got = await answer(post(body, 'application/x-ndjson'));
    expect(got).toMatchObject({ status: 200, read: 3, accepted: 2, rejected: 1 });
    expect(got['rejects']).toMatchObject([{ index: 1, reason: 'bad_row', detail: 'the line is not UTF-8 text' }]);
  }); // prettier-ignore

  test.each([
    ['a broken byte', [0xff]],
    ['half a letter', [0xd0]],
    ['a surrogate written as bytes', [0xed, 0xa0, 0x80]],
    ['a letter of Windows-1251', [0xef, 0xf0]],
  ])('JSON with %s is refused whole', async (_what, bytes) => {
    const [head = '', tail = ''] = JSON.stringify(record({ serviceName: '|' })).split('|');
    const before = await visits();
    const body = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
    expect(await answer(post(body))).toMatchObject({ status: 400, code: 'body_not_utf8' });
    expect(await visits()).toBe(before);
  });

  test('a compressed stream', async () => {
    const body = gzipSync(`${JSON.stringify(record())}\n${JSON.stringify(record())}`);
    expect(await answer(post(body, 'application/x-ndjson'))).toMatchObject({
      status: 200,
      read: 2,
      accepted: 2,
    });
  });

  test('a stream that breaks off keeps what came before and the service answers on', async () => {
    const before = await visits();
    const broken = Readable.from(
      (async function* () {
        for (let i = 0; i < 5_000; i++) yield `${JSON.stringify(record({ phone: null }))}\n`;
        throw new Error('the cable');
      })(),
    );
    await expect(
      c.as('admin', '/api/v1/visits', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: Readable.toWeb(broken),
        duplex: 'half',
      }),
    ).rejects.toThrow();
    expect((await c.as('admin', '/api/v1/visits?limit=1')).status).toBe(200);
    expect(await visits()).toBeGreaterThanOrEqual(before);
  });
});

async function visits(): Promise<number> {
  const { rows } = await c.db.query<{ n: number }>('select count(*)::int as n from visit');
  return rows[0]?.n ?? 0;
}

test('posted visits are listed with their decision, without a number', async () => {
  await answer(post(record({ recordId: 'listed', visitKey: 'listed' })));
  const response = await c.as(
    'analyst',
    '/api/v1/visits?limit=1&centre=kyiv-1&from=2026-03-02&to=2026-03-02',
  );
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({
    items: [{ visitKey: 'listed', centre: 'kyiv-1', service: '02', outcome: 'served', decision: null }],
    next: expect.any(String),
  });
  expect(text).not.toContain('380501234567');
});

test('signs of made-up records name a contact, whose visits can be listed', async () => {
  const many = [9, 10, 11, 12].map((hour) =>
    record({
      phone: '+380671112233',
      calledAt: '2026-02-03T08:00:00+02:00',
      finishedAt: `2026-02-03T${String(hour).padStart(2, '0')}:30:00+02:00`,
    }),
  );
  await post(many);
  const flags = await answer(c.as('admin', '/api/v1/visits/flags?from=2026-02-01&to=2026-02-28'));
  expect(flags).toMatchObject({
    status: 200,
    manyVisits: [{ day: '2026-02-03', visits: 4, centres: 1 }],
    manyCentres: [],
  });
  const [{ contactId }] = flags['manyVisits'] as [{ contactId: string }];
  const listed = await answer(c.as('admin', `/api/v1/visits?contact=${contactId}`));
  expect(listed['items']).toHaveLength(4);
  expect(JSON.stringify([flags, listed])).not.toContain('671112233');
  expect(await answer(c.as('admin', '/api/v1/visits/flags?from=2026-02-28&to=2026-02-01'))).toMatchObject({ status: 400 }); // prettier-ignore
});
