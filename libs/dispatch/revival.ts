import type { Channel } from '#channels/channel';
import type { Clock } from '#kernel/clock';
import type { Queryable } from '#store/database';
import { senderResume, sendersStopped } from './sender.sql.js';

const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;
/** A sender that ran this long since it was revived starts over with the shortest wait. */
const STEADY_MS = 30 * 60_000;

interface Patience {
  readonly waitMs: number;
  /** Real, in milliseconds. */
  readonly probeAt: number;
}

/**
 * Lets stopped senders go on by themselves once their account works again: a stop needs no hand. An account that the
 * probe finds well and that is refused again is asked ever more rarely.
 */
export class Revival {
  private readonly patience = new Map<string, Patience>();

  constructor(
    private readonly db: Queryable,
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<string, Channel>,
  ) {}

  /** Probes the senders whose wait is over; returns the keys of those that go on. */
  async runOnce(now: Date, signal: AbortSignal): Promise<string[]> {
    const revived: string[] = [];
    for (const { key } of await sendersStopped(this.db)) {
      const channel = this.channels.get(key);
      if (!channel || signal.aborted || !this.isDue(key)) continue;
      const { ok } = await channel.probe(signal);
      if (ok && (await senderResume(this.db, key, now))) revived.push(key);
    }
    return revived;
  }

  /** Begins the wait when a sender is first seen stopped, and doubles it with each probe. */
  private isDue(key: string): boolean {
    const real = this.clock.real().getTime();
    const known = this.patience.get(key);
    if (!known || real > known.probeAt + STEADY_MS) {
      this.patience.set(key, { waitMs: FIRST_WAIT_MS, probeAt: real + FIRST_WAIT_MS });
      return false;
    }
    if (real < known.probeAt) return false;
    const waitMs = Math.min(LONGEST_WAIT_MS, known.waitMs * 2);
    this.patience.set(key, { waitMs, probeAt: real + waitMs });
    return true;
  }
}
