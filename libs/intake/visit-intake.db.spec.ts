import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openPhone } from '#contacts/contact.sql';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { parseMapping } from './mapping/read-mapping.js';
import type { RejectedRow } from './tally.js';
import { VisitIntake, type StreamImport } from './visit-intake.js';

const HEADER = 'id;office;queue;name;ticket;called;closed;desk;status;phone;consent;lang';
const MAPPING = parseMapping(
  `
key: hall
delimiter: ";"
timezone: Europe/Warsaw
dateFormat: "yyyy-MM-dd HH:mm"
columns: {recordId: id, centre: office, serviceCode: queue, serviceName: name, ticket: ticket, calledAt: called,
          finishedAt: closed, desk: desk, outcome: status, phone: phone, consent: consent, language: lang}
visitKey: [centre, date, ticket]
values: {consent: {"1": granted, "0": refused, "": unknown}}
`,
  'hall.yaml',
);
const ROW = {
  id: '1', office: 'A', queue: '7', name: 'Паспорт', ticket: 'K1', called: '2026-03-02 10:00', closed: '2026-03-02 10:20',
  desk: '3', status: 'served', phone: '0501234567', consent: '1', lang: 'uk',
}; // prettier-ignore
const csv = (...rows: Partial<typeof ROW>[]) =>
  [HEADER, ...rows.map((row) => Object.values({ ...ROW, ...row }).join(';'))].join('\n');

let t: TestDatabase;
const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
const clock = new SteppedClock(new Date('2026-03-02T12:00:00Z'));
let intake: VisitIntake;

beforeAll(async () => {
  t = await testDatabase();
  intake = new VisitIntake(t.db, vault, clock);
});
beforeEach(async () => {
  clock.set(new Date('2026-03-02T12:00:00Z'));
  await t.db.query('truncate visit, centre, contact, intake_batch, definition, sender cascade');
});
afterAll(() => t.drop());

const take = (text: string, options: Partial<StreamImport> = {}) =>
  intake.importStream({
    source: 'hall',
    mapping: MAPPING,
    stream: Readable.from([Buffer.from(text)]),
    ...options,
  });
const rows = async <R extends object>(sql: string) =>
  (await t.db.query<R & Record<string, unknown>>(sql)).rows;
const visits = () =>
  rows<{ visit_key: string; legs: number; revision: number }>(
    'select v.*, c.code as centre, v.finished_on::text as day from visit v join centre c on c.id = v.centre_id order by visit_key',
  );
const records = () => rows('select * from visit_record order by record_id, revision');

test('makes a visit of a row', async () => {
  expect(await take(csv({}), { name: 'hall.csv' })).toMatchObject({ read: 1, accepted: 1, visits: 1 });
  expect(await visits()).toMatchObject([
    {
      source: 'hall', visit_key: 'A|2026-03-02|K1', centre: 'A', service_code: '7', service_name: 'Паспорт', desk: '3',
      employee: null, outcome: 'served', finished_at: new Date('2026-03-02T09:20:00Z'), day: '2026-03-02',
      phone_status: 'ok', consent: 'granted', language: 'uk', attributes: {}, legs: 1, revision: 1,
      planning_due_at: clock.now(),
    },
  ]); // prettier-ignore
  expect(await records()).toMatchObject([
    {
      record_id: '1',
      revision: 1,
      current: true,
      line: '2',
      ticket: 'K1',
      attached_only: false,
      phone_raw_cipher: null,
    },
  ]);
  const [contact] = await rows<{ contact_id: string }>('select contact_id from visit');
  expect(await openPhone(t.db, vault, contact?.contact_id ?? '')).toBe('+380501234567');
  expect(await rows('select * from intake_batch')).toMatchObject([
    { source: 'hall', via: 'file', name: 'hall.csv', read: 1, accepted: 1, finished_at: clock.now() },
  ]);
});

test('a centre nobody listed is made in the zone of the source, to be confirmed; a listed one keeps its own', async () => {
  await t.db.query(
    `insert into centre (code, name, timezone, confirmed, created_at) values ('L', 'Львів', 'Pacific/Auckland', true, $1)`,
    [clock.now()],
  );
  await take(csv({ id: '1', office: 'L', closed: '2026-03-02 20:00' }, { id: '2', office: 'N' }));
  expect(await rows('select code, name, timezone, confirmed from centre order by code')).toEqual([
    { code: 'L', name: 'Львів', timezone: 'Pacific/Auckland', confirmed: true },
    { code: 'N', name: 'N', timezone: 'Europe/Warsaw', confirmed: false },
  ]);
  // The key has the day of the source's zone, the visit the day of its centre's.
  expect((await visits()).map((v) => [v.visit_key, v['day']])).toEqual([
    ['L|2026-03-02|K1', '2026-03-03'],
    ['N|2026-03-02|K1', '2026-03-02'],
  ]);
});

