import { reasonOf } from '#kernel/errors';
import type { Logger } from '#config/logger';

/** Told of each round, for metrics. */
export interface RoundObserver {
  ended(name: string, result: 'ok' | 'failed', seconds: number): void;
}

/**
 * Runs pieces of repeated work: never two of one name at once, never one that throws out of its ticker. A failure is
 * logged when it begins and when it is over, not every second in between; the next tick tries again.
 */
export class Rounds {
  private readonly running = new Map<string, Promise<void>>();
  private readonly failing = new Set<string>();
  private readonly aborted = new AbortController();

  constructor(
    private readonly log: Logger,
    private readonly observer?: RoundObserver,
  ) {}

  /** Aborts when the process stops: long work should end soon after. */
  get signal(): AbortSignal {
    return this.aborted.signal;
  }

  /** Does nothing while the last round of that name goes on, or once the process stops. */
  async run(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.running.has(name) || this.signal.aborted) return;
    const round = this.round(name, work);
    this.running.set(name, round);
    await round;
  }

  /** Begins no more, and resolves when the rounds going on have ended. */
  async stop(): Promise<void> {
    this.aborted.abort();
    await Promise.all(this.running.values());
  }

  private async round(name: string, work: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    try {
      await work();
      if (this.failing.delete(name)) this.log.info({ event: 'round_recovered', round: name });
      this.observer?.ended(name, 'ok', (performance.now() - began) / 1000);
    } catch (thrown) {
      // Only the message: an error object may carry the values of a statement.
      const level = this.failing.has(name) ? 'debug' : 'error';
      this.log[level]({ event: 'round_failed', round: name, reason: reasonOf(thrown) });
      this.failing.add(name);
      this.observer?.ended(name, 'failed', (performance.now() - began) / 1000);
    } finally {
      this.running.delete(name);
    }
  }
}
