import { buildChannels, closeChannels } from '#channels/registry';
import type { Channel } from '#channels/channel';
import { Vault } from '#contacts/vault';
import { Composer } from '#dispatch/composer';
import { Definitions } from '#dispatch/definitions';
import { Dispatcher } from '#dispatch/dispatcher';
import { FollowUps } from '#dispatch/follow-up';
import { Uncertainties } from '#dispatch/uncertain';
import { Upkeep } from '#dispatch/upkeep';
import type { Clock } from '#kernel/clock';
import { Planner } from '#planning/planner';
import { AnswerBook } from '#replies/answer-book';
import { FactApplier } from '#replies/fact-applier';
import { SurveyShelf } from '#replies/survey-shelf';
import type { RunningProcess } from '#store/process';
import { factories } from '#worker/channels';

/** Real time that one step lets pass, and how many steps there are at most: leases, doubts and reminders all end. */
const STEP_MS = 10 * 60_000;
const STEPS = 80;

/** The clock of the run, so much real time ahead as was skipped. */
class SkippingClock implements Clock {
  skippedMs = 0;
  constructor(private readonly base: Clock) {}
  get speed(): number {
    return this.base.speed;
  }
  now(): Date {
    return this.base.after(this.skippedMs);
  }
  real(): Date {
    return new Date(this.base.real().getTime() + this.skippedMs);
  }
  after(realMs: number): Date {
    return this.base.after(this.skippedMs + realMs);
  }
}

/** What is left to do: messages whose end is open, and looks that are still due. */
const OPEN = `
  select (select count(*) from message where state in ('queued', 'sending', 'uncertain'))::int
    + (select count(*) from message where follow_up_at is not null)::int
    + (select count(*) from visit where planning_due_at is not null)::int as n`;

/**
 * What the workers would do in the hours after a run, at once: the stages themselves, on the run's own database and
 * carriers, with a clock that skips the waiting. Ends when nothing is open any more; throws when something stays so.
 */
export async function settleEverything(own: RunningProcess): Promise<{ skippedHours: number }> {
  const channels = buildChannels(own.environment, factories);
  const clock = new SkippingClock(own.clock);
  const step = stagesOf(own, clock, channels);
  try {
    for (let n = 0; n < STEPS; n++) {
      await step();
      const { rows } = await own.database.query<{ n: number }>(OPEN);
      if (rows[0]?.n === 0) return { skippedHours: clock.skippedMs / 3_600_000 };
      clock.skippedMs += STEP_MS;
    }
  } finally {
    await closeChannels(channels);
  }
  throw new Error('something stays open for ever: see the states of the messages');
}

function stagesOf(
  own: RunningProcess,
  clock: Clock,
  channels: ReadonlyMap<string, Channel>,
): () => Promise<void> {
  const { database, environment, secretKey } = own;
  const vault = new Vault(secretKey);
  const definitions = new Definitions(database);
  const composer = new Composer(definitions, vault, clock, environment.publicUrl ?? '');
  const parts = { database, clock, definitions, composer, worker: 'aftermath', concurrency: 64 };
  const dispatcher = new Dispatcher(channels, parts);
  const upkeep = new Upkeep(database, clock, definitions);
  const followUps = new FollowUps(database, definitions);
  const uncertainties = new Uncertainties(database, clock, channels, definitions, composer);
  const planner = new Planner(database, (text) => vault.hash(text));
  const facts = new FactApplier(database, vault, new AnswerBook(database, vault, new SurveyShelf()), clock);
  const untilLess = async (batch: number, work: () => Promise<number>): Promise<void> => {
    while ((await work()) >= batch);
  };
  return async () => {
    await facts.applyPending();
    await untilLess(1, async () => (await planner.runOnce(clock.now())).taken);
    await untilLess(1, async () => {
      const { rescued, expired, moved } = await upkeep.runOnce(clock.now());
      return rescued + expired + moved;
    });
    await untilLess(
      50,
      async () => (await uncertainties.runOnce(clock.now(), new AbortController().signal)).looked,
    );
    await untilLess(1, async () => (await followUps.runOnce(clock.now())).looked);
    await dispatcher.runOnce();
  };
}
