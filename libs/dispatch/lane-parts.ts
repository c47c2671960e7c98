import type { Clock } from '#kernel/clock';
import type { Database } from '#store/database';
import type { Composer } from './composer.js';
import type { Definitions } from './definitions.js';
import type { Settlement } from './settlement.policy.js';

/** What every lane of a process shares. */
export interface LaneParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly definitions: Definitions;
  readonly composer: Composer;
  /** Names this process in claims and attempts. */
  readonly worker: string;
  /** Requests in flight at most for each sender; a channel may allow fewer. */
  readonly concurrency: number;
  readonly observer?: DispatchObserver;
}

/** Told of what happened, for metrics. Must not throw. */
export interface DispatchObserver {
  claimed(sender: string, count: number): void;
  /** `late`: results that came after another worker had taken the message over, and changed nothing. */
  settled(sender: string, settlements: readonly Settlement[], late: number): void;
  /** A result that the database takes in no form; the message is in doubt once its lease ends. */
  unwritten(sender: string): void;
}

export type LaneCounts = { claimed: number; late: number } & Record<Settlement['outcome'], number>;

export function noCounts(): LaneCounts {
  return { claimed: 0, late: 0, accepted: 0, rejected: 0, deferred: 0, blocked: 0, uncertain: 0 };
}
