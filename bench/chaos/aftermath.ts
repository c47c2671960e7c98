import { buildChannels, closeChannels } from '#channels/registry';
import type { Clock } from '#kernel/clock';
import type { RunningProcess } from '#store/process';
import { stagesOf } from '#testkit/stages';
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
  const { database, environment, secretKey } = own;
  const publicUrl = environment.publicUrl ?? '';
  const step = stagesOf({ database, clock, secretKey, channels, publicUrl, concurrency: 64 });
  try {
    for (let n = 0; n < STEPS; n++) {
      await step();
      const { rows } = await database.query<{ n: number }>(OPEN);
      if (rows[0]?.n === 0) return { skippedHours: clock.skippedMs / 3_600_000 };
      clock.skippedMs += STEP_MS;
    }
  } finally {
    await closeChannels(channels);
  }
  throw new Error('something stays open for ever: see the states of the messages');
}
