import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { isSuppressed, liftSuppression, suppress, type SuppressedChannel } from './suppression.sql.js';
import { Vault } from './vault.js';

let t: TestDatabase;
const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
const addressHash = vault.phoneHash('+380501234567');
const now = new Date('2026-03-02T10:00:00Z');
const stop = (channel: SuppressedChannel | null) =>
  suppress(t.db, { addressHash, channel, reason: 'stop', via: 'sms', now });
const reach = async () => ({
  sms: !(await isSuppressed(t.db, addressHash, 'sms')),
  viber: !(await isSuppressed(t.db, addressHash, 'viber')),
});

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(() => t.db.query('truncate suppression'));
afterAll(() => t.drop());

describe('an address can be written to', () => {
  test.each<[string, (SuppressedChannel | null)[], { sms: boolean; viber: boolean }]>([
    ['on all channels while nothing was said', [], { sms: true, viber: true }],
    ['on none after a stop in words', [null], { sms: false, viber: false }],
    ['on the other after a technical unsubscribe', ['viber'], { sms: true, viber: false }],
    ['on none when both happened', [null, 'sms'], { sms: false, viber: false }],
  ])('%s', async (_when, channels, expected) => {
    for (const channel of channels) await stop(channel);
    expect(await reach()).toEqual(expected);
  });
});

test('another address is not touched', async () => {
  await stop(null);
  expect(await isSuppressed(t.db, vault.phoneHash('+380501234568'), 'sms')).toBe(false);
});

test('saying it again changes nothing, also when many say it at once', async () => {
  const first = await Promise.all([1, 2, 3, 4].map(() => stop(null)));
  expect(first.filter(Boolean)).toHaveLength(1);
  expect(await stop(null)).toBe(false);
});

test('lifting takes back exactly what was said, and it can be said again', async () => {
  await stop(null);
  await stop('viber');
  expect(await liftSuppression(t.db, { addressHash, channel: null, now })).toBe(true);
  expect(await reach()).toEqual({ sms: true, viber: false });
  expect(await liftSuppression(t.db, { addressHash, channel: null, now })).toBe(false);
  expect(await stop(null)).toBe(true);
  expect(await reach()).toEqual({ sms: false, viber: false });
});
