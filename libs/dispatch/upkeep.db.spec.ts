import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { at, NOON, OutboxBuilder, type QueueSpec } from '#testkit/outbox';
import { messageClaimDue, NO_TURN } from './claim.sql.js';
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
const nothing = { rescued: 0, moved: 0, expired: 0 };

async function one(spec: QueueSpec = {}): Promise<{ message: () => Promise<object> }> {
  const [queued] = await outbox.queue(1, spec);
  const message = async (): Promise<object> =>
    (await t.db.query<object>('select * from message where id = $1', [queued?.messageId])).rows[0] as object;
  return { message };
}

/** Everything that is due, by a worker that dies of it. */
async function claimAll(leasedUntil: Date): Promise<void> {
  const request = { sender: 'sms-a', worker: 'dead', now: NOON, leasedUntil, limit: 100, turn: NO_TURN };
  await messageClaimDue(t.db, request);
}

/** How many each claim has under way. */
async function claims(): Promise<number[]> {
  const { rows } = await t.db.query<{ n: number }>('select in_flight as n from claim order by id');
  return rows.map(({ n }) => n);
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

  test('ends a message that would then be too late; what follows is due at once', async () => {
    const { message } = await one({ closesAt: at(8), notAfter: at(21) });
    expect(await run(8)).toEqual(nothing);
    expect(await message()).toMatchObject({
      state: 'cancelled',
      reason: 'window_missed',
      settled_at: at(8),
      follow_up_at: at(8),
    });
  });

  test('does not touch a message of no campaign', async () => {
    const { message } = await one({ kind: 'question', closesAt: null });
    expect(await run(12)).toEqual(nothing);
    expect(await message()).toMatchObject({ state: 'queued' });
  });
});

test.each([
  ['invite', 5, at(3)],
  ['reminder', 6, null],
])('an %s past its last moment is cancelled', async (kind, priority, followUpAt) => {
  const { message } = await one({ kind, priority, notAfter: at(3) });
  expect(await run(2)).toEqual(nothing);
  expect(await run(3)).toEqual({ ...nothing, expired: 1 });
  expect(await message()).toMatchObject({
    state: 'cancelled',
    reason: 'expired',
    settled_at: at(3),
    follow_up_at: followUpAt,
  });
});

test('a claim is kept as long as one of its messages is being settled, or is not settled', async () => {
  await outbox.queue(3);
  await claimAll(at(1));
  await t.db.transaction(async (settling) => {
    await settling.query('select from message order by id limit 1 for update');
    expect(await run(1.01)).toEqual({ ...nothing, rescued: 2 });
    expect(await claims()).toEqual([1]);
  });
  expect(await run(1.01)).toEqual({ ...nothing, rescued: 1 });
  expect(await claims()).toEqual([]);
});

test('a message that was claimed again is not rescued with its former claim, which is then forgotten', async () => {
  await outbox.queue(1);
  await claimAll(at(1));
  await t.db.query(`update message set state = 'queued'`);
  await claimAll(at(5));
  expect(await run(1.01)).toEqual(nothing);
  expect(await outbox.states()).toEqual({ sending: 1 });
  expect(await claims()).toEqual([1]);
});

test('a lease that ended makes the message uncertain, to be looked at soon', async () => {
  const { message } = await one();
  await claimAll(at(1));
  expect(await run(1)).toEqual(nothing);
  expect(await run(1.01)).toEqual({ ...nothing, rescued: 1 });
  expect(await message()).toMatchObject({ state: 'uncertain', reason: 'worker_lost' });
  expect(await claims()).toEqual([]);
  const { rows } = await t.db.query('select attempt, worker, claimed_at, finished_at, outcome from attempt');
  expect(rows).toEqual([
    { attempt: 1, worker: 'dead', claimed_at: NOON, finished_at: at(1.01), outcome: 'rescued' },
  ]);
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
