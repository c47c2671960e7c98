import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '#kernel/seeded-random';
import type { FaultRequest } from '#sandbox/faults';
import type { Census } from './census.js';
import type { ChaosHouse, Victim } from './house.js';

/** Longer than a channel waits for an answer is never needed; shorter keeps slow answers apart from lost ones. */
const SLOW_MS = 1_500;

/** Everything that can go wrong with a carrier, each at the same rate, all at once. */
export function everyFault(rate: number): FaultRequest[] {
  return [
    { kind: 'latency', latencyMs: SLOW_MS },
    { kind: 'http_429', retryAfterSeconds: 1 },
    { kind: 'http_500' },
    { kind: 'http_500_after_accept' },
    { kind: 'reset_before_accept' },
    { kind: 'reset_after_accept' },
    { kind: 'garbage' },
    { carrier: 'twilio', kind: 'refuse', code: 21211 },
    { carrier: 'viber', kind: 'refuse', code: 5 },
    // What hangs holds its place for ten seconds: the rarer, the more the run gets done.
    { kind: 'timeout_before_accept', rate: rate / 4 },
    { kind: 'timeout_after_accept', rate: rate / 4 },
    { kind: 'undelivered' },
    { kind: 'callback_drop' },
    { kind: 'callback_double' },
    { kind: 'callback_reorder' },
    { kind: 'callback_delay', latencyMs: 2_000 },
  ].map((fault) => ({ rate, ...fault }) as FaultRequest);
}

/** Workers most often, since they hold messages in their hands. */
const WEIGHTS: readonly (readonly [Victim, number])[] = [
  ['worker-0', 4],
  ['worker-1', 4],
  ['gateway', 2],
  ['database', 2],
];
/** So long without progress and the next is killed all the same: what stands still is in trouble of its own. */
const PATIENCE_MS = 8_000;
/** Share of the kills that do not wait until what was killed before is up again. */
const DURING_START = 0.15;

/**
 * Kills one after the other, each once the carriers have taken `every` more messages, so that kills fall into the
 * thick of the work. Resolves after `kills` of them, or when `over` says so.
 */
export async function wreakHavoc(
  house: ChaosHouse,
  census: Census,
  { kills, every, seed, over }: { kills: number; every: number; seed: string; over: () => boolean },
): Promise<void> {
  const random = seededRandom(seed);
  for (let n = 0; n < kills && !over(); n++) {
    // On a busy machine a start takes longer than anybody's patience, and a house of starts only would send nothing.
    if (!random.chance(DURING_START)) await house.ready();
    const from = census.accepted;
    for (
      let waitedMs = 0;
      census.accepted < from + every && waitedMs < PATIENCE_MS && !over();
      waitedMs += 100
    ) {
      await pause(100);
    }
    // The first few are one of each, so that a short run has them all.
    const victim = WEIGHTS[n]?.[0] ?? random.weighted(WEIGHTS);
    await house.kill(victim);
  }
}
