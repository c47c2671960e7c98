import { isIPv6 } from 'node:net';

const MISSES = 60;
const WINDOW_MS = 60_000;
const ADDRESSES_AT_MOST = 20_000;

/**
 * Keeps codes from being tried out: after 60 codes that do not exist, an address gets nothing for the rest of the
 * minute, hits included, so that it learns nothing more. Many people may share an address (mobile networks), so
 * opening real links costs nothing. Held in memory: each process counts for itself.
 */
export class MissLimit {
  private readonly windows = new Map<string, { since: number; misses: number }>();

  /** `realNow`: the machine's clock, in milliseconds. */
  constructor(private readonly realNow: () => number) {}

  isExhausted(ip: string): boolean {
    const window = this.windows.get(networkOf(ip));
    if (!window || this.realNow() - window.since >= WINDOW_MS) return false;
    return window.misses >= MISSES;
  }

  miss(ip: string): void {
    const network = networkOf(ip);
    const now = this.realNow();
    const window = this.windows.get(network);
    if (window && now - window.since < WINDOW_MS) {
      window.misses++;
      return;
    }
    this.windows.delete(network);
    if (this.windows.size >= ADDRESSES_AT_MOST) this.forgetOldest();
    this.windows.set(network, { since: now, misses: 1 });
  }

  /** A Map keeps its order of insertion, and a window is inserted when it begins. */
  private forgetOldest(): void {
    const oldest = this.windows.keys().next();
    if (!oldest.done) this.windows.delete(oldest.value);
  }
}

/** One household has a whole /64 of IPv6. */
function networkOf(ip: string): string {
  if (!isIPv6(ip) || ip.includes('.')) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const middle = ip.includes('::') ? Array.from({ length: 8 - before.length - after.length }, () => '0') : [];
  return [...before, ...middle, ...after].slice(0, 4).join(':');
}
