import type { Clock } from '#kernel/clock';
import type { Database } from '#store/database';
import { messageClaimDue, type ClaimAnswer, type ClaimRequest } from './claim.sql.js';
import { senderRoom } from './sender.sql.js';

/** Real time for which a sender found without a cap is not asked again. */
const UNCAPPED_MS = 5_000;

/**
 * Claims no more than a sender may have in flight, all workers together: carriers count requests at the same time by
 * account. A sender without a cap costs nothing; one with a cap is claimed for by one worker at a time.
 */
export class InFlightCap {
  private uncappedUntil = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    const real = this.clock.real().getTime();
    if (real < this.uncappedUntil) return messageClaimDue(this.database, request);
    return this.database.transaction(async (tx) => {
      // Counted by a statement of its own, after the lock: it sees what the last claim took.
      const room = await senderRoom(tx, request.sender);
      if (room === null) {
        this.uncappedUntil = real + UNCAPPED_MS;
        return messageClaimDue(tx, request);
      }
      if (room <= 0) return { claimed: [], more: false, turn: request.turn };
      return messageClaimDue(tx, { ...request, limit: Math.min(room, request.limit) });
    });
  }
}
