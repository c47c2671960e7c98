import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { NOON, OutboxBuilder } from '#testkit/outbox';
import { ScriptedChannel } from '#testkit/scripted-channel';
import { Revival } from './revival.js';
import { senderStop } from './sender.sql.js';

const MINUTE = 60_000;
let t: TestDatabase;
let clock: SteppedClock;
let sms: ScriptedChannel;
let revival: Revival;
let probes: number;

beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await OutboxBuilder.open(t.db);
  clock = new SteppedClock(NOON);
  sms = new ScriptedChannel('sms-a');
  probes = 0;
  sms.probe = () => {
    probes++;
    return Promise.resolve(sms.health);
  };
  revival = new Revival(t.db, clock, new Map([['sms-a', sms]]));
});

const run = (): Promise<string[]> => revival.runOnce(clock.now(), new AbortController().signal);
const stop = (key = 'sms-a'): Promise<void> => senderStop(t.db, key, 'refused', clock.now());

async function after(minutes: number): Promise<string[]> {
  clock.advance(minutes * MINUTE);
  return run();
}

test('a sender whose account works again goes on after a minute, without a hand', async () => {
  await stop();
  expect(await run()).toEqual([]);
  expect(await after(0.9)).toEqual([]);
  expect(probes).toBe(0);
  expect(await after(0.2)).toEqual(['sms-a']);
  const { rows } = await t.db.query(`select stopped_at, stopped_reason from sender where key = 'sms-a'`);
  expect(rows).toEqual([{ stopped_at: null, stopped_reason: null }]);
});

test('one whose account does not work is asked ever more rarely', async () => {
  sms.health = { ok: false, detail: 'suspended' };
  await stop();
  await run();
  const asked: number[] = [];
  for (let minute = 1; minute <= 120; minute++) {
    const before = probes;
    await after(1);
    if (probes > before) asked.push(minute);
  }
  expect(asked).toEqual([1, 3, 7, 15, 31, 61, 91]);
});

test('one that is refused again soon after waits longer, one that ran well starts over', async () => {
  await stop();
  await run();
  expect(await after(1)).toEqual(['sms-a']);
  await stop();
  expect(await after(1)).toEqual([]);
  expect(await after(1)).toEqual(['sms-a']);
  clock.advance(60 * MINUTE);
  await stop();
  expect(await run()).toEqual([]);
  expect(await after(1)).toEqual(['sms-a']);
});

test('what is switched off, or has no channel here, is left alone', async () => {
  await stop();
  await stop('viber-a');
  await t.db.query(`update sender set enabled = false where key = 'sms-a'`);
  await run();
  expect(await after(5)).toEqual([]);
  expect(probes).toBe(0);
});
