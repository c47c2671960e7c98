import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { contactUpsert, openPhone, openPhones } from './contact.sql.js';
import { Vault } from './vault.js';

let t: TestDatabase;
const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
const now = new Date('2026-03-02T10:00:00Z');
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ e164: `+38050${1_000_000 + from + i}`, country: 'UA' }));

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(() => t.db.query('truncate contact cascade'));
afterAll(() => t.drop());

const count = async () =>
  (await t.db.query<{ n: number }>('select count(*)::int as n from contact')).rows[0]?.n;

test('gives one contact to one number, however often it comes', async () => {
  const first = await contactUpsert(t.db, vault, [...numbers(0, 3), ...numbers(0, 2)], now);
  const second = await contactUpsert(t.db, vault, numbers(1, 4), now);
  expect(first.size).toBe(3);
  expect(second.size).toBe(3);
  expect(second.get('+380501000001')).toBe(first.get('+380501000001'));
  expect(await count()).toBe(4);
  expect(await contactUpsert(t.db, vault, [], now)).toEqual(new Map());
});

test('keeps no number in the clear', async () => {
  await contactUpsert(t.db, vault, numbers(0, 1), now);
  const { rows } = await t.db.query<{ row: string }>('select contact::text as row from contact');
  expect(rows[0]?.row).not.toMatch(/501000000|35303130303030/); // as text or as hex
});

test('opens the numbers that are still there', async () => {
  const ids = await contactUpsert(t.db, vault, numbers(0, 2), now);
  const one = ids.get('+380501000000') ?? '';
  const two = ids.get('+380501000001') ?? '';
  await t.db.query('update contact set phone_cipher = null where id = $1', [one]);
  expect(await openPhone(t.db, vault, two)).toBe('+380501000001');
  expect(await openPhone(t.db, vault, one)).toBeUndefined();
  expect([...(await openPhones(t.db, vault, [one, two])).keys()]).toEqual([two]);
});

test('a number that was no longer kept and is given again returns to its contact', async () => {
  const [id = ''] = (await contactUpsert(t.db, vault, numbers(0, 1), now)).values();
  await t.db.query('update contact set phone_cipher = null, key_id = null');
  const again = await contactUpsert(t.db, vault, numbers(0, 1), now);
  expect([...again.values()]).toEqual([id]);
  expect(await openPhone(t.db, vault, id)).toBe('+380501000000');
});

test('a number whose person was forgotten makes a new contact', async () => {
  const [id = ''] = (await contactUpsert(t.db, vault, numbers(0, 1), now)).values();
  await t.db.query('update contact set phone_cipher = null, phone_hash = null, erased_at = $1', [now]);
  const [again = ''] = (await contactUpsert(t.db, vault, numbers(0, 1), now)).values();
  expect(again).not.toBe(id);
});

test('many transactions with overlapping numbers in any order neither deadlock nor double', async () => {
  const one = numbers(0, 200);
  const orders = [one, [...one].reverse(), numbers(100, 300), [...numbers(50, 250)].reverse()];
  const maps = await Promise.all(
    [...orders, ...orders].map((phones) => t.db.transaction((tx) => contactUpsert(tx, vault, phones, now))),
  );
  expect(await count()).toBe(300);
  for (const map of maps) expect(map.size).toBe(200);
  expect(new Set(maps.map((map) => map.get('+380501000150'))).size).toBe(1);
});
