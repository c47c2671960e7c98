import type { CarrierFact } from '#channels/channel';
import type { Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import type { Clock } from '#kernel/clock';
import { recordFacts, type FactSource } from '#replies/record';
import type { Database } from '#store/database';

interface Waiting {
  readonly source: FactSource;
  readonly facts: readonly CarrierFact[];
  readonly done: (ids: string[]) => void;
  readonly failed: (thrown: unknown) => void;
}

/** Two statements in flight keep PostgreSQL busy while the next batch gathers. */
const IN_FLIGHT = 2;
/** A statement of a few rows costs nearly as much as one of many: beside another, a second one waits for so many calls. */
const WORTH_A_SECOND = 24;
/** Real milliseconds after which fewer will do: a statement that waits for something must not hold up the others. */
const HELD_UP_MS = 20;
const BATCH = 500;
const WAITING_AT_MOST = 20_000;

/**
 * Stores what webhooks bring, many calls in one statement: whatever arrives while a statement runs goes with the next
 * one. A call is answered only after its facts are committed.
 */
export class FactInbox {
  private waiting: Waiting[] = [];
  private inFlight = 0;
  private sent = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {}

  /** Resolves to the ids of the facts that were new once they are durable; rejects when they could not be stored. */
  store(source: FactSource, facts: readonly CarrierFact[]): Promise<string[]> {
    if (facts.length === 0) return Promise.resolve([]);
    return new Promise((done, failed) => {
      if (this.waiting.length >= WAITING_AT_MOST) {
        failed(
          new AppError('inbox_full', 'More calls arrive than can be stored; try again.', { status: 503 }),
        );
        return;
      }
      this.waiting.push({ source, facts, done, failed });
      this.pump();
    });
  }

  private pump(): void {
    while (this.inFlight < IN_FLIGHT && this.waiting.length >= (this.inFlight === 0 ? 1 : WORTH_A_SECOND)) {
      this.send();
    }
    if (this.waiting.length > 0 && this.inFlight < IN_FLIGHT) this.watch ??= this.watched();
  }

  private send(): void {
    const batch = this.waiting.splice(0, BATCH);
    this.inFlight++;
    this.sent++;
    void this.flush(batch).finally(() => {
      this.inFlight--;
      this.pump();
    });
  }

  /** Looks whether anything has set off meanwhile. */
  private watched(): NodeJS.Timeout {
    const sent = this.sent;
    return setTimeout(() => {
      this.watch = undefined;
      const heldUp = this.sent === sent && this.inFlight < IN_FLIGHT;
      if (heldUp && this.waiting.length > 0) this.send();
      else this.pump();
    }, HELD_UP_MS);
  }

  /** One statement for each sender in the batch; calls of one sender share its fate. */
  private async flush(batch: readonly Waiting[]): Promise<void> {
    const bySender = new Map<string, Waiting[]>();
    for (const call of batch) {
      const calls = bySender.get(call.source.sender);
      if (calls) calls.push(call);
      else bySender.set(call.source.sender, [call]);
    }
    await Promise.all([...bySender.values()].map((calls) => this.storeOf(calls)));
  }

  private async storeOf(calls: readonly Waiting[]): Promise<void> {
    const [first] = calls;
    if (!first) return;
    try {
      const facts = calls.flatMap((call) => call.facts);
      const stored = await recordFacts(this.database, this.vault, first.source, facts, this.clock.now());
      for (const call of calls) call.done(call.facts.flatMap(({ dedupeKey }) => stored.get(dedupeKey) ?? []));
    } catch (thrown) {
      if (calls.length === 1) first.failed(thrown);
      // One call that PostgreSQL cannot take must not refuse the others.
      else for (const call of calls) await this.storeOf([call]);
    }
  }
}
