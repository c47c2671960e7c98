import type { Clock } from '#kernel/clock';
import { asError } from '#kernel/errors';
import type { Database, Queryable } from '#store/database';
import { senderStop } from './sender.sql.js';
import { accountRefusals, recordRefusals } from './refusal.sql.js';
import { messageSettle } from './settle.sql.js';
import { refusedAgain, type Settlement } from './settlement.policy.js';

/** Larger ones gain nothing and hold their rows locked for longer. */
const LARGEST_BATCH = 1_000;
/** A statement costs as much as some thirty results in it; so many share it well enough. */
const FULL_BATCH = 256;
/** Real time that the first result of a batch waits for company: a crash meanwhile leaves them in doubt. */
const GATHER_MS = 15;

/**
 * Collects the ends of attempts and writes them in batches: what piles up while one batch is being written is in the next,
 * and a small one waits for company for a moment, so a busy sender costs one statement for hundreds of messages.
 * What could not be written stays and is tried again by `flush`; the lease bounds how long that is of use.
 */
export class Settler {
  private readonly pile: Settlement[] = [];
  private writing: Promise<void> | undefined;
  private failure: Error | undefined;
  /** Ends the waiting for company. */
  private hurry: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sender: string,
    /** Told how many of a batch were ours to settle. */
    private readonly onSettled: (settled: readonly Settlement[], late: number) => void,
    /** Told whenever nothing is being written any more. */
    private readonly onRest: () => void,
    /** Told of a result that could not be written in any form. */
    private readonly onUnwritten: () => void = () => undefined,
  ) {}

  get waiting(): number {
    return this.pile.length;
  }

  /** The last batch could not be written and waits for `flush`. */
  get stuck(): boolean {
    return this.failure !== undefined;
  }

  add(settlement: Settlement): void {
    this.pile.push(settlement);
    if (this.pile.length >= FULL_BATCH) this.hurry?.();
    // After a failure only flush tries again: a database that is down is not asked once a message.
    if (!this.writing && this.failure === undefined) this.start(() => this.gather());
  }

  /** Writes what waits; resolves when nothing is left. Rejects with what kept it from being written. */
  async flush(): Promise<void> {
    this.failure = undefined;
    while (this.pile.length > 0 || this.writing) {
      this.hurry?.();
      if (!this.writing) this.start(() => Promise.resolve());
      await this.writing;
      // Read anew: the batch just written may have failed.
      const failure = this.failure as Error | undefined;
      if (failure) throw failure;
    }
  }

  private start(gathered: () => Promise<void>): void {
    this.writing = this.drain(gathered).finally(() => {
      this.writing = undefined;
      this.onRest();
    });
  }

  private gather(): Promise<void> {
    if (this.pile.length >= FULL_BATCH) return Promise.resolve();
    return new Promise((resolve) => {
      const begin = (): void => {
        clearTimeout(timer);
        this.hurry = undefined;
        resolve();
      };
      const timer = setTimeout(begin, GATHER_MS);
      this.hurry = begin;
    });
  }

  private async drain(gathered: () => Promise<void>): Promise<void> {
    while (this.pile.length > 0) {
      await gathered();
      const batch = this.pile.splice(0, LARGEST_BATCH);
      try {
        await this.write(batch);
      } catch (thrown) {
        this.pile.unshift(...batch);
        this.failure = asError(thrown);
        return;
      }
    }
  }

  /**
   * One bad result (an id the carrier gave twice, something no column takes) must not hold up the others: it is found by
   * halving, and written with less and less of what the carrier said. One that cannot be written at all is dropped:
   * its lease runs out, and the message is in doubt.
   */
  private async write(batch: readonly Settlement[]): Promise<void> {
    try {
      await this.writeTogether(batch);
    } catch (thrown) {
      if (!isDataError(thrown)) throw thrown;
      const [only] = batch;
      if (batch.length === 1 && only) return this.writeLess(only);
      const middle = batch.length >> 1;
      await this.write(batch.slice(0, middle));
      await this.write(batch.slice(middle));
    }
  }

  private async writeLess(settlement: Settlement): Promise<void> {
    const lesser = [...(settlement.externalId === null ? [] : [withoutId(settlement)]), bare(settlement)];
    for (const one of lesser) {
      try {
        return await this.writeTogether([one]);
      } catch (thrown) {
        if (!isDataError(thrown)) throw thrown;
      }
    }
    this.onUnwritten();
  }

  private async writeTogether(batch: readonly Settlement[]): Promise<void> {
    const now = this.clock.now();
    const effects = batch.some(({ effect }) => effect !== null);
    const ids = effects
      ? await this.database.transaction(async (tx) => this.withEffects(tx, batch, now))
      : await messageSettle(this.database, batch, now);
    const ours = new Set(ids);
    const settled = batch.filter(({ id }) => ours.has(id));
    this.onSettled(settled, batch.length - settled.length);
  }

  private async withEffects(tx: Queryable, given: readonly Settlement[], now: Date): Promise<string[]> {
    const batch = await this.judgeRefused(tx, given, now);
    const ids = await messageSettle(tx, batch, now);
    const ours = new Set(ids);
    const having = (effect: Settlement['effect']): Settlement[] =>
      batch.filter((settlement) => settlement.effect === effect && ours.has(settlement.id));
    await recordRefusals(
      tx,
      having('suppress').map(({ id }) => id),
      now,
    );
    const [refusal] = having('stop_sender');
    if (refusal) await senderStop(tx, this.sender, refusal.detail ?? 'refused by the carrier', now);
    return ids;
  }

  private async judgeRefused(
    tx: Queryable,
    batch: readonly Settlement[],
    now: Date,
  ): Promise<readonly Settlement[]> {
    const refused = batch.filter(({ effect }) => effect === 'stop_sender').map(({ id }) => id);
    if (refused.length === 0) return batch;
    const before = await accountRefusals(tx, refused);
    return batch.map((settlement) => {
      const known = settlement.effect === 'stop_sender' ? before.get(settlement.id) : undefined;
      return known ? refusedAgain(settlement, known.kind, known.times, now) : settlement;
    });
  }
}

/**
 * An error about the values themselves, as opposed to the connection or a lost race: classes 22 and 23, and a value too
 * long for an index or a row (54000). https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function isDataError(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown }).code;
  return typeof code === 'string' && /^(2[23]|54000$)/.test(code);
}

/** The message was accepted, but under an id that another message holds: nobody can tell their receipts apart. */
function withoutId(settlement: Settlement): Settlement {
  return { ...settlement, externalId: null, detail: 'accepted with an id that another message has' };
}

/** Only what is ours: where it leads. An acceptance of which nothing can be kept is a doubt. */
function bare(settlement: Settlement): Settlement {
  const detail = "the carrier's answer cannot be stored";
  const kept = { ...settlement, externalId: null, parts: null, vendorCode: null, detail };
  if (settlement.state !== 'accepted') return kept;
  return { ...kept, state: 'uncertain', outcome: 'uncertain', reason: 'unknown_outcome' };
}