describe('a record that comes again', () => {
  test('with the same content is counted and changes nothing', async () => {
    await take(csv({}));
    clock.advance(60_000);
    expect(await take(csv({}, {}))).toMatchObject({ read: 2, accepted: 0, duplicates: 2, visits: 0 });
    expect(await visits()).toMatchObject([
      { revision: 1, legs: 1, planning_due_at: new Date('2026-03-02T12:00:00Z') },
    ]);
  });

  test('is a repeat however the number was typed this time', async () => {
    expect(await take(csv({}, { phone: '+38 (050) 123-45-67' }))).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
  });

  test('with other content is a correction, planned anew', async () => {
    await take(csv({}));
    clock.advance(60_000);
    expect(await take(csv({ phone: '0671234567', desk: '9' }))).toMatchObject({
      accepted: 1,
      duplicates: 0,
      visits: 0,
    });
    expect(await visits()).toMatchObject([{ revision: 2, legs: 1, desk: '9', planning_due_at: clock.now() }]);
    expect(await records()).toMatchObject([{ revision: 1, current: false, desk: '3' }, { revision: 2, current: true, desk: '9' }]); // prettier-ignore
  });

  test('with a content it had before is a repeat, so an old export does not turn a correction back', async () => {
    await take(csv({}, { desk: '9' }));
    expect(await take(csv({}, { desk: '9' }))).toMatchObject({ accepted: 0, duplicates: 2 });
    expect(await visits()).toMatchObject([{ desk: '9', revision: 1, legs: 1 }]);
  });

  test('several times in one file keeps every revision, the last one holds', async () => {
    expect(await take(csv({}, { desk: '8' }, {}, { desk: '9' }))).toMatchObject({
      accepted: 3,
      duplicates: 1,
      visits: 1,
    });
    expect((await records()).map((r) => [r['revision'], r['current'], r['desk']])).toEqual([[1, false, '3'], [2, false, '8'], [3, true, '9']]); // prettier-ignore
    expect(await visits()).toMatchObject([{ desk: '9', legs: 1 }]);
  });

  test('under another source is another record', async () => {
    await take(csv({}));
    expect(await take(csv({}), { source: 'annex' })).toMatchObject({ accepted: 1, visits: 1 });
    expect(await visits()).toHaveLength(2);
    expect(await rows('select from contact')).toHaveLength(1);
  });
});

describe('a correction that names another visit', () => {
  test('takes its record there, and a visit nobody looked at is gone', async () => {
    await take(csv({}));
    expect(await take(csv({ ticket: 'K2' }))).toMatchObject({ accepted: 1, visits: 1 });
    expect(await visits()).toMatchObject([{ visit_key: 'A|2026-03-02|K2', legs: 1 }]);
    expect(new Set((await records()).map((r) => r['visit_id'])).size).toBe(1);
  });

  test('counts no visit that the same import took back', async () => {
    expect(await take(csv({}, { ticket: 'K2' }))).toMatchObject({ accepted: 2, visits: 1 });
  });

  test('leaves the other legs of the visit where they are', async () => {
    await take(
      csv({}, { id: '2', desk: '5', called: '2026-03-02 10:21', closed: '2026-03-02 10:25', phone: '' }),
    );
    await take(csv({ ticket: 'K2' }));
    expect((await visits()).map((v) => [v.visit_key, v.legs, v['desk'], v['phone_status']])).toEqual([
      ['A|2026-03-02|K1', 1, '5', 'missing'],
      ['A|2026-03-02|K2', 1, '3', 'ok'],
    ]);
  });

  test('empties a visit that planning has decided, so that nobody is written to about it', async () => {
    await take(csv({}));
    await t.db.query(
      `insert into decision (visit_id, decision, reason, visit_revision, decided_at) select id, 'not_invited', 'no_campaign', 1, $1 from visit`,
      [clock.now()],
    );
    await t.db.query('update visit set planning_due_at = null');
    await take(csv({ ticket: 'K2' }));
    expect(await visits()).toMatchObject([
      {
        legs: 0,
        outcome: 'no_show',
        contact_id: null,
        phone_status: 'missing',
        planning_due_at: clock.now(),
      },
      { legs: 1, outcome: 'served', phone_status: 'ok' },
    ]);
  });
});

