import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import type { Database, Queryable } from '#store/database';
import type { Role } from '#store/entities';
import { accountEvents, type AccountEvent } from './account-events.sql.js';
import type { Actor, AuditLog } from './audit-log.js';
import type { Visitor } from './doorkeeper.js';
import type { Principal } from './principal.js';
import type { Enrolment, SecondFactors, SecondFactorState } from './second-factor.js';
import { closeSessions, findSession, openSession, sessionList, type ListedSession } from './sessions.js';
import type { SignInThrottle } from './sign-in-throttle.js';
import { checkPassword, hasPassword, setPassword } from './users.js';

export interface AccountState {
  readonly hasPassword: boolean;
  readonly factor: SecondFactorState;
  readonly enrolment: Enrolment | undefined;
  readonly sessions: readonly ListedSession[];
  readonly events: readonly AccountEvent[];
}

const MOST_EVENTS = 20;

/** What people do with their own account. Each change and its entry in the audit log are one transaction. */
export class OwnAccount {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditLog,
    private readonly factors: SecondFactors,
    private readonly throttle: SignInThrottle,
    private readonly clock: Pick<Clock, 'real'>,
    private readonly factorFor: readonly Role[],
  ) {}

  async state(principal: Principal): Promise<AccountState> {
    const { id, name } = principal;
    const db = this.database;
    const now = this.clock.real();
    const [known, factor, enrolment, sessions, events] = await Promise.all([
      hasPassword(db, id),
      this.factors.state(db, id),
      this.factors.pending(db, { id, email: name }),
      sessionList(db, id, now),
      accountEvents(db, principal, now, MOST_EVENTS),
    ]);
    return { hasPassword: known, factor, enrolment, sessions, events };
  }

  /**
   * Changes the password, closes every session, and opens a fresh one for this browser: who had the old password, or
   * a stolen cookie, is out (OWASP ASVS 4.0.3, 3.3.3). Throws AppError `password_wrong`, `password_weak`,
   * `password_same` or `too_many_tries`.
   */
  async changePassword(
    principal: Principal,
    { present, next }: { present: string; next: string },
    { by, visitor }: { by: Actor; visitor: Visitor },
  ): Promise<{ token: string; principal: Principal }> {
    const now = this.clock.real();
    await this.prove(principal, present, visitor);
    return this.database.transaction(async (tx) => {
      await setPassword(tx, { id: principal.id, email: principal.name, present, next, now });
      await closeSessions(tx, principal.id);
      const { address, agent } = visitor;
      const opened = await openSession(tx, principal.id, { via: 'password', address, agent }, now);
      const fresh = await findSession(tx, opened.token, now, this.factorFor);
      if (!fresh) throw new Error('the session that was just opened is there');
      await this.record(tx, fresh, by, 'password.changed');
      return { token: opened.token, principal: fresh };
    });
  }

  /** Throws AppError `second_factor_on`. */
  async enrol(principal: Principal, by: Actor): Promise<void> {
    const { id, name } = principal;
    await this.database.transaction(async (tx) => {
      await this.factors.enrol(tx, { id, email: name }, this.clock.real());
      await this.record(tx, principal, by, 'second_factor.begun');
    });
  }

  /** Returns the recovery codes, this once; other sessions close. Throws AppError `code_wrong`. */
  async confirmFactor(principal: Principal, code: string, by: Actor): Promise<string[]> {
    return this.database.transaction(async (tx) => {
      const codes = await this.factors.confirm(tx, principal.id, code, this.clock.real());
      await closeSessions(tx, principal.id, except(principal));
      await this.record(tx, principal, by, 'second_factor.on');
      return codes;
    });
  }

  /** Throws AppError `password_wrong` or `too_many_tries`. */
  async turnFactorOff(
    principal: Principal,
    present: string,
    { by, visitor }: { by: Actor; visitor: Visitor },
  ): Promise<void> {
    await this.prove(principal, present, visitor);
    await this.database.transaction(async (tx) => {
      await this.factors.turnOff(tx, principal.id);
      await closeSessions(tx, principal.id, except(principal));
      await this.record(tx, principal, by, 'second_factor.off');
    });
  }

  /** Closes one of the person's sessions, or without one all but this. */
  async closeSessions(principal: Principal, only: string | undefined, by: Actor): Promise<void> {
    await this.database.transaction(async (tx) => {
      const which = only === undefined ? except(principal) : { only };
      const closed = await closeSessions(tx, principal.id, which);
      await this.record(tx, principal, by, 'sessions.closed', { closed });
    });
  }

  /** Whoever found an open browser may not try out passwords in it: tries count like those at the door. */
  private async prove({ id, name }: Principal, present: string, visitor: Visitor): Promise<void> {
    const attempt = { email: name, address: visitor.address, device: visitor.device };
    const waitMs = await this.throttle.begin(this.database, attempt, this.clock.real());
    if (waitMs > 0) {
      throw new AppError('too_many_tries', 'Too many wrong passwords: try again later.', { status: 429 });
    }
    await checkPassword(this.database, id, present);
    await this.throttle.succeeded(this.database, attempt);
  }

  /** With the session it was done in: its browser need not be told of it. */
  private record(
    tx: Queryable,
    principal: Principal,
    by: Actor,
    action: string,
    after?: object,
  ): Promise<void> {
    const { id, sessionId: session } = principal;
    return this.audit.record(tx, { by, action, on: { kind: 'user', id }, after: { ...after, session } });
  }
}

function except({ sessionId }: Principal): { except?: string } {
  return sessionId === null ? {} : { except: sessionId };
}
