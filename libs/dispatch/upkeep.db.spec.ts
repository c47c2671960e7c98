import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { at, NOON, OutboxBuilder, type QueueSpec } from '#testkit/outbox';
import { Definitions } from './definitions.js';
import { Upkeep, type UpkeepCounts } from './upkeep.js';

let t: TestDatabase;
let outbox: OutboxBuilder;

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  outbox = await OutboxBuilder.open(t.db);
});
afterAll(() => t.drop());

const run = (hours: number): Promise<UpkeepCounts> =>
  new Upkeep(t.db, new SteppedClock(at(hours)), new Definitions(t.db)).runOnce(at(hours));
const nothing = { rescued: 0, moved: 0, expired: 0, withdrawn: 0 };

async function one(
  spec: QueueSpec = {},
): Promise<{ message: () => Promise<object>; invitation: () => Promise<object>; id: string; phone: string }> {
  // prettier-ignore
  const [queued] = await outbox.queue(1, spec);
  const row = async (table: string, id: string | undefined): Promise<object> =>
    (await t.db.query<object>(`select * from ${table} where id = $1`, [id])).rows[0] as object;
  return {
    message: () => row('message', queued?.messageId),
    invitation: () => row('invitation', queued?.invitationId),
    id: queued?.invitationId ?? '',
    phone: queued?.phone ?? '',
  };
}

test('a message that can be sent, now or later, is left alone', async () => {
  const now = await one();
  const later = await one({ dueAt: at(24) });
  expect(await run(1)).toEqual(nothing);
  expect(await now.message()).toMatchObject({ state: 'queued', due_at: NOON });
  expect(await later.message()).toMatchObject({ state: 'queued', due_at: at(24) });
});

describe('a window that closes', () => {
  test('moves the message to its next opening', async () => {
    const { message } = await one({ closesAt: at(8) });
    expect(await run(8)).toEqual({ ...nothing, moved: 1 });
    // Tuesday, 9 to 20 in Kyiv.
    expect(await message()).toMatchObject({ state: 'queued', due_at: at(21), closes_at: at(32) });
    expect(await run(8)).toEqual(nothing);
  });

  test('moves a message that waited past it, even if the window is open again', async () => {
    const { message } = await one({ closesAt: at(8) });
    await run(22);
    expect(await message()).toMatchObject({ due_at: at(22), closes_at: at(32) });
  });

  test('ends a message that would then be too late, and closes its invitation', async () => {
    const { message, invitation } = await one({ closesAt: at(8), notAfter: at(21) });
    expect(await run(8)).toEqual(nothing);
    expect(await message()).toMatchObject({ state: 'cancelled', reason: 'window_missed', settled_at: at(8) });
    expect(await invitation()).toMatchObject({ cancelled_at: at(8), cancel_reason: 'window_missed' });
  });

  test('does not touch a message of no campaign', async () => {
    const { message } = await one({ kind: 'question', closesAt: null });
    expect(await run(12)).toEqual(nothing);
    expect(await message()).toMatchObject({ state: 'queued' });
  });
});

test('a message past its last moment is cancelled, and its invitation with it', async () => {
  const { message, invitation } = await one({ notAfter: at(3) });
  expect(await run(2)).toEqual(nothing);
  expect(await run(3)).toEqual({ ...nothing, expired: 1 });
  expect(await message()).toMatchObject({ state: 'cancelled', reason: 'expired' });
  expect(await invitation()).toMatchObject({ cancelled_at: at(3), cancel_reason: 'expired' });
});

test('a late reminder is cancelled without its invitation', async () => {
  const { invitation } = await one({ kind: 'reminder', priority: 6, notAfter: at(3) });
  expect(await run(3)).toEqual({ ...nothing, expired: 1 });
  expect(await invitation()).toMatchObject({ cancelled_at: null });
});

test('a fallback that came too late leaves an invitation that reached nobody, not a cancelled one', async () => {
  const { invitation, id } = await one({ notAfter: at(3) });
  await t.db.query(
    `insert into message (invitation_id, contact_id, kind, channel, sender, locale, content, state, priority, due_at,
       not_after, created_at, settled_at)
     select id, contact_id, 'invite', 'viber', 'viber-a', 'uk', '{}', 'failed', 5, $2, $2, $2, $2 from invitation where id = $1`,
    [id, NOON],
  );
  await run(3);
  expect(await invitation()).toMatchObject({ cancelled_at: null, undelivered_at: at(3) });
});

