import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SenderRow } from '#channels/registry';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { senderResume, senderStop, senderSync } from './sender.sql.js';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

const NOW = new Date('2026-03-02T10:00:00Z');
const LATER = new Date('2026-03-02T11:00:00Z');
const twilio: SenderRow = { key: 'twilio', kind: 'twilio', channel: 'sms', addressing: 'phone', two_way: true, priority: 10 }; // prettier-ignore
const viber: SenderRow = { key: 'viber', kind: 'viber', channel: 'viber', addressing: 'subscriber', two_way: true, priority: 20 }; // prettier-ignore

async function senders(): Promise<object[]> {
  const { rows } = await t.db.query<object>('select key, enabled, two_way, priority, stopped_reason, updated_at from sender order by key'); // prettier-ignore
  return rows;
}

test('the table says what this process can send with', async () => {
  await senderSync(t.db, [twilio, viber], NOW);
  expect(await senders()).toEqual([
    { key: 'twilio', enabled: true, two_way: true, priority: 10, stopped_reason: null, updated_at: NOW },
    { key: 'viber', enabled: true, two_way: true, priority: 20, stopped_reason: null, updated_at: NOW },
  ]);
});

test('a sender stops with the first reason and goes on when told', async () => {
  await senderStop(t.db, 'twilio', 'first', NOW);
  await senderStop(t.db, 'twilio', 'second', LATER);
  expect(await senders()).toMatchObject([{ stopped_reason: 'first' }, { stopped_reason: null }]);
  expect(await senderResume(t.db, 'viber', NOW)).toBe(false);
});

test('what changed is written, a stop stays, and what is not configured any more is off', async () => {
  await senderSync(t.db, [{ ...twilio, two_way: false }], LATER);
  expect(await senders()).toMatchObject([
    { key: 'twilio', enabled: true, two_way: false, stopped_reason: 'first', updated_at: LATER },
    { key: 'viber', enabled: false, updated_at: LATER },
  ]);
  expect(await senderResume(t.db, 'twilio', LATER)).toBe(true);
  expect(await senders()).toMatchObject([{ stopped_reason: null }, {}]);
});

test('nothing is written when nothing changed', async () => {
  const before = await senders();
  await senderSync(t.db, [{ ...twilio, two_way: false }], new Date(LATER.getTime() + 1));
  expect(await senders()).toEqual(before);
});
