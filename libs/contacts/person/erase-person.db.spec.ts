import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditLog } from '#access/audit-log';
import { isSuppressed } from '../suppression.sql.js';
import { contactUpsert } from '../contact.sql.js';
import { reportLedger } from '#reporting/ledger-report';
import { reportRates } from '#reporting/rates-report';
import { reportQuestion } from '#reporting/question';
import { reportScores } from '#reporting/scores-report';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { erasePerson, type ErasureProof } from './erase-person.js';
import { holdsNumber } from './number-search.js';
import { personData } from './person-data.js';

const PHONE = '+380671234567';
const OTHER = '+380679999999';

let t: TestDatabase;
let desk: ReplyDesk;
beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  await t.db.query(
    'truncate contact, visit, intake_batch, rejected_row, centre, definition, sender, viber_subscriber, suppression, carrier_fact, message, erasure cascade',
  );
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());

const erase = (wanted: { phone: string } | { code: string } = { phone: PHONE }): Promise<ErasureProof> =>
  erasePerson(t.db, desk.builders.vault, wanted, { now: desk.clock.now(), via: 'command' });

/** Two visits, a conversation by SMS and Viber, a remark on the page, a rejected row, an unusable cell, a queued reminder. */
async function history(phone = PHONE): Promise<{ first: Sent; second: Sent }> {
  const first = await desk.invite({ phone });
  await desk.says(phone, '2 довго чекала, мій номер 067 123 45 67');
  await desk.book.save(first.invitationId, [{ questionKey: 'comment', value: `дзвоніть ${phone}` }], {
    via: 'page',
    at: desk.clock.now(),
  });
  desk.clock.advance(86_400_000);
  const note = desk.builders.vault.seal(`подзвонили на ${phone}`);
  await t.db.query(
    `with matter as (insert into service_case (invitation_id, opened_at) values ($1, $2) returning id)
     insert into case_note (case_id, author, text_cipher, key_id, written_at) select id, 'operator', $3, $4, $2 from matter`,
    [first.invitationId, desk.clock.now(), note.cipher, note.keyId],
  );
  const second = await desk.invite({ phone, state: 'queued' });
  const started = { kind: 'conversation_started', address: `u==${phone}`, context: first.code, subscribed: false, detail: {} } as const;
  await desk.receive('viber', { ...started, dedupeKey: `start${first.invitationId}` });
  await desk.says(`u==${phone}`, 'привіт, це я');
  await desk.receive('twilio', desk.receipt({ messageId: first.messageId, externalId: 'SMcarrier', address: phone }));
  const vault = desk.builders.vault;
  const row = vault.seal(`17;hall-1;2026-13-45;served;${phone.replace('+380', '0')};x`);
  const typed = vault.seal(`${phone.slice(4, 6)} ${phone.slice(6, 9)} ${phone.slice(9)} дод. 5`);
  await t.db.query(
    `with batch as (insert into intake_batch (source, via, started_at) values ('hall', 'file', $1) returning id),
       row as (insert into rejected_row (batch_id, line, reason, detail, row_cipher, key_id, created_at)
         select id, 1, 'bad_row', '', $2, $4, $1 from batch),
       typed as (insert into visit_record (source, record_id, revision, current, visit_id, batch_id, line, content_hash, centre_code,
           outcome, finished_at, phone_status, phone_raw_cipher, key_id, consent, received_at)
         select 'hall', 't' || id, 1, true, (select max(id) from visit), id, 1, '\\x00', 'c', 'served', $1, 'bad', $3, $4, 'unknown', $1 from batch)
     insert into visit_record (source, record_id, revision, current, visit_id, batch_id, line, content_hash, centre_code,
       outcome, finished_at, contact_id, phone_status, consent, attributes, received_at)
     select 'hall', v.id::text, 1, true, v.id, b.id, 1, '\\x00', 'c', 'served', $1, v.contact_id, 'ok', 'granted', '{"child": "yes"}', $1
     from batch b, visit v where v.contact_id = $5`,
    [desk.clock.now(), row.cipher, typed.cipher, row.keyId, first.contactId],
  );
  return { first, second };
} // prettier-ignore

/** Everything in the database as text, with every sealed value opened. */
async function everything(): Promise<string> {
  const { rows: tables } = await t.db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await t.db.query<Record<string, unknown>>(`select * from ${name}`);
    for (const row of rows) parts.push(`${name} ${Object.values(row).map(shown).join(' ')}`);
  }
  return parts.join('\n');
}

function shown(value: unknown): string {
  if (!Buffer.isBuffer(value)) return JSON.stringify(value);
  try {
    return desk.builders.vault.open(value);
  } catch {
    return value.toString('hex');
  }
}

const counts = async (): Promise<unknown> => {
  const question = reportQuestion({ from: '2020-01-01', to: '2030-01-01' });
  const now = desk.clock.now();
  return {
    rates: await reportRates(t.db, question, now),
    ledger: await reportLedger(t.db, question, now),
    scores: await reportScores(t.db, question, now),
  };
};

