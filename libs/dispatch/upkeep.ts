import { closingAfter, nextOpening } from '#kernel/window';
import type { Clock } from '#kernel/clock';
import type { Database } from '#store/database';
import type { Definitions } from './definitions.js';
import { FIRST_LOOK_MS } from './settlement.policy.js';
import {
  claimsForget,
  messageClosed,
  messageExpire,
  messageMissWindow,
  messageMove,
  messageRescue,
  type ClosedMessage,
} from './upkeep.sql.js';

const BATCH = 500;

export interface UpkeepCounts {
  readonly rescued: number;
  readonly moved: number;
  readonly expired: number;
}

/** Keeps the outbox in order: what waits in vain is cancelled or moved, what a dead worker held is set free. */
export class Upkeep {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly definitions: Definitions,
  ) {}

  /** One batch of each; counts below the batch size mean that nothing is left. */
  async runOnce(now: Date): Promise<UpkeepCounts> {
    const rescued = await this.rescue(now);
    const expired = await this.expire(now);
    const moved = await this.reschedule(now);
    return { rescued, expired, moved };
  }

  /** Also forgets claims that are over. Leases are real time, so `now` is only written down. */
  async rescue(now: Date): Promise<number> {
    const followUpAt = this.clock.after(FIRST_LOOK_MS);
    const rescued = await messageRescue(this.database, {
      now,
      real: this.clock.real(),
      followUpAt,
      limit: BATCH,
    });
    await claimsForget(this.database, this.clock.real());
    return rescued.length;
  }

  /** Moves messages whose window closed to its next opening; cancels those that would then be too late. */
  async reschedule(now: Date): Promise<number> {
    return this.database.transaction(async (tx) => {
      const closed = await messageClosed(tx, now, BATCH);
      if (closed.length === 0) return 0;
      await this.definitions.load(closed.map(({ campaignId }) => campaignId));
      const moves = closed.map((message) => this.nextMove(message, now));
      const inTime = moves.filter((move) => move !== undefined);
      await messageMove(tx, inTime);
      const tooLate = closed.filter((_, place) => moves[place] === undefined).map(({ id }) => id);
      await messageMissWindow(tx, tooLate, now);
      return inTime.length;
    });
  }

  /** Cancels what is past its last moment. */
  expire(now: Date): Promise<number> {
    return messageExpire(this.database, now, BATCH);
  }

  private nextMove(
    message: ClosedMessage,
    now: Date,
  ): { id: string; dueAt: Date; closesAt: Date | null } | undefined {
    const window = this.definitions.campaign(message.campaignId)?.window;
    if (!window || message.timezone === null) return { id: message.id, dueAt: now, closesAt: null };
    const dueAt = nextOpening(now, window, message.timezone);
    if (!dueAt || dueAt >= message.notAfter) return undefined;
    return { id: message.id, dueAt, closesAt: closingAfter(dueAt, window, message.timezone) ?? null };
  }
}
