import { isIPv6 } from 'node:net';
import type { Vault } from '#contacts/vault';
import { randomToken, secretsEqual, sha256 } from '#kernel/ids';
import type { Queryable } from '#store/database';

const WINDOW_MS = 15 * 60_000;
const PER_ADDRESS = 30;
const PER_ACCOUNT_AND_ADDRESS = 5;
const PER_KNOWN_DEVICE = 10;
const PER_ACCOUNT_ELSEWHERE = 20;
const SWEEP_EVERY = 50;

/** Who tries to sign in, as far as guesses are counted together. */
export interface Attempt {
  readonly email: string;
  readonly address: string;
  /** The device cookie, when the browser sent one. */
  readonly device: string | undefined;
}

/**
 * Slows guessing, over all console processes: after 5 failures for one account from one address, 30 from one address,
 * or 20 for one account from anywhere, sign-in is refused until fifteen minutes after the first of them. A browser
 * that this person has signed in with before carries a device cookie and is counted on its own: so strangers who keep
 * an account busy do not lock its owner out (OWASP, "Slow down online guessing attacks with device cookies").
 */
export class SignInThrottle {
  private begun = 0;

  constructor(private readonly vault: Pick<Vault, 'hash'>) {}

  /**
   * Milliseconds until another attempt is welcome. When it is 0 the attempt counts as failed from now on, until
   * `succeeded` takes it back: guesses sent at once must not pass before the first is judged. `now` is real time.
   */
  async begin(db: Queryable, attempt: Attempt, now: Date): Promise<number> {
    if (this.begun++ % SWEEP_EVERY === 0) {
      await db.query('delete from sign_in_failure where began_at <= $1', [since(now)]);
    }
    const wait = await this.count(db, [[addressBucket(attempt), PER_ADDRESS]], now);
    // A refused address fills no further rows, whatever accounts it makes up.
    return wait > 0 ? wait : this.count(db, this.accountBuckets(attempt), now);
  }

  /** The person is who they say: their account is clear for this browser, and the address is not blamed. */
  async succeeded(db: Queryable, attempt: Attempt): Promise<void> {
    const [own, elsewhere] = this.accountBuckets(attempt).map(([bucket]) => bucket);
    await db.query('delete from sign_in_failure where bucket = $1', [own]);
    await db.query(
      'update sign_in_failure set failures = greatest(0, failures - 1) where bucket = any($1::bytea[])',
      [[addressBucket(attempt), elsewhere].filter((bucket) => bucket !== undefined)],
    );
  }

  /** A cookie by which this browser is known again for this account. */
  newDevice(email: string): string {
    const nonce = randomToken(22);
    return `${nonce}.${this.signature(email, nonce)}`;
  }

  isKnown({ email, device }: Attempt): boolean {
    const [nonce = '', signature = ''] = device?.split('.') ?? [];
    return secretsEqual(signature, this.signature(email, nonce));
  }

  /** The bucket that success clears comes first. */
  private accountBuckets(attempt: Attempt): (readonly [Buffer, number])[] {
    const email = attempt.email.trim().toLowerCase();
    if (this.isKnown(attempt)) return [[sha256(`device|${email}|${attempt.device}`), PER_KNOWN_DEVICE]];
    return [
      [sha256(`pair|${email}|${networkOf(attempt.address)}`), PER_ACCOUNT_AND_ADDRESS],
      [sha256(`account|${email}`), PER_ACCOUNT_ELSEWHERE],
    ];
  }

  private async count(
    db: Queryable,
    buckets: readonly (readonly [Buffer, number])[],
    now: Date,
  ): Promise<number> {
    const { rows } = await db.query<{ bucket: Buffer; failures: number; beganAt: Date }>(
      `insert into sign_in_failure as f (bucket, failures, began_at)
       select bucket, 1, $2::timestamptz from unnest($1::bytea[]) as given (bucket) order by bucket
       on conflict (bucket) do update set
         failures = case when f.began_at <= $3 then 1 else f.failures + 1 end,
         began_at = case when f.began_at <= $3 then $2 else f.began_at end
       returning bucket, failures, began_at as "beganAt"`,
      [buckets.map(([bucket]) => bucket), now, since(now)],
    );
    const waits = rows.map(({ bucket, failures, beganAt }) => {
      const allowed = buckets.find(([known]) => known.equals(bucket))?.[1] ?? 0;
      return failures > allowed ? beganAt.getTime() + WINDOW_MS - now.getTime() : 0;
    });
    return Math.max(0, ...waits);
  }

  private signature(email: string, nonce: string): string {
    return this.vault.hash(`device:${email.trim().toLowerCase()}:${nonce}`).toString('hex');
  }
}

function since(now: Date): Date {
  return new Date(now.getTime() - WINDOW_MS);
}

function addressBucket({ address }: Attempt): Buffer {
  return sha256(`address|${networkOf(address)}`);
}

/** One household or server has a whole /64 of IPv6. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const gap = address.includes('::')
    ? Array.from({ length: 8 - before.length - after.length }, () => '0')
    : [];
  return [...before, ...gap, ...after].slice(0, 4).join(':');
}
