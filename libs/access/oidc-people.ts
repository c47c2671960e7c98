import type { OidcConfig } from '#config/oidc';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import type { Database, Queryable } from '#store/database';
import type { Role } from '#store/entities';
import type { Actor, AuditLog } from './audit-log.js';
import type { ProvenIdentity } from './oidc.js';
import { changeUser, createUser, ROLES, userByEmail, userById, type User } from './users.js';

/** What the provider's claims say about a person's rights; undefined: the rights are kept here. */
export interface ClaimedRights {
  readonly role: Role;
  readonly centres: readonly string[] | null;
}

/** Finds or makes the person behind a proven identity. */
export class OidcPeople {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditLog,
    private readonly clock: Pick<Clock, 'real'>,
    private readonly config: OidcConfig,
  ) {}

  /**
   * The user of this identity: the one it was first linked to, else the one with its verified address, else, when its
   * claims give a role, a new one. Where roles are mapped the provider's claims rule: role and centres follow them at
   * each sign-in. Throws AppError `no_access` (403) with what to do.
   */
  async userOf(identity: ProvenIdentity, address: string): Promise<User> {
    const rights = claimedRights(this.config, identity.claims);
    const now = this.clock.real();
    return this.database.transaction(async (tx) => {
      const by: Actor = { kind: 'system', id: null, name: `provider ${identity.issuer}`, address };
      const known = (await linked(tx, identity, now)) ?? (await this.link(tx, { identity, rights, now, by }));
      const user = rights === undefined ? known : await this.follow(tx, { known, rights, now, by });
      if (user.disabledAt !== null) throw noAccess('This account is disabled.');
      return user;
    });
  }

  private async link(
    tx: Queryable,
    {
      identity,
      rights,
      now,
      by,
    }: { identity: ProvenIdentity; rights: ClaimedRights | undefined; now: Date; by: Actor },
  ): Promise<User> {
    const { email, emailVerified, issuer, subject } = identity;
    // Whoever may choose their own address at the provider must not become somebody else by it.
    if (email === undefined || !emailVerified)
      throw noAccess('The provider gives no verified e-mail address.');
    const user = (await userByEmail(tx, email)) ?? (await this.added(tx, { email, rights, now, by }));
    await tx.query(
      'insert into app_identity (issuer, subject, user_id, created_at, used_at) values ($1, $2, $3, $4, $4)',
      [issuer, subject, user.id, now],
    );
    await this.audit.record(tx, {
      by,
      action: 'user.linked',
      on: { kind: 'user', id: user.id },
      after: { issuer },
    });
    return user;
  }

  private async added(
    tx: Queryable,
    { email, rights, now, by }: { email: string; rights: ClaimedRights | undefined; now: Date; by: Actor },
  ): Promise<User> {
    if (!rights) throw noAccess('Nobody has added this address yet.');
    const user = await createUser(tx, { email, password: null, ...rights, now });
    await this.audit.record(tx, {
      by,
      action: 'user.added',
      on: { kind: 'user', id: user.id },
      after: { email, ...rights },
    });
    return user;
  }

  private async follow(
    tx: Queryable,
    { known, rights, now, by }: { known: User; rights: ClaimedRights; now: Date; by: Actor },
  ): Promise<User> {
    const { role, centres } = rights;
    const sorted = centres === null ? null : [...centres].sort();
    if (known.role === role && JSON.stringify(known.centres) === JSON.stringify(sorted)) return known;
    const { before, after } = await changeUser(tx, known.id, { role, centres }, now);
    await this.audit.record(tx, {
      by,
      action: 'user.changed',
      on: { kind: 'user', id: known.id },
      before: { role: before.role, centres: before.centres },
      after: { role: after.role, centres: after.centres },
    });
    return after;
  }
}

async function linked(
  tx: Queryable,
  { issuer, subject }: ProvenIdentity,
  now: Date,
): Promise<User | undefined> {
  const { rows } = await tx.query<{ userId: string }>(
    'update app_identity set used_at = $3 where issuer = $1 and subject = $2 returning user_id as "userId"',
    [issuer, subject, now],
  );
  return rows[0] && userById(tx, rows[0].userId);
}

/**
 * The rights that claims give by the configured mapping: the highest role of the person's groups, and their centres.
 * Undefined when no mapping is configured. Throws AppError `no_access` when there is one and no group of theirs is in
 * it, or when centres are mapped and none is named.
 */
export function claimedRights(
  config: Pick<OidcConfig, 'roles' | 'roleClaim' | 'centreClaim'>,
  claims: ProvenIdentity['claims'],
): ClaimedRights | undefined {
  if (config.roles.size === 0) return undefined;
  const groups = listOf(claims[config.roleClaim]);
  const role = ROLES.find((one) => groups.some((group) => config.roles.get(group) === one));
  if (!role) throw noAccess('None of your groups has a role here.');
  if (role === 'admin' || config.centreClaim === undefined) return { role, centres: null };
  const centres = listOf(claims[config.centreClaim]);
  if (centres.length === 0) throw noAccess('No centre is named for you.');
  return { role, centres: centres.includes('*') ? null : centres };
}

function listOf(claim: unknown): string[] {
  const parts = typeof claim === 'string' ? claim.split(/[\s,]+/) : Array.isArray(claim) ? claim : [];
  return parts.filter((part): part is string => typeof part === 'string' && part !== '');
}

function noAccess(why: string): AppError {
  return new AppError('no_access', `${why} Ask an administrator of this console.`, { status: 403 });
}
