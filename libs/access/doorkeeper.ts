import type { Logger } from '#config/logger';
import type { Clock } from '#kernel/clock';
import type { Database } from '#store/database';
import type { Actor, AuditLog } from './audit-log.js';
import type { SecondFactors } from './second-factor.js';
import {
  awaitCode,
  closeSession,
  findAwaiting,
  openSession,
  spendCodeTry,
  type OpenedSession,
  type SignedIn,
} from './sessions.js';
import type { SignInThrottle } from './sign-in-throttle.js';
import { givenTooLongAgo, judgePassword, verifyUser, type User } from './users.js';

/** Where somebody stands at the door, and what their browser brought. */
export interface Visitor {
  readonly address: string;
  readonly agent: string;
  readonly device: string | undefined;
  /** The session cookie of before, which the new session replaces. */
  readonly session: string | undefined;
}

/** The session that was opened, and the cookie by which the browser is known again. */
export interface Inside {
  readonly kind: 'in';
  readonly session: OpenedSession;
  readonly device: string;
}

/** What becomes of an attempt: in; a code is still due; refused; or refused for so many milliseconds. */
export type Entrance =
  | Inside
  | { readonly kind: 'code'; readonly session: OpenedSession }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'expired' }
  /** The password that somebody gave them has waited too long to be changed. */
  | { readonly kind: 'lapsed' }
  | { readonly kind: 'wait'; readonly waitMs: number };

/** The way in: password, then a code where there is a second factor; or the organisation's provider. */
export class Doorkeeper {
  constructor(
    private readonly database: Database,
    private readonly clock: Pick<Clock, 'real'>,
    private readonly audit: AuditLog,
    private readonly throttle: SignInThrottle,
    private readonly factors: SecondFactors,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  async byPassword(given: { email: string; password: string }, visitor: Visitor): Promise<Entrance> {
    const attempt = { email: given.email, address: visitor.address, device: visitor.device };
    const now = this.clock.real();
    const waitMs = await this.throttle.begin(this.database, attempt, now);
    if (waitMs > 0) return this.refused('throttled', visitor, { kind: 'wait', waitMs });
    const user = await verifyUser(this.database, given.email, given.password);
    if (!user) return this.refused('wrong_password', visitor, { kind: 'wrong' });
    if (await givenTooLongAgo(this.database, user, now)) {
      return this.refused('password_lapsed', visitor, { kind: 'lapsed' });
    }
    await judgePassword(this.database, user, given.password);
    if (user.secondFactor) {
      const session = await awaitCode(this.database, user.id, signedIn(visitor, 'password'), now);
      return { kind: 'code', session };
    }
    await this.throttle.succeeded(this.database, attempt);
    return this.enter(user, visitor, { via: 'password' }, this.throttle.isKnown(attempt));
  }

  /** `anteroom`: the token of the session that awaits the code. */
  async byCode(
    anteroom: string,
    code: string,
    visitor: Visitor,
  ): Promise<Exclude<Entrance, { kind: 'code' | 'lapsed' }>> {
    const now = this.clock.real();
    const awaiting = await findAwaiting(this.database, anteroom, now);
    if (!awaiting) return { kind: 'expired' };
    const attempt = { email: awaiting.email, address: visitor.address, device: visitor.device };
    const waitMs = await this.throttle.begin(this.database, attempt, now);
    if (waitMs > 0) return this.refused('throttled', visitor, { kind: 'wait', waitMs });
    if (!(await spendCodeTry(this.database, anteroom))) return { kind: 'expired' };
    const factor = await this.factors.take(this.database, awaiting.userId, code, now);
    if (!factor) return this.refused('wrong_code', visitor, { kind: 'wrong' });
    await closeSession(this.database, anteroom);
    await this.throttle.succeeded(this.database, attempt);
    const user = { id: awaiting.userId, email: awaiting.email };
    return this.enter(user, visitor, { via: 'password', factor }, this.throttle.isKnown(attempt));
  }

  /** The provider has proven who it is; a second factor is the provider's to ask for. */
  byProvider(user: Pick<User, 'id' | 'email'>, visitor: Visitor): Promise<Inside> {
    const { address, device } = visitor;
    const known = this.throttle.isKnown({ email: user.email, address, device });
    return this.enter(user, visitor, { via: 'oidc' }, known);
  }

  /** Opens a session under a new token, and ends the one that this browser had (OWASP ASVS 4.0.3, 3.2.1). */
  private async enter(
    { id, email }: Pick<User, 'id' | 'email'>,
    visitor: Visitor,
    how: { via: SignedIn['via']; factor?: string },
    knownBrowser: boolean,
  ): Promise<Inside> {
    const by: Actor = { kind: 'user', id, name: email, address: visitor.address };
    const session = await this.database.transaction(async (tx) => {
      if (visitor.session !== undefined) await closeSession(tx, visitor.session);
      const opened = await openSession(tx, id, signedIn(visitor, how.via), this.clock.real());
      const after = { ...how, newBrowser: !knownBrowser, session: opened.id };
      await this.audit.record(tx, { by, action: 'signed_in', on: { kind: 'user', id }, after });
      return opened;
    });
    return { kind: 'in', session, device: this.throttle.newDevice(email) };
  }

  /**
   * No address of a person goes to the log: whoever mistypes may type a password there. `client` is the network's, under a name of its
   * own: what is logged as an address is hidden.
   */
  private refused<E extends Entrance>(why: string, { address }: Visitor, entrance: E): E {
    this.log.warn({ event: 'sign_in_refused', why, client: address });
    return entrance;
  }
}

function signedIn({ address, agent }: Visitor, via: SignedIn['via']): SignedIn {
  return { via, address, agent };
}
