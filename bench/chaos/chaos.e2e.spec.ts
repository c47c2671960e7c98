import { expect, test } from '@jest/globals';
import { runChaos } from './run.js';

/**
 * The short form of `bench/chaos`: the same house, faults and counts, few people and few kills. Nothing is timed: the
 * live part goes on until everybody was tried or its time is up, and what is then open is settled by a clock that skips
 * the waiting, so a busy machine changes how much happens where, never the verdict.
 */
test('with processes killed and carriers failing in every way nothing is sent twice, lost or sent at night', async () => {
  const result = await runChaos({
    visits: 300,
    inViber: 40,
    kills: 6,
    faultRate: 0.05,
    concurrency: 16,
    // An hour and a quarter of the window is left when it begins: the rest of the queue has to wait for the morning.
    startsAt: '18:45',
    speed: 150,
    hours: { from: '09:00', to: '20:00', everyDay: false },
    messages: 0,
    atMostMs: 45_000,
    seed: 'short',
  });
  expect(result.wrong).toEqual({
    twice: 0, lost: 0, denied: 0, strange: 0, open: 0, atNight: 0, forgotten: 0, guessed: 0, nagged: 0, unaccounted: 0,
  }); // prettier-ignore
  expect(result.visits).toBe(300);
  expect(Object.values(result.states).reduce((sum, n) => sum + n, 0)).toBe(result.messages);
  // The trouble was real: processes died and messages were in doubt.
  expect(Object.values(result.kills).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
  expect(result.inDoubt).toBeGreaterThan(0);
}, 240_000);
