import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Clock } from '#kernel/clock';
import { CLOCK } from '#store/process';
import { Feeds } from '#intake/feeds/feeds';
import { Planner } from '#planning/planner';
import { FactApplier } from '#replies/fact-applier';
import { RollUps } from '#reporting/roll-ups';
import { Rounds } from './rounds.js';

/** Real milliseconds between looks. */
const PLANNING_MS = 1_000;
const FACTS_MS = 2_000;
const FEEDS_MS = 5_000;
const ROLL_UPS_MS = 30_000;

/** Gives the feeds, planning, replies and roll-ups their turns. */
@Injectable()
export class PathTicker {
  constructor(
    private readonly rounds: Rounds,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly feeds: Feeds,
    private readonly planner: Planner,
    private readonly facts: FactApplier,
    private readonly rollUps: RollUps,
  ) {}

  /** Watched folders and tables of queue systems, where the data dir has feed files. */
  @Interval('feeds', FEEDS_MS)
  visitFeeds(): Promise<void> {
    return this.rounds.run('feeds', () => this.feeds.runOnce());
  }

  /** Goes on as long as there is something to decide, so that a large import does not take a second a batch. */
  @Interval('planning', PLANNING_MS)
  planning(): Promise<void> {
    return this.rounds.run('planning', async () => {
      for (let decided = true; decided && !this.rounds.signal.aborted;) {
        const { taken, waiting } = await this.planner.runOnce(this.clock.now());
        decided = taken > waiting;
      }
    });
  }

  /** What the gateway stored and could not apply, and receipts that overtook their message. */
  @Interval('facts', FACTS_MS)
  pendingFacts(): Promise<void> {
    return this.rounds.run('facts', () => this.facts.applyPending());
  }

  /** Closed days, and days that changed late, are counted anew; goes on while there are any. */
  @Interval('roll-ups', ROLL_UPS_MS)
  rollUp(): Promise<void> {
    return this.rounds.run('roll-ups', async () => {
      const { signal } = this.rounds;
      for (let counted = true; counted && !signal.aborted;) {
        const { days, postponed } = await this.rollUps.runOnce(this.clock.now(), signal);
        counted = days + postponed > 0;
      }
    });
  }
}
