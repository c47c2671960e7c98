import type { Clock } from '#kernel/clock';
import type { Carrier } from './faults.js';

/** What a carrier takes at most; more is answered with "too many requests" and not done. */
export interface Limit {
  /** Requests in any real second. */
  readonly perSecond?: number | undefined;
  /** Requests at the same time, as Twilio counts. */
  readonly concurrent?: number | undefined;
}

/** How busy each carrier is, and whether it can take one request more. */
export class Limits {
  private limits = new Map<Carrier, Limit>();
  private inFlight = new Map<Carrier, number>();
  private recent = new Map<Carrier, number[]>();

  constructor(private readonly clock: Clock) {}

  set(carrier: Carrier, limit: Limit): void {
    this.limits.set(carrier, limit);
  }

  all(): Record<string, Limit> {
    return Object.fromEntries(this.limits);
  }

  clear(): void {
    this.limits.clear();
    this.recent.clear();
  }

  /** Counts one request in; false when it is one too many. Whatever it returns, `leave` has to follow. */
  enter(carrier: Carrier): boolean {
    const now = this.clock.real().getTime();
    const limit = this.limits.get(carrier);
    const busy = (this.inFlight.get(carrier) ?? 0) + 1;
    this.inFlight.set(carrier, busy);
    if (!limit) return true;
    const recent = (this.recent.get(carrier) ?? []).filter((at) => at > now - 1000);
    this.recent.set(carrier, recent);
    if (busy > (limit.concurrent ?? Infinity) || recent.length >= (limit.perSecond ?? Infinity)) return false;
    recent.push(now);
    return true;
  }

  leave(carrier: Carrier): void {
    this.inFlight.set(carrier, (this.inFlight.get(carrier) ?? 1) - 1);
  }
}