test('an invitation that was sent on another channel stays', async () => {
  const { invitation, id } = await one({ notAfter: at(3) });
  await t.db.query('update invitation set sent_at = $2 where id = $1', [id, NOON]);
  await run(3);
  expect(await invitation()).toMatchObject({ cancelled_at: null, undelivered_at: null });
});

describe('a message that would be sent in vain is cancelled with its reason', () => {
  test.each([
    ['refused_at', {}, 'opted_out'],
    ['wrong_number_at', {}, 'wrong_number'],
    ['completed_at', {}, 'answered'],
    ['started_at', { kind: 'reminder', priority: 6 }, 'answered'],
  ])('%s', async (fact, spec, reason) => {
    const { message, id } = await one(spec);
    await t.db.query(`update invitation set ${fact} = $2 where id = $1`, [id, NOON]);
    expect(await run(0)).toEqual({ ...nothing, withdrawn: 1 });
    expect(await message()).toMatchObject({ state: 'cancelled', reason });
  });

  test('suppressed', async () => {
    const { message, invitation, phone } = await one();
    await t.db.query(
      `insert into suppression (address_hash, reason, via, created_at) values ($1, 'stop', 'page', $2)`,
      [outbox.vault.phoneHash(phone), NOON],
    );
    expect(await run(0)).toEqual({ ...nothing, withdrawn: 1 });
    expect(await message()).toMatchObject({ state: 'cancelled', reason: 'opted_out' });
    expect(await invitation()).toMatchObject({ cancel_reason: 'opted_out' });
  });

  test('the invitation expired or was cancelled', async () => {
    const late = await one({ expiresAt: at(1) });
    const off = await one();
    await t.db.query(`update invitation set cancelled_at = $2, cancel_reason = 'operator' where id = $1`, [
      off.id,
      NOON,
    ]);
    expect(await run(1)).toEqual({ ...nothing, withdrawn: 2 });
    expect(await late.message()).toMatchObject({ reason: 'expired' });
    expect(await off.message()).toMatchObject({ reason: 'withdrawn' });
    expect(await off.invitation()).toMatchObject({ cancel_reason: 'operator' });
  });

  test('a fallback, once the first channel reached the person after all', async () => {
    const { message, id } = await one();
    await t.db.query(
      `with first as (
         insert into message (invitation_id, contact_id, kind, channel, sender, locale, content, state, priority, due_at,
           not_after, created_at)
         select id, contact_id, 'invite', 'viber', 'viber-a', 'uk', '{}', 'accepted', 5, $2, $2, $2 from invitation where id = $1
         returning id
       ), fallback as (update message set fallback_of = first.id from first where invitation_id = $1)
       update invitation set delivered_at = $2 where id = $1`,
      [id, NOON],
    );
    expect(await run(0)).toEqual({ ...nothing, withdrawn: 1 });
    expect(await message()).toMatchObject({ state: 'cancelled', reason: 'reached' });
  });
});

test('a lease that ended makes the message uncertain, to be looked at soon', async () => {
  const { message } = await one();
  await t.db.query(
    `update message set state = 'sending', attempt = 1, claimed_by = 'dead', leased_until = $1`,
    [at(1)],
  );
  await t.db.query(
    `insert into attempt (message_id, attempt, worker, claimed_at) select id, 1, 'dead', $1 from message`,
    [NOON],
  );
  expect(await run(1)).toEqual(nothing);
  expect(await run(1.01)).toEqual({ ...nothing, rescued: 1 });
  expect(await message()).toMatchObject({ state: 'uncertain', reason: 'worker_lost', claimed_by: null });
  expect(((await message()) as { follow_up_at: Date }).follow_up_at.getTime()).toBe(
    at(1.01).getTime() + 30_000,
  );
});

test('two at once do the work once', async () => {
  await outbox.queue(40, { notAfter: at(3) });
  await outbox.queue(40, { closesAt: at(3) });
  const both = await Promise.all([run(3), run(3)]);
  const sum = (name: keyof UpkeepCounts): number => both.reduce((total, counts) => total + counts[name], 0);
  expect([sum('expired'), sum('moved')]).toEqual([40, 40]);
});
