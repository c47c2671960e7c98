import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { randomToken } from '#kernel/ids';
import type { Database } from '#store/database';
import type { Role } from '#store/entities';
import type { Actor, AuditLog } from './audit-log.js';
import { createToken, revokeToken, tokenById, type ApiToken } from './tokens.js';
import { changeUser, createUser, resetUser, type User } from './users.js';

const PASSWORD_LENGTH = 16;

/**
 * What administrators do with people and tokens, at the console, over the API and at the command line: each change and
 * its entry in the audit log are one transaction.
 */
export class People {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditLog,
    private readonly clock: Pick<Clock, 'real'>,
  ) {}

  /** Adds a person, who must change the password at the first sign-in; without one a random one is made. Errors: those of `createUser`. */
  async add(
    given: {
      email: string;
      password?: string | undefined;
      role: Role;
      centres?: readonly string[] | null | undefined;
    },
    by: Actor,
  ): Promise<{ user: User; password: string }> {
    const password = given.password ?? randomToken(PASSWORD_LENGTH);
    const { email, role, centres = null } = given;
    const user = await this.database.transaction(async (tx) => {
      const added = await createUser(tx, {
        email,
        password,
        role,
        centres,
        given: true,
        now: this.clock.real(),
      });
      await this.audit.record(tx, { by, action: 'user.added', on: person(added), after: told(added) });
      return added;
    });
    return { user, password };
  }

  /** Errors: those of `changeUser`, and `self_change` (409): nobody takes their own rights away by mistake. */
  async change(
    id: string,
    change: {
      role?: Role | undefined;
      centres?: readonly string[] | null | undefined;
      disabled?: boolean | undefined;
    },
    by: Actor,
  ): Promise<User> {
    if (by.kind === 'user' && by.id === id) {
      throw new AppError('self_change', 'Ask another administrator to change your own role or access.', {
        status: 409,
      });
    }
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    return this.database.transaction(async (tx) => {
      const { before, after } = await changeUser(tx, id, given, this.clock.real());
      await this.audit.record(tx, { by, action: actionOf(before, after), on: person(after), before: told(before), after: told(after) }); // prettier-ignore
      return after;
    });
  }

  /** A new random password, told this once. Errors: those of `resetUser`. */
  async reset(
    id: string,
    { secondFactor }: { secondFactor: boolean },
    by: Actor,
  ): Promise<{ user: User; password: string }> {
    return this.database.transaction(async (tx) => {
      const made = await resetUser(tx, id, { secondFactor, now: this.clock.real() });
      await this.audit.record(tx, { by, action: 'user.reset', on: person(made.user), after: { secondFactorTakenOff: secondFactor } }); // prettier-ignore
      return made;
    });
  }

  /** Errors: those of `createToken`. */
  async addToken(
    given: {
      name: string;
      role: Role;
      centres?: readonly string[] | null | undefined;
      expiresAt: Date | null;
    },
    by: Actor,
  ): Promise<{ token: ApiToken; secret: string }> {
    const { name, role, centres = null, expiresAt } = given;
    return this.database.transaction(async (tx) => {
      const made = await createToken(tx, { name, role, centres, expiresAt, now: this.clock.real() });
      await this.audit.record(tx, { by, action: 'token.created', on: { kind: 'token', id: made.token.id }, after: { name: made.token.name, role, centres, expiresAt } }); // prettier-ignore
      return made;
    });
  }

  /** Throws AppError `not_found` (404) when no standing token has this id. */
  async revokeToken(id: string, by: Actor): Promise<ApiToken> {
    return this.database.transaction(async (tx) => {
      if (!(await revokeToken(tx, id, this.clock.real()))) {
        throw new AppError('not_found', `There is no standing token ${id}.`, { status: 404 });
      }
      const token = await tokenById(tx, id);
      await this.audit.record(tx, { by, action: 'token.revoked', on: { kind: 'token', id }, before: { name: token.name, role: token.role } }); // prettier-ignore
      return token;
    });
  }
}

function person({ id }: User): { kind: string; id: string } {
  return { kind: 'user', id };
}

function told({ email, role, centres, disabledAt }: User): object {
  return { email, role, centres, disabled: disabledAt !== null };
}

function actionOf(before: User, after: User): string {
  if ((before.disabledAt === null) === (after.disabledAt === null)) return 'user.changed';
  return after.disabledAt === null ? 'user.enabled' : 'user.disabled';
}
