import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { NOON, OutboxBuilder } from '#testkit/outbox';
import { Pace } from './pace.js';
import { senderSetPace } from './pace.sql.js';

let t: TestDatabase;
let clock: SteppedClock;

beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await OutboxBuilder.open(t.db);
  clock = new SteppedClock(NOON);
});

const pace = (): Pace => new Pace(t.db, clock, 'sms-a');
const limit = (parts: number | null): Promise<void> => senderSetPace(t.db, 'sms-a', parts, clock.now());

/** Asks every `stepMs` for as much as is allowed, messages of `parts` each; returns how many went in `seconds`. */
async function sentIn(seconds: number, paces: readonly Pace[], parts: number, stepMs = 250): Promise<number> {
  let sent = 0;
  for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
    clock.advance(stepMs);
    for (const one of paces) {
      const allowed = await one.allow(64);
      for (let i = 0; i < allowed; i++) one.spend(parts);
      sent += allowed;
    }
  }
  return sent;
}

test('a sender without a limit goes as fast as it can, and is not asked about every time', async () => {
  const one = pace();
  expect(await one.allow(64)).toBe(64);
  expect(one.limited).toBe(false);
  await limit(1);
  clock.advance(4_000);
  expect(await one.allow(64)).toBe(64);
  clock.advance(1_000);
  expect(await one.allow(64)).toBe(1);
  expect(one.limited).toBe(true);
});

test.each([
  ['one part a message', 10, 1, 600],
  ['two parts', 10, 2, 300],
  ['five parts, more than a second allows', 3, 5, 36],
  ['a fraction of a part a second', 0.5, 1, 30],
])('over a minute exactly the limit is sent: %s', async (_, partsPerSecond, parts, messages) => {
  await limit(partsPerSecond);
  const sent = await sentIn(60, [pace()], parts);
  expect(Math.abs(sent - messages)).toBeLessThanOrEqual(Math.max(2, messages * 0.03));
});

test('workers share one limit', async () => {
  await limit(20);
  const sent = await sentIn(60, [pace(), pace(), pace()], 2);
  expect(Math.abs(sent - 600)).toBeLessThanOrEqual(25);
});

test('a pause is not made up for in one burst', async () => {
  await limit(10);
  const one = pace();
  await sentIn(5, [one], 1);
  clock.advance(3_600_000);
  expect(await one.allow(500)).toBeLessThanOrEqual(10);
});

test('a clock that lags behind another worker gives nothing away twice', async () => {
  await limit(10);
  await sentIn(5, [pace()], 1);
  clock.advance(-3_000);
  expect(await pace().allow(64)).toBe(0);
});

test('lifting the limit is noticed at once', async () => {
  await limit(1);
  const one = pace();
  await one.allow(64);
  await limit(null);
  expect(await one.allow(64)).toBe(64);
});
