import { setTimeout } from 'node:timers/promises';
import type { FactApplier } from '#replies/fact-applier';
import type { GatewayMetrics } from '../metrics.js';

const BATCH = 1_000;
const WAITING_AT_MOST = 50_000;
/** Real milliseconds in which receipts gather: a batch costs much less than its parts, and nobody waits for it. */
const GATHER_MS = 200;
/**
 * While this many come in that time the database is theirs: a carrier that gets no answer comes again, which makes a
 * flood worse. Nothing waits longer than the patience for the flood to end, so that a long one is worked off too.
 */
const FLOOD = 200;
const PATIENCE_MS = 2_000;

/**
 * Applies receipts behind the answers to their calls, many at a time and one batch after another. What does not fit
 * is left to the worker, which applies whatever is stored: a flood costs delay, never a fact.
 */
export class FactFollower {
  private waiting: string[] = [];
  /** Since the last look. */
  private arrived = 0;
  private running: Promise<void> | undefined;

  constructor(
    private readonly applier: FactApplier,
    private readonly metrics: GatewayMetrics,
  ) {}

  follow(ids: readonly string[]): void {
    const room = WAITING_AT_MOST - this.waiting.length;
    this.waiting.push(...ids.slice(0, room));
    this.arrived += ids.length;
    if (ids.length > room) this.metrics.unapplied.inc({ why: 'flood' }, ids.length - Math.max(room, 0));
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  /** Applies one batch more at most and leaves the rest to the worker: a process that ends has ten seconds. */
  async stop(): Promise<void> {
    this.waiting.splice(BATCH);
    await this.idle();
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      if (this.waiting.length < BATCH || this.arrived >= FLOOD) await this.gather();
      const batch = this.waiting.splice(0, BATCH);
      // A database that is away fails the whole batch. It is stored, and a worker applies it later; nobody waits here.
      const failed = await this.applier.apply(batch).then(
        (counts) => counts.failed,
        () => batch.length,
      );
      if (failed > 0) this.metrics.unapplied.inc({ why: 'error' }, failed);
    }
  }

  private async gather(): Promise<void> {
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += GATHER_MS) {
      this.arrived = 0;
      await setTimeout(GATHER_MS);
      if (this.arrived < FLOOD) return;
    }
    this.arrived = 0;
  }
}
