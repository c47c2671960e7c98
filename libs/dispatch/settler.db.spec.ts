import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { NOON, OutboxBuilder, type Queued } from '#testkit/outbox';
import { settlementOf, type AttemptEnd, type Settlement } from './settlement.policy.js';
import { Settler } from './settler.js';

let t: TestDatabase;
let outbox: OutboxBuilder;
const clock = new SteppedClock(NOON);

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  outbox = await OutboxBuilder.open(t.db);
});
afterAll(() => t.drop());

/** Messages of which each has a first attempt under way. */
async function sending(count: number): Promise<Queued[]> {
  const queued = await outbox.queue(count);
  await t.db.query(`update message set state = 'sending', attempt = 1, claimed_by = 'w', claimed_at = $1, claim_id = 1`, [NOON]);
  return queued;
} // prettier-ignore

const settled = (one: Queued | undefined, end: AttemptEnd): Settlement =>
  settlementOf({ id: one?.messageId ?? '', attempt: 1, kind: 'invite' }, end, clock);

async function settle(settlements: readonly Settlement[]): Promise<{ told: number; unwritten: number }> {
  const counts = { told: 0, unwritten: 0 };
  const settler = new Settler(
    t.db,
    clock,
    'sms-a',
    (ours) => void (counts.told += ours.length),
    () => undefined,
    () => void counts.unwritten++,
  );
  for (const one of settlements) settler.add(one);
  await settler.flush();
  expect(settler.stuck).toBe(false);
  return counts;
}

/** What the edge lets through by some oversight, and what becomes of the message. */
test.each<[string, AttemptEnd, object]>([
  ['an acceptance with a NUL', { outcome: 'accepted', externalId: 'SM\u0000' }, { state: 'accepted', external_id: null }],
  ['an acceptance with an id too long for its index', { outcome: 'accepted', externalId: noise(9_000) }, { state: 'accepted', external_id: null }],
  ['an acceptance with parts beyond any number', { outcome: 'accepted', externalId: 'SM1', parts: 1e12 }, { state: 'uncertain', external_id: null }],
  ['a rejection with a NUL', { outcome: 'rejected', scope: 'content', detail: 'a\u0000' }, { state: 'failed', reason: 'rejected_content' }],
  ['a refusal with a NUL', { outcome: 'blocked', why: 'opted_out', detail: 'x', vendorCode: '\u0000' }, { state: 'failed', reason: 'opted_out' }],
  ['a doubt with a NUL', { outcome: 'uncertain', detail: '\u0000' }, { state: 'uncertain' }],
  ['a deferral with a NUL', { outcome: 'deferred', detail: '\u0000' }, { state: 'queued' }],
])('%s is settled, and so are the others of its batch', async (_, end, expected) => {
  const [bad, ...good] = await sending(4);
  const fine = good.map((one, n) => settled(one, { outcome: 'accepted', externalId: `ok-${n}` }));
  expect(await settle([...fine.slice(0, 2), settled(bad, end), ...fine.slice(2)])).toEqual({ told: 4, unwritten: 0 });
  const { rows } = await t.db.query('select * from message where id = $1', [bad?.messageId]);
  expect(rows).toMatchObject([expected]);
  expect((await outbox.states())['sending']).toBeUndefined();
}); // prettier-ignore

test('a result that can be written in no form is counted and dropped: its message is in doubt when the lease ends', async () => {
  const [bad, good] = await sending(2);
  const impossible = { ...settled(bad, { outcome: 'uncertain', detail: 'x' }), attempt: 2 ** 40 };
  expect(await settle([impossible, settled(good, { outcome: 'accepted', externalId: 'ok' })])).toEqual({ told: 1, unwritten: 1 });
  expect(await outbox.states()).toEqual({ accepted: 1, sending: 1 });
}); // prettier-ignore

/** Text that does not compress, so that its length is what an index has to hold. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return String.fromCharCode(97 + (state % 26));
  }).join('');
}
