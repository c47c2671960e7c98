const WINDOW_MS = 15 * 60_000;
const PER_ACCOUNT = 5;
const PER_ADDRESS = 30;
const MOST_KEYS = 10_000;

interface Failures {
  count: number;
  readonly since: number;
}

/**
 * Slows guessing: after five failures for one account from one address, or thirty from one address for any, sign-in
 * is refused until fifteen minutes after the first of them. Kept in memory, so each console process counts on its
 * own. The account is counted together with the address, so a stranger cannot lock someone else out.
 */
export class SignInAttempts {
  private readonly failures = new Map<string, Failures>();

  /**
   * Milliseconds until another attempt is welcome. When it is 0 the attempt counts as failed from now on, until
   * `succeeded` takes it back: guesses sent at once must not pass before the first is judged. `now` is real time.
   */
  begin(email: string, address: string, now: Date): number {
    const account = accountKey(email, address);
    const wait = Math.max(this.wait(account, PER_ACCOUNT, now), this.wait(address, PER_ADDRESS, now));
    if (wait === 0) for (const key of [account, address]) this.count(key, now);
    return wait;
  }

  /** The password was right: the account is clear again, and the address is not blamed for this attempt. */
  succeeded(email: string, address: string): void {
    this.failures.delete(accountKey(email, address));
    const known = this.failures.get(address);
    if (known) known.count = Math.max(0, known.count - 1);
  }

  private count(key: string, now: Date): void {
    const known = this.standing(key, now);
    if (known) known.count++;
    else this.remember(key, { count: 1, since: now.getTime() });
  }

  private wait(key: string, allowed: number, now: Date): number {
    const known = this.standing(key, now);
    return known && known.count >= allowed ? known.since + WINDOW_MS - now.getTime() : 0;
  }

  private standing(key: string, now: Date): Failures | undefined {
    const known = this.failures.get(key);
    if (!known || known.since + WINDOW_MS > now.getTime()) return known;
    this.failures.delete(key);
    return undefined;
  }

  /** The oldest entry makes room, so a flood of made-up addresses cannot fill the memory. */
  private remember(key: string, failures: Failures): void {
    const [oldest] = this.failures.keys();
    if (this.failures.size >= MOST_KEYS && oldest !== undefined) this.failures.delete(oldest);
    this.failures.set(key, failures);
  }
}

function accountKey(email: string, address: string): string {
  return `${address} ${email.trim().toLowerCase()}`;
}