describe('a person with history is forgotten', () => {
  test('nothing in any table leads to them, sealed or not, and the proof says what went', async () => {
    const { first, second } = await history();
    const traces = [PHONE.slice(4), '123 45 67', desk.builders.vault.phoneHash(PHONE).toString('hex'), `u==${PHONE}`,
      desk.builders.vault.subscriberHash('viber', `u==${PHONE}`).toString('hex'), 'SMcarrier', first.code, second.code, 'довго чекала', 'це я', 'child']; // prettier-ignore
    const before = await everything();
    for (const trace of traces) expect(before).toContain(trace);
    const proof = await erase();
    const after = await everything();
    for (const trace of traces) expect(after).not.toContain(trace);
    expect(proof.found).toBe(true);
    expect(proof.went.map(({ table }) => table)).toEqual([
      'rejected_row', 'visit_record', 'contact', 'viber_subscriber', 'message', 'message', 'invitation', 'answer', 'case_note',
      'carrier_fact', 'conversation', 'visit', 'visit_record',
    ]); // prettier-ignore
    expect(proof.stays.every(({ why }) => why !== undefined)).toBe(true);
    expect(JSON.stringify(proof)).not.toContain('1234567');
  });

  test('the proof says what stays of cases, flags and the audit log, and why; the log itself is whole', async () => {
    const { first, second } = await history();
    const audit = new AuditLog(desk.builders.vault, desk.clock);
    const by = { kind: 'user', id: '1', name: 'olena@example.gov.ua', address: null } as const;
    const matter = await desk.row<{ id: string }>('select id from service_case where invitation_id = $1', first.invitationId);
    for (const [kind, id, action] of [
      ['invitation', first.invitationId, 'number.seen'],
      ['invitation', second.invitationId, 'timeline.seen'],
      ['message', first.messageId, 'message.resent'],
      ['case', matter.id, 'case.taken'],
      ['user', first.invitationId, 'user.added'],
    ] as const)
      await audit.record(t.db, { by, action, on: { kind, id } });
    await t.db.query(
      `insert into visit_flag (visit_id, flag, sign, noted_at) select visit_id, 'staff', 'burst', $2 from invitation where id = $1`,
      [first.invitationId, desk.clock.now()],
    );
    const before = await counts();
    const { stays } = await erase();
    const rows = Object.fromEntries(stays.map(({ table, rows: n }) => [table, n]));
    expect(rows).toMatchObject({ service_case: 1, case_note: 1, visit_flag: 2, audit_entry: 4, visit_record: 3, visit: 2, invitation: 2 });
    expect(stays.every(({ why }) => why !== undefined && why !== '')).toBe(true);
    expect(await counts()).toEqual(before);
    expect((await audit.verify(t.db)).faults).toEqual([]);
    const { rows: left } = await t.db.query<{ flag: string; text: Buffer | null; author: string }>(
      `select f.flag, n.text_cipher as text, n.author from visit_flag f, case_note n order by f.flag`,
    );
    expect(left).toEqual(['robots', 'staff'].map((flag) => ({ flag, text: null, author: 'operator' })));
  }); // prettier-ignore

  test('reports keep their counts', async () => {
    await history();
    await history(OTHER);
    const before = await counts();
    await erase();
    expect(await counts()).toEqual(before);
  });

  test('what waits for them is not sent, and each of their visits stands alone', async () => {
    const { first, second } = await history();
    await erase();
    const { rows } = await t.db.query<{ state: string; reason: string | null }>(
      'select state, reason from message where id = $1',
      [second.messageId],
    );
    expect(rows).toEqual([{ state: 'cancelled', reason: 'erased' }]);
    expect(await desk.invitation(second.invitationId)).toMatchObject({ cancel_reason: 'erased', contact_id: null });
    expect(await desk.invitation(first.invitationId)).toMatchObject({ cancel_reason: null, contact_id: null, legal_basis: 'public_task' });
    const { rows: visits } = await t.db.query<{ people: number; visits: number; known: number }>(
      `select count(distinct contact_id)::int as people, count(*)::int as visits, count(c.phone_hash)::int as known
       from visit v join contact c on c.id = v.contact_id`,
    );
    expect(visits).toEqual([{ people: 2, visits: 2, known: 0 }]);
  }); // prettier-ignore

  test('somebody else loses nothing', async () => {
    await history(OTHER);
    const alone = await personData(t.db, desk.builders.vault, { phone: OTHER });
    await history();
    await erase();
    expect(await personData(t.db, desk.builders.vault, { phone: OTHER })).toEqual(alone);
  });

  test('a second time nothing is left, by number and by code', async () => {
    const { first } = await history();
    expect((await erase({ code: first.code })).found).toBe(true);
    expect(await erase()).toMatchObject({ found: false, went: [], stays: [] });
    expect(await erase({ code: first.code })).toMatchObject({ found: false, went: [], stays: [] });
    const { rows } = await t.db.query('select via from erasure');
    expect(rows).toEqual([{ via: 'command' }]);
  });

  test('a repeated call of the carrier brings nothing back', async () => {
    await history();
    const words = { kind: 'text', dedupeKey: 'again', externalId: 'again', address: PHONE, text: 'секрет', detail: {} } as const;
    await desk.receive('twilio', words);
    await erase();
    expect(await desk.record('twilio', words)).toEqual([]);
    expect(await everything()).not.toContain('секрет');
  }); // prettier-ignore
});

