import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ReplyDesk } from '#testkit/reply-desk';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { DATA_CLASSES } from './data-classes.js';
import { Retention, retentionReport, setRetention } from './retention.js';
import { retentionRemove } from './retention.sql.js';

const DAY = 86_400_000;

let t: TestDatabase;
let desk: ReplyDesk;
let retention: Retention;
beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  await t.db.query(
    'truncate contact, visit, intake_batch, rejected_row, centre, definition, sender, viber_subscriber, suppression, carrier_fact, retention_rule, retention_removal cascade',
  );
  desk = new ReplyDesk(t.db);
  await desk.setUp();
  retention = new Retention(t.db);
});
afterAll(() => t.drop());

const after = (days: number): Date => new Date(desk.clock.now().getTime() + days * DAY);

/** A person who was asked, wrote back and answered, and a row of the same import that could not be read. */
async function life(): Promise<{ contactId: string; invitationId: string }> {
  const sent = await desk.invite();
  await desk.says(sent.phone, '2 довго чекала, дзвоніть 067 123 45 67');
  await desk.book.save(sent.invitationId, [{ questionKey: 'comment', value: 'дуже довго' }], { via: 'page', at: desk.clock.now() });
  const cipher = desk.builders.vault.seal('0501234567;bad');
  const now = desk.clock.now();
  const note = desk.builders.vault.seal('Подзвонили на 0671234567');
  await t.db.query(
    `with matter as (insert into service_case (invitation_id, opened_at) values ($1, $2) returning id)
     insert into case_note (case_id, author, text_cipher, key_id, written_at) select id, 'operator', $3, $4, $2 from matter`,
    [sent.invitationId, now, note.cipher, note.keyId],
  );
  await t.db.query(
    `with batch as (insert into intake_batch (source, via, started_at) values ('hall', 'file', $1) returning id),
       row as (insert into rejected_row (batch_id, line, reason, detail, row_cipher, key_id, created_at)
         select id, 1, 'bad_row', '', $2, $3, $1 from batch)
     insert into visit_record (source, record_id, revision, current, visit_id, batch_id, line, content_hash, centre_code,
       outcome, finished_at, phone_status, phone_raw_cipher, key_id, consent, received_at)
     select 'hall', 'r', 1, true, (select min(id) from visit), id, 1, '\\x00', 'c', 'served', $1, 'bad', $2, $3, 'unknown', $1 from batch`,
    [now, cipher.cipher, cipher.keyId],
  );
  return sent;
} // prettier-ignore

const heldOf = async (now: Date): Promise<Record<string, number>> =>
  Object.fromEntries((await retentionReport(t.db, now)).map((line) => [line.class, line.held]));

describe('each class goes when its own time is over, and not before', () => {
  // The invitation of the life above expires a week after its visit: with it the time of number and person begins.
  test.each<[string, number]>([
    ['number', 60 + 7],
    ['person', 730 + 7],
    ['typed_number', 30],
    ['free_text', 365],
    ['case_notes', 365],
    ['replies', 90],
    ['rejected_rows', 30],
  ])('%s after %d days', async (key, days) => {
    await life();
    const full = await heldOf(desk.clock.now());
    expect(full[key]).toBeGreaterThan(0);
    await retention.runOnce(after(days - 1));
    expect((await heldOf(after(days - 1)))[key]).toBe(full[key]);
    expect(await retention.runOnce(after(days + 1))).toMatchObject({ [key]: full[key] });
    expect((await heldOf(after(days + 1)))[key]).toBe(0);
    expect((await retention.runOnce(after(days + 1)))[key]).toBeUndefined();
  });
});

test('answers are kept for ever unless somebody says otherwise', async () => {
  await life();
  await retention.runOnce(after(20_000));
  expect((await heldOf(after(20_000)))['answers']).toBe(2);
  await setRetention(t.db, 'answers', 10, desk.clock.now());
  expect(await retention.runOnce(after(11))).toMatchObject({ answers: 2 });
});

test('a rule holds from the next round on, and "for ever" is one', async () => {
  await life();
  await setRetention(t.db, 'rejected_rows', null, desk.clock.now());
  await setRetention(t.db, 'free_text', 1, desk.clock.now());
  const removed = await retention.runOnce(after(40));
  expect(removed).toMatchObject({ free_text: 1 });
  expect(removed['rejected_rows']).toBeUndefined();
  await expect(setRetention(t.db, 'secrets', 1, desk.clock.now())).rejects.toThrow('rejected_rows');
});

test('the number goes and its hash stays: the person is known again when they come back', async () => {
  const { contactId } = await life();
  await retention.runOnce(after(70));
  const row = await desk.row<{ phone_cipher: Buffer | null; phone_hash: Buffer; erased_at: Date | null }>(
    'select phone_cipher, phone_hash, erased_at from contact where id = $1',
    contactId,
  );
  expect(row).toMatchObject({ phone_cipher: null, phone_hash: expect.any(Buffer), erased_at: null });
});

