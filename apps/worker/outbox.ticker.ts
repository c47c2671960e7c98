import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Clock } from '#kernel/clock';
import { CLOCK } from '#store/process';
import { Dispatcher } from '#dispatch/dispatcher';
import { FollowUps } from '#dispatch/follow-up';
import { Uncertainties } from '#dispatch/uncertain';
import { Upkeep } from '#dispatch/upkeep';
import { Rounds } from './rounds.js';

/** Real milliseconds between looks at the outbox. */
const DISPATCH_MS = 400;
const FOLLOW_UP_MS = 2_000;
const UPKEEP_MS = 5_000;

/** Gives the outbox its turns. */
@Injectable()
export class OutboxTicker {
  constructor(
    private readonly rounds: Rounds,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly dispatcher: Dispatcher,
    private readonly upkeep: Upkeep,
    private readonly followUps: FollowUps,
    private readonly uncertainties: Uncertainties,
  ) {}

  /** Each sender on its own, so that one whose carrier hangs does not hold up the others. */
  @Interval('dispatch', DISPATCH_MS)
  async dispatch(): Promise<void> {
    const { senders } = this.dispatcher;
    await Promise.all(
      senders.map((sender) => this.rounds.run(`dispatch ${sender}`, () => this.dispatcher.wake(sender))),
    );
  }

  @Interval('rescue', UPKEEP_MS)
  rescue(): Promise<void> {
    return this.repeat('rescue', () => this.upkeep.rescue(this.clock.now()));
  }

  @Interval('windows', UPKEEP_MS)
  windows(): Promise<void> {
    return this.repeat('windows', async () => {
      const expired = await this.upkeep.expire(this.clock.now());
      return expired + (await this.upkeep.reschedule(this.clock.now()));
    });
  }

  @Interval('follow-ups', FOLLOW_UP_MS)
  followUp(): Promise<void> {
    return this.repeat('follow-ups', async () => (await this.followUps.runOnce(this.clock.now())).looked);
  }

  @Interval('uncertain', UPKEEP_MS)
  uncertain(): Promise<void> {
    const { signal } = this.rounds;
    return this.repeat(
      'uncertain',
      async () => (await this.uncertainties.runOnce(this.clock.now(), signal)).looked,
    );
  }

  /** One batch after another until there is nothing left: what a bad hour piles up must not take a tick a batch. */
  private repeat(name: string, batch: () => Promise<number>): Promise<void> {
    return this.rounds.run(name, async () => {
      while ((await batch()) > 0 && !this.rounds.signal.aborted);
    });
  }
}
