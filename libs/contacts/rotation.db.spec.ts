import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Keyring } from '#kernel/sealing-key';
import { AppError } from '#kernel/errors';
import { Database } from '#store/database';
import { openKeyring, resealHashingKey, runningWithout } from '#store/keyring.sql';
import { Builders, TEST_SECRET } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { contactUpsert, openPhones } from './contact.sql.js';
import { rotate } from './rotation.js';
import { SEALED } from './sealed-columns.js';
import { Vault } from './vault.js';

const now = new Date('2026-03-02T10:00:00Z');
const FRESH = Buffer.alloc(32, 9).toString('base64');
const old = { current: TEST_SECRET, previous: [] };
const both = { current: FRESH, previous: [TEST_SECRET] };
const fresh = { current: FRESH, previous: [] };

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  await t.db.query(
    'truncate vault_key, contact, rejected_row, intake_batch, centre, carrier_fact, definition, app_user cascade',
  );
  await openKeyring(t.db, old, now);
});
afterAll(() => t.drop());

const PEOPLE = 1_200;
const phones = Array.from({ length: PEOPLE }, (_, i) => ({ e164: `+38050${1_000_000 + i}`, country: 'UA' }));

/** Something sealed in every table that can hold it. */
async function fill(): Promise<void> {
  const vault = new Vault(await openKeyring(t.db, old, now));
  await contactUpsert(t.db, vault, phones, now);
  await new Builders(t.db, now).path({
    phone: '+380671112233',
    answers: { quality: 2, comment: 'довго чекала' },
  });
  await t.db.query(
    `with batch as (insert into intake_batch (source, via, started_at) values ('hall', 'file', $1) returning id),
       row as (insert into rejected_row (batch_id, line, reason, detail, row_cipher, key_id, created_at)
         select id, 1, 'bad_row', '', $2, $4, $1 from batch),
       fact as (insert into carrier_fact (sender, kind, dedupe_key, address_cipher, text_cipher, key_id, happened_at, received_at)
         values ('twilio', 'text', 'k', $2, $3, $4, $1, $1))
     insert into visit_record (source, record_id, revision, current, visit_id, batch_id, line, content_hash, centre_code,
       outcome, finished_at, phone_status, phone_raw_cipher, consent, received_at)
     select 'hall', 'r', 1, true, (select min(id) from visit), id, 1, '\\x00', 'c', 'served', $1, 'bad', $3, 'unknown', $1 from batch`,
    [now, vault.seal('рядок').cipher, vault.seal('слово').cipher, vault.keyId],
  );
  await t.db.query(
    `with person as (insert into app_user (email, role, created_at) values ('o@example.ua', 'admin', $1) returning id)
     insert into second_factor (user_id, secret_cipher, key_id, created_at) select id, $2, $3, $1 from person`,
    [now, vault.seal('секрет').cipher, vault.keyId],
  );
}

async function everythingOpens(vault: Vault): Promise<number> {
  let opened = 0;
  for (const { table, ciphers } of SEALED) {
    for (const column of ciphers) {
      const { rows } = await t.db.query<{ cipher: Buffer }>(
        `select ${column} as cipher from ${table} where ${column} is not null`,
      );
      for (const { cipher } of rows) vault.open(cipher);
      opened += rows.length;
    }
  }
  return opened;
}

test('every sealed column of the schema is rotated, and stands beside a key id', async () => {
  const { rows } = await t.db.query<{ name: string; keyed: boolean }>(
    `select c.table_name || '.' || c.column_name as name, exists (select from information_schema.columns k
       where k.table_name = c.table_name and k.column_name = 'key_id') as keyed
     from information_schema.columns c
     where c.table_schema = 'public' and c.column_name like '%cipher' and c.table_name <> 'vault_key' order by 1`,
  );
  const listed = SEALED.flatMap(({ table, ciphers }) => ciphers.map((column) => `${table}.${column}`)).sort();
  expect(rows.map(({ name }) => name)).toEqual(listed);
  expect(rows.filter(({ keyed }) => !keyed)).toEqual([]);
});

