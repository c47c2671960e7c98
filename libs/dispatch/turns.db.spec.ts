import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { at, NOON, OutboxBuilder, type Queued } from '#testkit/outbox';
import { ScriptedChannel } from '#testkit/scripted-channel';
import { Composer } from './composer.js';
import { Definitions } from './definitions.js';
import { Dispatcher } from './dispatcher.js';
import { senderSetCap } from './sender.sql.js';

let t: TestDatabase;
let outbox: OutboxBuilder;
let clock: SteppedClock;
let sms: ScriptedChannel;

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  outbox = await OutboxBuilder.open(t.db);
  clock = new SteppedClock(NOON);
  sms = new ScriptedChannel('sms-a');
});
afterAll(() => t.drop());

function worker(concurrency: number, name = 'worker-1'): Dispatcher {
  const definitions = new Definitions(t.db);
  const composer = new Composer(definitions, outbox.vault, clock, 'https://opyt.example');
  const parts = { database: t.db, clock, definitions, composer, worker: name, concurrency };
  return new Dispatcher(new Map([['sms-a', sms]]), parts);
}

const dueAt = (hours: number): { dueAt: Date } => ({ dueAt: at(hours) });

/** At which places in the order of sending these went out, the last of them. */
function lastOf(messages: readonly Queued[]): number {
  return Math.max(...messages.map(({ messageId }) => sms.sent.findIndex(({ id }) => id === messageId)));
}

describe('campaigns take turns', () => {
  test('a huge one that was due long before does not hold up a small one', async () => {
    await outbox.queue(600, dueAt(-3));
    const small = await outbox.queue(10, dueAt(-1), await outbox.campaign({}, 'small'));
    await worker(8).runOnce();
    expect(sms.sent).toHaveLength(610);
    // Claims of at most eight, every other one the small campaign's.
    expect(lastOf(small)).toBeLessThan(5 * 8);
  });

  test('each gets as much as the others while they wait, and the rest is not left idle', async () => {
    const queued = [await outbox.queue(120, dueAt(-3))];
    for (const [key, count] of [['b', 40], ['c', 80], ['d', 40]] as const) {
      queued.push(await outbox.queue(count, dueAt(-2), await outbox.campaign({}, key)));
    } // prettier-ignore
    await worker(8).runOnce();
    const [, b = [], c = [], d = []] = queued;
    // Four shares until b and d are done, then two.
    expect(Math.max(lastOf(b), lastOf(d))).toBeLessThan(4 * 40 + 4 * 8);
    expect(lastOf(c)).toBeLessThan(2 * 40 + 2 * 80 + 4 * 8);
    expect(sms.sent).toHaveLength(280);
  });

  test('a campaign that is only due later takes no turn', async () => {
    await outbox.queue(20, dueAt(-1));
    const later = await outbox.queue(5, dueAt(1), await outbox.campaign({}, 'later'));
    expect(await worker(8).runOnce()).toMatchObject({ accepted: 20 });
    clock.set(at(1));
    expect(await worker(8).runOnce()).toMatchObject({ accepted: 5 });
    expect(lastOf(later)).toBe(24);
  });

  test('a person who is writing with us waits for no campaign', async () => {
    await outbox.queue(300, dueAt(-3));
    let answer: readonly Queued[] = [];
    const talk = { kind: 'question', priority: 0, content: { question: 'quality' } };
    sms.script = async ({ id }) => {
      if (sms.sent.length === 50) answer = await outbox.queue(1, talk);
      return { outcome: 'accepted', externalId: `ext-${id}` };
    };
    await worker(8).runOnce();
    expect(lastOf(answer)).toBeGreaterThan(49);
    expect(lastOf(answer)).toBeLessThan(50 + 3 * 8);
  });
});

describe('a sender with a cap', () => {
  test('has no more in flight than that, all workers together', async () => {
    await outbox.queue(60);
    await senderSetCap(t.db, 'sms-a', 5, NOON);
    const open = sms.hold();
    const workers = [worker(64, 'w1'), worker(64, 'w2')];
    await Promise.all(workers.map((one) => one.wake('sms-a')));
    expect(await outbox.states()).toEqual({ sending: 5, queued: 55 });
    open();
    for (let left = 60; left > 0;) {
      await Promise.all(workers.map((one) => one.runOnce()));
      left = (await outbox.states())['queued'] ?? 0;
    }
    expect(await outbox.states()).toEqual({ accepted: 60 });
    expect(sms.mostInFlight).toBeLessThanOrEqual(5);
  });

  test('lifted, goes as fast as its workers', async () => {
    await outbox.queue(60);
    await senderSetCap(t.db, 'sms-a', 5, NOON);
    await senderSetCap(t.db, 'sms-a', null, NOON);
    sms.hold();
    const one = worker(20);
    await one.wake('sms-a');
    expect(await outbox.states()).toEqual({ sending: 20, queued: 40 });
    await one.stop(AbortSignal.abort());
  });

  test('one that does not exist is said so', async () => {
    expect(await senderSetCap(t.db, 'nobody', 5, NOON)).toBe(false);
  });
});