describe('legs of one visit', () => {
  const first = { id: '1', called: '2026-03-02 10:00', closed: '2026-03-02 10:20', desk: '3' };
  const second = { id: '2', called: '2026-03-02 10:22', closed: '2026-03-02 10:25', desk: 'Каса', status: 'redirected', phone: '' }; // prettier-ignore
  const whole = { legs: 2, desk: '3', outcome: 'redirected', finished_at: new Date('2026-03-02T09:25:00Z'), phone_status: 'ok' }; // prettier-ignore

  test.each([
    ['in one file', [csv(first, second)]],
    ['in one file, the last first', [csv(second, first)]],
    ['in two files', [csv(first), csv(second)]],
    ['in two files, the last first', [csv(second), csv(first)]],
  ])('become one visit when they come %s', async (_how, files) => {
    let made = 0;
    for (const file of files) made += (await take(file)).visits;
    expect(made).toBe(1);
    expect(await visits()).toMatchObject([{ ...whole, revision: files.length }]);
  });

  test('on another day or at another centre are another visit', async () => {
    await take(
      csv(
        first,
        { ...second, called: '2026-03-03 10:22', closed: '2026-03-03 10:25' },
        { ...second, id: '3', office: 'B' },
      ),
    );
    expect((await visits()).map((v) => v.visit_key)).toEqual([
      'A|2026-03-02|K1',
      'A|2026-03-03|K1',
      'B|2026-03-02|K1',
    ]);
  });

  test('people without a ticket are not thrown together', async () => {
    await take(csv({ id: '1', ticket: '' }, { id: '2', ticket: ' ' }));
    expect((await visits()).map((v) => v.visit_key)).toEqual(['1', '2']);
  });

  const invite = async (state: string, attempt = ['queued', 'cancelled'].includes(state) ? 0 : 1) => {
    await t.db.query(`insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at) values ('s', 's', 'sms', 'phone', true, true, 0, $1)`, [clock.now()]); // prettier-ignore
    await t.db.query(
      `with d as (insert into definition (kind, key, revision, content, content_hash, pack, created_at)
         values ('campaign', 'c', 1, '{}', '', 'p', $1) returning id),
       i as (insert into invitation (visit_id, contact_id, campaign_id, survey_id, variant, code, locale, legal_basis, channels, planned_at, deadline_at, expires_at, created_at)
         select v.id, v.contact_id, d.id, d.id, 'v', 'code' || v.id, 'uk', 'consent', '{sms}', $1, $1, $1, $1 from visit v, d returning id, contact_id)
       insert into message (invitation_id, contact_id, kind, channel, sender, locale, content, state, attempt, priority, due_at, not_after, created_at, claimed_by, claimed_at, claim_id, settled_at)
       select id, contact_id, 'invite', 'sms', 's', 'uk', '{}', $2, $3, 5, $1, $1, $1,
         case $2 when 'sending' then 'w' end, case $2 when 'sending' then $1::timestamptz end, case $2 when 'sending' then 1 end,
         case when $2 in ('delivered', 'failed', 'cancelled') then $1::timestamptz end from i`,
      [clock.now(), state, attempt],
    );
    await t.db.query('update visit set planning_due_at = null');
  }; // prettier-ignore

  test.each(['queued', 'cancelled'])(
    'that come while the message is %s plan the visit anew',
    async (state) => {
      await take(csv(first));
      await invite(state);
      await take(csv(second));
      expect(await visits()).toMatchObject([{ ...whole, revision: 2, planning_due_at: clock.now() }]);
    },
  );

  test.each(['sending', 'accepted', 'uncertain', 'delivered', 'failed'])('that come when the message is %s are only attached', async (state) => {
    await take(csv(first));
    await invite(state);
    const [before] = await visits();
    expect(await take(csv(second))).toMatchObject({ accepted: 1, visits: 0 });
    expect(await visits()).toEqual([{ ...before, legs: 2 }]);
    expect((await records()).map((r) => r['attached_only'])).toEqual([false, true]);
  }); // prettier-ignore

  test('that come while a message waits for its second try are only attached', async () => {
    await take(csv(first));
    await invite('queued', 1);
    const [before] = await visits();
    await take(csv(second));
    expect(await visits()).toEqual([{ ...before, legs: 2 }]);
  });

  test('a correction that comes too late is kept but changes nothing, even its visit', async () => {
    await take(csv(first));
    await invite('accepted');
    const before = await visits();
    await take(csv({ ...first, ticket: 'K9', desk: '9' }));
    expect(await visits()).toEqual(before);
    expect(await records()).toMatchObject([
      { revision: 1, current: false, visit_id: before[0]?.['id'] },
      { revision: 2, current: true, attached_only: true, desk: '9', visit_id: before[0]?.['id'] },
    ]);
  });
});

