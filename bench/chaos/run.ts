import { setTimeout as pause } from 'node:timers/promises';
import { settleEverything } from './aftermath.js';
import { Census } from './census.js';
import type { Hours } from './hours.js';
import { ChaosHouse } from './house.js';
import { invitePeople } from './people.js';
import { everyFault, wreakHavoc } from './trouble.js';
import { judge, type Verdict } from './verdict.js';

export interface ChaosOptions {
  readonly visits: number;
  /** How many of the visitors are subscribed to the bot. */
  readonly inViber: number;
  readonly kills: number;
  /** Share of the requests that each kind of fault strikes. */
  readonly faultRate: number;
  readonly concurrency: number;
  /** Civil time at the start, in Kyiv, on a Monday; and civil seconds a real one. */
  readonly startsAt: string;
  readonly speed: number;
  readonly hours: Hours;
  /** The live part goes on until the carriers have taken so many: reminders follow days after their invites. */
  readonly messages: number;
  /** Real time after which the live part ends, whatever is still open. */
  readonly atMostMs: number;
  readonly seed: string;
  readonly tell?: (text: string) => void;
}

export interface ChaosResult extends Verdict {
  readonly kills: Readonly<Record<string, number>>;
  readonly liveSeconds: number;
  /** Real hours that the clock skipped afterwards, until nothing was open any more. */
  readonly skippedHours: number;
}

const DAY = '2020-01-13';
/** For receipts that are still on their way; a carrier's last tries may come an hour later, or never. */
const CALLBACKS_MS = 10_000;

/**
 * Lets people be invited while carriers fail in every way and processes die, then lets the waiting pass, and counts
 * at the carriers. The whole way of a visit takes part: planning, dispatch, callbacks, fallback, reminders.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { tell = () => undefined, concurrency, speed } = options;
  const house = await ChaosHouse.open({ clock: `${DAY}T${options.startsAt}:00+02:00@${speed}`, concurrency });
  try {
    await invitePeople(house, { visits: options.visits, inViber: options.inViber, day: DAY, hours: options.hours });
    for (const fault of everyFault(options.faultRate)) await house.ask('/api/faults', fault);
    const census = new Census(house, options.hours);
    census.begin();
    tell(`${options.visits} visits are in, the workers start`);
    const liveSeconds = await liveThrough(house, census, options);
    await calmDown(house, census);
    tell(`${census.accepted} messages accepted in ${liveSeconds} s, kills ${JSON.stringify(house.kills)}; the rest is settled`);
    const { skippedHours } = await settleEverything(house.own);
    await census.end();
    return { ...(await judge(house, census, options.hours)), kills: house.kills, liveSeconds, skippedHours };
  } finally {
    await house.close();
  }
} // prettier-ignore

/** Until all is sent, or time is up. */
async function liveThrough(house: ChaosHouse, census: Census, options: ChaosOptions): Promise<number> {
  const { tell = () => undefined, kills, atMostMs, seed, visits, messages } = options;
  const began = performance.now();
  await house.startWorkers();
  let over = false;
  const every = Math.max(1, Math.floor((Math.max(visits, messages) * 0.7) / kills));
  const havoc = wreakHavoc(house, census, { kills, every, seed, over: () => over });
  let told = 0;
  while (!over) {
    await pause(500);
    const [left] = await house.rows<{ n: number }>(
      `select (select count(*) from visit where planning_due_at is not null)::int
         + (select count(*) from message where state = 'queued' and kind = 'invite')::int as n`,
    );
    const elapsed = performance.now() - began;
    over = (left?.n === 0 && census.accepted >= messages) || elapsed > atMostMs;
    if (elapsed > told + 30_000) {
      told = elapsed;
      tell(`${Math.round(elapsed / 1000)} s: ${census.accepted} accepted, ${left?.n ?? '?'} to go, kills ${JSON.stringify(house.kills)}`); // prettier-ignore
    }
  }
  await havoc;
  return Math.round((performance.now() - began) / 1000);
}

/** The workers are killed a last time, with whatever they hold; the carriers behave again and say what they have to say. */
async function calmDown(house: ChaosHouse, census: Census): Promise<void> {
  await house.endWorkers();
  await house.ask('/api/faults', undefined, 'DELETE');
  await house.gateway.ready();
  for (let waitedMs = 0; waitedMs < CALLBACKS_MS; waitedMs += 250) {
    const { pending } = await house.ask<{ pending: number }>('/api/counts');
    if (pending === 0) break;
    await pause(250);
  }
  await census.judgeHoursNoMore();
}