test('somebody who came again, or may still answer, keeps their number', async () => {
  const { contactId, invitationId } = await life();
  await t.db.query('update invitation set expires_at = $2 where id = $1', [invitationId, after(100)]);
  await retention.runOnce(after(120));
  expect((await heldOf(after(120)))['number']).toBe(1);
  await t.db.query('update visit set finished_at = $2 where contact_id = $1', [contactId, after(300)]);
  await retention.runOnce(after(350));
  expect((await heldOf(after(350)))['number']).toBe(1);
  expect(await retention.runOnce(after(361))).toMatchObject({ number: 1 });
});

test('a text that is gone is still counted as written, and the survey as it was', async () => {
  const { invitationId } = await life();
  await retention.runOnce(after(400));
  const { rows } = await t.db.query<{ value: unknown }>(
    `select value from answer where invitation_id = $1 and question_key = 'comment'`,
    [invitationId],
  );
  expect(rows).toEqual([{ value: '' }]);
  const invitation = await desk.book.lock(t.db, invitationId);
  expect(Object.keys(invitation?.answers ?? {})).toContain('comment');
});

test('somebody who left the bot is unknown a year later, somebody who stayed is not', async () => {
  const sent = await desk.invite();
  await t.db.query(
    `insert into viber_subscriber (sender, user_id, contact_id, linked_at, link_source, subscribed_at, unsubscribed_at, created_at)
     values ('viber', 'left==', $1, $2, 'code', $2, $2, $2), ('viber', 'stays==', $1, $2, 'code', $2, null, $2)`,
    [sent.contactId, desk.clock.now()],
  );
  expect(await retention.runOnce(after(364))).not.toHaveProperty('viber_ids');
  expect(await retention.runOnce(after(366))).toMatchObject({ viber_ids: 1 });
  const { rows } = await t.db.query('select user_id, contact_id is null as unknown from viber_subscriber order by id');
  expect(rows).toEqual([
    { user_id: expect.stringMatching(/^gone:/), unknown: true },
    { user_id: 'stays==', unknown: false },
  ]);
}); // prettier-ignore

test('a fact that nobody has applied yet keeps its words, and a repeated webhook stays known', async () => {
  const sent = await desk.invite();
  const fact = { kind: 'text', dedupeKey: 'k1', externalId: 'k1', address: sent.phone, text: '5', detail: {} } as const;
  const [id] = await desk.record('twilio', fact);
  await retention.runOnce(after(200));
  expect((await heldOf(after(200)))['replies']).toBe(1);
  await desk.applier.apply([id ?? '']);
  expect(await retention.runOnce(after(200))).toMatchObject({ replies: 1 });
  expect(await desk.record('twilio', fact)).toEqual([]);
}); // prettier-ignore

test('a backlog goes in batches, several workers share it, and the proof counts every piece once', async () => {
  const now = desk.clock.now();
  const { rows } = await t.db.query<{ id: string }>(
    `insert into intake_batch (source, via, started_at) values ('hall', 'file', $1) returning id`,
    [now],
  );
  await t.db.query(
    `insert into rejected_row (batch_id, line, reason, detail, row_cipher, key_id, created_at)
     select $1, n, 'bad_row', '', '\\x00', 'k', $2 from generate_series(1, 2300) n`,
    [rows[0]?.id, now],
  );
  const later = after(31);
  const rounds = await Promise.all([1, 2, 3].map(() => retention.runOnce(later)));
  const removed = rounds.reduce((sum, round) => sum + (round['rejected_rows'] ?? 0), 0);
  const line = (await retentionReport(t.db, later)).find((one) => one.class === 'rejected_rows');
  expect(line).toMatchObject({ held: 2300 - removed, removed, keepDays: 30, keptSince: after(1) });
  await retention.runOnce(later);
  const end = (await retentionReport(t.db, later)).find((one) => one.class === 'rejected_rows');
  expect(end).toMatchObject({ held: 0, due: 0, removed: 2300, oldestAt: null, lastRemovedOn: later.toISOString().slice(0, 10) }); // prettier-ignore
});

test('a backlog of numbers is gone through by id, past those that stay', async () => {
  await t.db.query(
    `insert into contact (phone_hash, phone_cipher, key_id, country, created_at)
     select sha256(n::text::bytea), '\\x00', 'k', 'UA', case when n % 3 = 0 then $1::timestamptz else $2 end
     from generate_series(1, 1500) n`,
    [after(90), desk.clock.now()],
  );
  expect(await retention.runOnce(after(100))).toEqual({ number: 1000 });
  expect((await heldOf(after(100)))['number']).toBe(500);
});

test('nothing is noted as removed when the removal fails', async () => {
  await life();
  const [one] = DATA_CLASSES;
  const batch = { before: after(100), keepDays: 60, limit: 10, after: '0', now: after(160) };
  const failing = t.db.transaction(async (tx) => {
    if (one) await retentionRemove(tx, one, batch);
    throw new Error('lost connection');
  });
  await expect(failing).rejects.toThrow('lost connection');
  const report = await retentionReport(t.db, after(160));
  expect(report[0]).toMatchObject({ class: 'number', held: 1, due: 1, removed: 0 });
});
