import { setTimeout } from 'node:timers/promises';
import type { FactApplier } from '#replies/fact-applier';
import type { GatewayMetrics } from '../metrics.js';

const BATCH = 1_000;
const WAITING_AT_MOST = 10_000;
/**
 * Real milliseconds in which receipts gather: a batch costs much less than its parts, nobody waits for it, and while
 * calls rush in the database is theirs.
 */
const GATHER_MS = 200;

/**
 * Applies receipts behind the answers to their calls, many at a time and one batch after another. What does not fit
 * is left to the worker, which applies whatever is stored: a flood costs delay, never a fact.
 */
export class FactFollower {
  private waiting: string[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly applier: FactApplier,
    private readonly metrics: GatewayMetrics,
  ) {}

  follow(ids: readonly string[]): void {
    const room = WAITING_AT_MOST - this.waiting.length;
    this.waiting.push(...ids.slice(0, room));
    if (ids.length > room) this.metrics.unapplied.inc({ why: 'flood' }, ids.length - Math.max(room, 0));
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      await setTimeout(GATHER_MS);
      const { failed } = await this.applier.apply(this.waiting.splice(0, BATCH));
      if (failed > 0) this.metrics.unapplied.inc({ why: 'error' }, failed);
    }
  }
}
