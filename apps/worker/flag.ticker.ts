import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { StaffFlags } from '#intake/staff-flags';
import type { Clock } from '#kernel/clock';
import { CLOCK } from '#store/process';
import { Rounds } from './rounds.js';

/** Real milliseconds between looks. */
const FLAGS_MS = 20_000;

/** Gives the signs of made-up records their turns. */
@Injectable()
export class FlagTicker {
  constructor(
    private readonly rounds: Rounds,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly flags: StaffFlags,
  ) {}

  /** Goes on while a large import is being looked through. */
  @Interval('flags', FLAGS_MS)
  flag(): Promise<void> {
    return this.rounds.run('flags', async () => {
      for (let more = true; more && !this.rounds.signal.aborted;) {
        ({ more } = await this.flags.runOnce(this.clock.now()));
      }
    });
  }
}
