import type { Clock } from '#kernel/clock';
import type { Queryable } from '#store/database';
import { senderTakeParts } from './pace.sql.js';

/** Real time for which a sender found without a limit is not asked again. */
const UNLIMITED_MS = 5_000;
/** Parts of a message before any was seen: an ordinary Ukrainian invitation. */
const USUAL_PARTS = 2;
/** How fast the average follows what is sent. */
const WEIGHT = 0.1;

/**
 * How fast a lane may go. Carriers count parts, and how many a message takes is known only once it is written: so the
 * lane asks for what messages usually take and settles the difference with the next request.
 */
export class Pace {
  private usual = USUAL_PARTS;
  private owed = 0;
  private unlimitedUntil = -Infinity;

  constructor(
    private readonly db: Queryable,
    private readonly clock: Clock,
    private readonly sender: string,
  ) {}

  /** Whether parts are counted at the moment. */
  get limited(): boolean {
    return this.unlimitedUntil === -Infinity;
  }

  /** How many of `limit` messages may be claimed now. */
  async allow(limit: number): Promise<number> {
    const real = this.clock.real();
    if (real.getTime() < this.unlimitedUntil) return limit;
    const want = Math.ceil(limit * this.usual);
    const granted = await senderTakeParts(this.db, { sender: this.sender, want, owed: this.owed, real });
    if (granted === null) {
      this.unlimitedUntil = real.getTime() + UNLIMITED_MS;
      this.owed = 0;
      return limit;
    }
    this.unlimitedUntil = -Infinity;
    this.owed = -granted;
    return granted === 0 ? 0 : Math.min(limit, Math.max(1, Math.floor(granted / this.usual)));
  }

  /** A message of so many parts is being sent. */
  spend(parts: number): void {
    this.owed += parts;
    this.usual += WEIGHT * (parts - this.usual);
  }
}
