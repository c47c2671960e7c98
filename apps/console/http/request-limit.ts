import { networkOf } from '#access/sign-in-throttle';
import type { Principal } from '#access/principal';

const WINDOW_MS = 60_000;
const MOST_KEYS = 20_000;
/** Requests a minute. A queue system posts records one by one; a live page asks every few seconds. */
const MOST = { stranger: 600, user: 1_800, token: 30_000 } as const;

/**
 * Keeps one client from taking the whole console: so many requests a minute by address for strangers, by account for
 * people and by token for programs. Held in memory: each process counts for itself, oldest keys make room.
 */
export class RequestLimit {
  private readonly windows = new Map<string, { readonly since: number; requests: number }>();

  constructor(private readonly most: Readonly<Record<keyof typeof MOST, number>> = MOST) {}

  /** Counts a request; milliseconds until the next is welcome, 0 when this one is. `now` is real time. */
  wait(address: string, principal: Pick<Principal, 'kind' | 'id'> | undefined, now: Date): number {
    const kind = principal?.kind ?? 'stranger';
    const key = principal ? `${kind} ${principal.id}` : networkOf(address);
    const window = this.windows.get(key);
    const at = now.getTime();
    if (!window || at - window.since >= WINDOW_MS) {
      this.open(key, at);
      return 0;
    }
    window.requests++;
    return window.requests > this.most[kind] ? window.since + WINDOW_MS - at : 0;
  }

  private open(key: string, since: number): void {
    this.windows.delete(key);
    const [oldest] = this.windows.keys();
    if (this.windows.size >= MOST_KEYS && oldest !== undefined) this.windows.delete(oldest);
    this.windows.set(key, { since, requests: 1 });
  }
}