describe('afterwards', () => {
  test('the same number is a new person', async () => {
    const { first } = await history();
    await erase();
    const ids = await contactUpsert(
      t.db,
      desk.builders.vault,
      [{ e164: PHONE, country: 'UA' }],
      desk.clock.now(),
    );
    expect([...ids.values()]).not.toContain(first.contactId);
    const data = await personData(t.db, desk.builders.vault, { phone: PHONE });
    expect(data).toMatchObject({ found: true, visits: [], wrote: [], suppressions: [] });
  });

  test('a STOP still holds for it', async () => {
    await history();
    await desk.says(PHONE, 'СТОП');
    const proof = await erase();
    expect(proof.stays).toContainEqual(expect.objectContaining({ table: 'suppression', rows: 1 }));
    const hash = desk.builders.vault.phoneHash(PHONE);
    expect(await isSuppressed(t.db, hash, 'sms')).toBe(true);
    expect(await erase()).toMatchObject({ found: false, stays: [{ table: 'suppression' }] });
  });
});

test('a stranger who only wrote to us is forgotten too', async () => {
  await desk.says(PHONE, 'хто це?');
  expect(await erase()).toMatchObject({ found: true, went: [{ table: 'carrier_fact', rows: 1 }] });
  expect(await erase()).toMatchObject({ found: false });
});

test('a number that is no longer kept is found by its hash', async () => {
  await history();
  await t.db.query('update contact set phone_cipher = null, key_id = null');
  expect((await erase()).went).toContainEqual(expect.objectContaining({ table: 'contact', rows: 1 }));
});

test('erasing while carriers call about the same person ends both', async () => {
  const { first } = await history();
  const calls = Array.from({ length: 12 }, (_, i) =>
    desk.receive(
      'twilio',
      desk.receipt({ messageId: first.messageId, status: i % 2 ? 'delivered' : 'sent' }),
    ),
  );
  const [proof] = await Promise.all([erase(), ...calls]);
  expect(proof.found).toBe(true);
  // A call that the server sent away is left for the next look, and applied by it.
  desk.clock.advance(60_000);
  desk.errors.length = 0;
  await desk.applier.applyPending();
  expect(desk.errors).toEqual([]);
  expect(await desk.db.query('select from carrier_fact where applied_at is null')).toMatchObject({
    rows: [],
  });
  expect(await everything()).not.toContain(PHONE.slice(4));
});

test.each([
  ['0671234567', true],
  ['+38 (067) 123-45-67', true],
  ['067 123–45–67', true],
  ['３８０６７１２３４５６７', true],
  ['0671234568', false],
  ['12345678', false],
])('%s holds the number: %s', (text, expected) => {
  expect(holdsNumber(`a;${text};b`, PHONE)).toBe(expected);
});

test('a stop said in the chat is told, and goes with the chat', async () => {
  await history();
  await desk.says(`u==${PHONE}`, 'СТОП');
  const data = await personData(t.db, desk.builders.vault, { phone: PHONE });
  expect(data.chats).toEqual([expect.objectContaining({ stoppedAt: desk.clock.now() })]);
  await erase();
  expect(await desk.row('select stopped_at from viber_subscriber')).toEqual({ stopped_at: null });
  expect(await isSuppressed(t.db, desk.builders.vault.phoneHash(PHONE), 'viber')).toBe(true);
});

test('everything about a person is told in one piece, opened', async () => {
  const { first } = await history();
  const data = await personData(t.db, desk.builders.vault, { phone: '067 123 45 67' });
  expect(data).toMatchObject({
    found: true,
    phone: PHONE,
    chats: [{ userId: `u==${PHONE}`, linkedBy: 'code' }],
    wrote: [
      { text: '2 довго чекала, мій номер 067 123 45 67' },
      { kind: 'conversation_started' },
      { text: 'привіт, це я' },
    ],
    notes: [{ text: `подзвонили на ${PHONE}` }],
    rejectedRows: [{ row: expect.stringContaining('0671234567') }],
  });
  expect(data.visits).toHaveLength(2);
  expect(data.visits[0]).toMatchObject({
    decision: { decision: 'invited' },
    invitation: {
      code: first.code,
      legal_basis: 'public_task',
      answers: expect.arrayContaining([expect.objectContaining({ question: 'comment', value: `дзвоніть ${PHONE}` })]),
      messages: expect.arrayContaining([expect.objectContaining({ kind: 'invite', values: { fields: expect.anything() } })]),
    },
  });
}); // prettier-ignore

test.each([
  [{ phone: 'hello' }, 'phone_unreadable'],
  [{ code: 'hello' }, 'code_unreadable'],
])('%j is refused without repeating it', async (wanted, code) => {
  await expect(erase(wanted)).rejects.toMatchObject({ code, message: expect.not.stringContaining('hello') });
});
