import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from '#config/logger';
import { Retention } from '#contacts/retention';
import type { Clock } from '#kernel/clock';
import { CLOCK, LOG } from '#store/process';
import { Rounds } from './rounds.js';

/** Real milliseconds: what is kept for days may stay ten minutes longer. */
const RETENTION_MS = 600_000;

/** Gives retention its turns. */
@Injectable()
export class RetentionTicker {
  constructor(
    private readonly rounds: Rounds,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly retention: Retention,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  @Interval('retention', RETENTION_MS)
  remove(): Promise<void> {
    return this.rounds.run('retention', async () => {
      const removed = await this.retention.runOnce(this.clock.now(), this.rounds.signal);
      if (Object.keys(removed).length > 0) this.log.info({ event: 'retention_removed', removed });
    });
  }
}