test('after a rotation everything opens with the new key alone, and people are found by the same hashes', async () => {
  await fill();
  const before = new Vault(await openKeyring(t.db, old, now));
  const keyring = await openKeyring(t.db, both, now);
  const during = new Vault(keyring);
  expect(await everythingOpens(during)).toBe(PEOPLE + 7);
  await resealHashingKey(t.db, keyring, now);
  const done = await rotate(t.db, during);
  expect(Object.fromEntries(done.map(({ table, resealed }) => [table, resealed]))).toEqual({
    contact: PEOPLE + 1,
    visit_record: 1,
    rejected_row: 1,
    carrier_fact: 1,
    answer: 1,
    case_note: 0,
    second_factor: 1,
  });
  expect(done.every(({ left, unreadable }) => left === 0 && unreadable === 0)).toBe(true);
  const after = new Vault(await openKeyring(t.db, fresh, now));
  expect(await everythingOpens(after)).toBe(PEOPLE + 7);
  expect(after.phoneHash('+380501000000')).toEqual(before.phoneHash('+380501000000'));
  const known = await contactUpsert(t.db, after, phones.slice(0, 1), now);
  expect(await openPhones(t.db, after, [...known.values()])).toEqual(
    new Map([[known.get('+380501000000'), '+380501000000']]),
  );
  await expect(everythingOpens(before)).rejects.toThrow();
});

test('a run that is cut off leaves every row readable, and the next one ends it', async () => {
  await fill();
  const during = new Vault(await openKeyring(t.db, both, now));
  const cut = rotate(t.db, during, () => {
    throw new Error('killed');
  });
  await expect(cut).rejects.toThrow('killed');
  const { rows } = await t.db.query<{ n: number }>(
    'select count(*)::int as n from contact group by key_id order by n',
  );
  expect(rows.map(({ n }) => n)).toEqual([500, PEOPLE + 1 - 500]);
  expect(await everythingOpens(during)).toBe(PEOPLE + 7);
  const again = await rotate(t.db, during);
  expect(again[0]).toEqual({ table: 'contact', resealed: PEOPLE + 1 - 500, left: 0, unreadable: 0 });
});

test('a row that somebody holds is left for the next pass, one of an unknown key for its owner', async () => {
  await fill();
  const stranger = new Vault(Buffer.alloc(32, 3).toString('base64'));
  await t.db.query(`update rejected_row set row_cipher = $1, key_id = $2`, [
    stranger.seal('x').cipher,
    stranger.keyId,
  ]);
  const during = new Vault(await openKeyring(t.db, both, now));
  const done = await t.db.transaction(async (tx) => {
    await tx.query(`select from carrier_fact for update`);
    return rotate(t.db, during);
  });
  expect(done.filter(({ left }) => left > 0)).toEqual([
    { table: 'rejected_row', resealed: 0, left: 1, unreadable: 1 },
    { table: 'carrier_fact', resealed: 0, left: 1, unreadable: 0 },
  ]);
  expect(await rotate(t.db, during)).toContainEqual({
    table: 'carrier_fact', resealed: 1, left: 0, unreadable: 0,
  }); // prettier-ignore
});

test('a process with a wrong key does not start: it would find nobody who said stop', async () => {
  const wrong = openKeyring(t.db, { current: FRESH, previous: [] }, now);
  await expect(wrong).rejects.toMatchObject({ code: 'secret_key_foreign' });
  await expect(wrong).rejects.toBeInstanceOf(AppError);
  const keyring: Keyring = await openKeyring(t.db, both, now);
  expect(keyring.hashingKey).toEqual((await openKeyring(t.db, old, now)).hashingKey);
});

test('a process that does not hold the new key is seen while it is connected', async () => {
  const worker = await Database.connect(t.url, { applicationName: 'vidhuk worker aaaa1111 bbbb2222' });
  const cli = await Database.connect(t.url, { applicationName: 'vidhuk cli aaaa1111' });
  try {
    expect(await runningWithout(t.db, 'bbbb2222')).toEqual([]);
    expect(await runningWithout(t.db, 'cccc3333')).toEqual(['worker']);
  } finally {
    await worker.close();
    await cli.close();
  }
});
