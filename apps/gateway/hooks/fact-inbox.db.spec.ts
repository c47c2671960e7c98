import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CarrierFact } from '#channels/channel';
import { recordFacts } from '#replies/record';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk } from '#testkit/reply-desk';
import { FactInbox } from './fact-inbox.js';

let t: TestDatabase;
let desk: ReplyDesk;
let inbox: FactInbox;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  inbox = new FactInbox(t.db, desk.builders.vault, desk.clock);
});
afterAll(() => t.drop());

const twilio = { sender: 'twilio', addressing: 'phone' } as const;
const viber = { sender: 'viber', addressing: 'subscriber' } as const;
const fact = (dedupeKey: string): CarrierFact => ({ kind: 'unknown', dedupeKey, raw: '?', detail: {} });
const stored = async (): Promise<string[]> => {
  const { rows } = await t.db.query<{ key: string }>(
    `select sender || ' ' || dedupe_key as key from carrier_fact order by 1`,
  );
  return rows.map(({ key }) => key);
};

test('calls of several senders at once are stored, and each learns the ids of its own new facts', async () => {
  const results = await Promise.all([
    inbox.store(twilio, [fact('a'), fact('b')]),
    inbox.store(viber, [fact('a')]),
    inbox.store(twilio, [fact('c')]),
    inbox.store(twilio, []),
  ]);
  expect(results.map((ids) => ids.length)).toEqual([2, 1, 1, 0]);
  expect(new Set(results.flat()).size).toBe(4);
  expect(await stored()).toEqual(['twilio a', 'twilio b', 'twilio c', 'viber a']);
  expect(await inbox.store(twilio, [fact('a')])).toEqual([]);
});

test('one call that cannot be stored fails alone', async () => {
  const broken = { ...fact('x'), dedupeKey: 'a\0b' };
  const calls = [fact('d'), broken, fact('e')].map((one) => inbox.store(twilio, [one]));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await stored()).toEqual(expect.arrayContaining(['twilio d', 'twilio e']));
});

test('a statement that has to wait holds up no other call', async () => {
  let held: Promise<string[]> | undefined;
  await t.db.transaction(async (tx) => {
    // Stored by another process that has not committed yet.
    await recordFacts(tx, desk.builders.vault, twilio, [fact('held')], desk.clock.now());
    held = inbox.store(twilio, [fact('held')]);
    expect(await inbox.store(twilio, [fact('free')])).toHaveLength(1);
  });
  expect(await held).toEqual([]);
});

test('more than can wait is refused at once, so that the carrier comes again', async () => {
  const crowd = Array.from({ length: 21_100 }, () => inbox.store(twilio, [fact('crowd')]));
  const outcomes = await Promise.allSettled(crowd);
  const refused = outcomes.filter((one) => one.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatchObject({ reason: { code: 'inbox_full', status: 503 } });
  expect((await stored()).filter((key) => key === 'twilio crowd')).toHaveLength(1);
});
