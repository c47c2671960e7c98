import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Channel } from '#channels/channel';
import type { Logger } from '#config/logger';
import { Revival } from '#dispatch/revival';
import type { Clock } from '#kernel/clock';
import { CLOCK, LOG } from '#store/process';
import { CHANNELS, PUBLIC_URL } from './tokens.js';
import { Rounds } from './rounds.js';

/** A gateway that starts beside us is up in a few seconds, and without its webhook a bot cannot send. */
const REGISTER_MS = 15_000;
const REVIVAL_MS = 10_000;
const CALL_LIMIT_MS = 30_000;

/** Tells carriers where our webhooks are until each has taken the address, and lets stopped senders go on. */
@Injectable()
export class SendersTicker {
  private readonly registered = new Set<string>();

  constructor(
    private readonly rounds: Rounds,
    private readonly revival: Revival,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CHANNELS) private readonly channels: ReadonlyMap<string, Channel>,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  @Interval('webhooks', REGISTER_MS)
  register(): Promise<void> {
    return this.rounds.run('webhooks', async () => {
      for (const [sender, channel] of this.channels) {
        if (!channel.register || this.registered.has(sender)) continue;
        const signal = AbortSignal.any([this.rounds.signal, AbortSignal.timeout(CALL_LIMIT_MS)]);
        const { ok, detail } = await channel.register(this.publicUrl, signal);
        if (ok) this.registered.add(sender);
        this.log[ok ? 'info' : 'warn']({
          event: ok ? 'webhook_registered' : 'webhook_refused',
          sender,
          detail,
        });
      }
    });
  }

  @Interval('revival', REVIVAL_MS)
  revive(): Promise<void> {
    return this.rounds.run('revival', async () => {
      const signal = AbortSignal.any([this.rounds.signal, AbortSignal.timeout(CALL_LIMIT_MS)]);
      for (const sender of await this.revival.runOnce(this.clock.now(), signal)) {
        this.log.info({ event: 'sender_resumed', sender });
      }
    });
  }
}