describe('rows that cannot be taken', () => {
  const text = csv({ id: '1' }, { id: '' }, { closed: '31.02.2026 10:00' }, { status: 'fertig' }) + '\n7;A;7';

  test('are counted, reported with line and reason, and the others are taken', async () => {
    const reported: RejectedRow[] = [];
    const summary = await take(text, { onReject: (row) => void reported.push(row) });
    expect(summary).toEqual({
      read: 5, accepted: 1, duplicates: 0, rejected: 4, visits: 1,
      reasons: { bad_row: 1, missing_field: 1, bad_time: 1, bad_value: 1 },
    }); // prettier-ignore
    expect(reported.map((row) => [row.line, row.reason, row.detail])).toEqual([
      [3, 'missing_field', 'recordId is empty'],
      [4, 'bad_time', 'finishedAt is no time of the form yyyy-MM-dd HH:mm'],
      [5, 'bad_value', expect.stringMatching(/^outcome is none of served/)],
      [6, 'bad_row', 'has 3 columns, the header 12'],
    ]);
    expect(reported[3]?.raw).toBe('7;A;7');
  });

  test('are stored so that only the key opens them', async () => {
    await take(text);
    const stored = await rows<{ row_cipher: Buffer; line: string }>(
      'select * from rejected_row order by line',
    );
    expect(stored.map((row) => [row.line, row['reason']])).toEqual([['3', 'missing_field'], ['4', 'bad_time'], ['5', 'bad_value'], ['6', 'bad_row']]); // prettier-ignore
    expect(vault.open(stored[0]?.row_cipher ?? Buffer.alloc(0))).toContain('0501234567');
    const [dump] = await rows<{ text: string }>(
      `select string_agg(r::text, '') || (select string_agg(v::text, '') from visit_record v) as text from rejected_row r`,
    );
    expect(dump?.text).not.toContain('501234567');
  });

  test('a number that is none is kept as typed, sealed', async () => {
    await take(csv({ phone: 'тел. мами' }));
    const [record] = await rows<{ phone_raw_cipher: Buffer }>(
      'select phone_status, phone_raw_cipher from visit_record',
    );
    expect(record).toMatchObject({ phone_status: 'bad' });
    expect(vault.open(record?.phone_raw_cipher ?? Buffer.alloc(0))).toBe('тел. мами');
  });
});

test('a dry run tells what an import would do and writes nothing', async () => {
  await take(csv({}));
  const text = csv({}, { id: '2', ticket: 'K2' }, { id: '' });
  const tables = ['visit', 'visit_record', 'contact', 'centre', 'intake_batch', 'rejected_row'];
  const count = () => Promise.all(tables.map(async (table) => (await rows(`select from ${table}`)).length));
  const before = await count();
  const dry = await take(text, { dryRun: true });
  expect(await count()).toEqual(before);
  expect(dry).toMatchObject({ read: 3, accepted: 1, duplicates: 1, rejected: 1, visits: 1 });
  expect(await take(text)).toEqual(dry);
});

test('a file whose columns do not fit is refused before anything is written', async () => {
  await expect(take(csv({}).replaceAll(';', ','))).rejects.toMatchObject({
    code: 'columns_missing',
    message: expect.stringMatching(/With delimiter "," 12 of 12 columns would be found/) as unknown,
  });
  await expect(take('')).rejects.toMatchObject({ code: 'input_empty' });
  expect(await rows('select from intake_batch')).toHaveLength(0);
});

test('the same rows from many imports at once are taken once', async () => {
  const all = Array.from({ length: 300 }, (_, i) => ({ id: `r${i}`, ticket: `K${i % 100}`, office: `O${i % 7}`, phone: `05012345${String(i % 50).padStart(2, '0')}` })); // prettier-ignore
  const parts = [
    csv(...all),
    csv(...[...all].reverse()),
    csv(...all.slice(0, 200)),
    csv(...all.slice(100).reverse()),
  ];
  const summaries = await Promise.all([
    ...parts.map((part) => take(part)),
    ...parts.map((part) => take(part, { source: 'annex' })),
  ]);
  expect(summaries.reduce((sum, s) => sum + s.accepted, 0)).toBe(600);
  for (const s of summaries) expect(s.read).toBe(s.accepted + s.duplicates + s.rejected);
  expect(await rows('select from visit_record where current')).toHaveLength(600);
  expect(summaries.reduce((sum, s) => sum + s.visits, 0)).toBe((await visits()).length);
  expect((await visits()).reduce((sum, v) => sum + v.legs, 0)).toBe(600);
  expect(await rows('select from contact')).toHaveLength(50);
});

test('a visit whose legs fall into two batches is still one', async () => {
  const filler = Array.from({ length: 5_000 }, (_, i) => ({ id: `f${i}`, ticket: `F${i}`, phone: '' }));
  expect(await take(csv({ id: 'a' }, ...filler, { id: 'b', desk: '5' }))).toMatchObject({
    read: 5_002,
    visits: 5_001,
  });
  expect((await visits()).filter((v) => v.legs === 2)).toMatchObject([
    { visit_key: 'A|2026-03-02|K1', revision: 2 },
  ]);
});
