import { randomToken, sha256 } from '#kernel/ids';
import type { Queryable } from '#store/database';
import type { Role } from '#store/entities';
import type { Principal } from './principal.js';

/** A session ends after a working day however busy, and sooner when nobody uses it (OWASP ASVS 4.0.3, 3.3.2). */
export const SESSION_HOURS = 12;
export const SESSION_IDLE_MINUTES = 30;
/** Between the password and the second factor. */
const CODE_MINUTES = 5;
const MOST_WRONG_CODES = 5;
const AGENT_LENGTH = 200;

/** How and from where somebody signed in. */
export interface SignedIn {
  readonly via: 'password' | 'oidc';
  readonly address: string;
  /** The browser as it names itself. */
  readonly agent: string;
}

export interface OpenedSession {
  /** For the cookie; the database knows only its hash. */
  readonly token: string;
  readonly id: string;
  readonly expiresAt: Date;
}

/** One of a person's own sessions, as they see it. */
export interface ListedSession {
  readonly id: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
  readonly via: SignedIn['via'];
  readonly address: string;
  readonly agent: string;
}

/** Opens a session. `now` is real time throughout: a rehearsal's fast clock must not sign people out. */
export function openSession(
  db: Queryable,
  userId: string,
  signedIn: SignedIn,
  now: Date,
): Promise<OpenedSession> {
  return insert(db, { userId, signedIn, now, minutes: SESSION_HOURS * 60, awaitsCode: false });
}

/** Opens the anteroom: five minutes and five tries to give the second factor's code. It lets into nothing else. */
export function awaitCode(
  db: Queryable,
  userId: string,
  signedIn: SignedIn,
  now: Date,
): Promise<OpenedSession> {
  return insert(db, { userId, signedIn, now, minutes: CODE_MINUTES, awaitsCode: true });
}

async function insert(
  db: Queryable,
  given: { userId: string; signedIn: SignedIn; now: Date; minutes: number; awaitsCode: boolean },
): Promise<OpenedSession> {
  const { userId, signedIn, now, minutes, awaitsCode } = given;
  const token = randomToken(44);
  const expiresAt = new Date(now.getTime() + minutes * 60_000);
  await db.query('delete from app_session where expires_at <= $1 or seen_at <= $2', [now, idleSince(now)]);
  const { rows } = await db.query<{ id: string }>(
    `insert into app_session (token_hash, user_id, csrf_token, created_at, seen_at, expires_at, via, address, agent,
       awaits_code)
     values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9) returning id`,
    [sha256(token), userId, randomToken(44), now, expiresAt, signedIn.via, signedIn.address,
     signedIn.agent.slice(0, AGENT_LENGTH), awaitsCode],
  ); // prettier-ignore
  return { token, id: rows[0]?.id ?? '', expiresAt };
}

/**
 * Who the session belongs to; undefined once it is closed, expired, left alone too long, or its user disabled. Notes
 * that it is used, once a minute. `factorFor`: roles that need a second factor; who came through the organisation's
 * provider has shown there what it asks for.
 */
export async function findSession(
  db: Queryable,
  token: string,
  now: Date,
  factorFor: readonly Role[] = [],
): Promise<Principal | undefined> {
  const { rows } = await db.query<Principal & { stale: boolean }>(
    `select 'user' as kind, u.id, u.email as name, u.role, u.centres, s.csrf_token as csrf, s.id as "sessionId",
            case when s.via <> 'password' then null
                 when u.password_due is not null then 'password'
                 when u.role = any($4::text[]) and not exists
                   (select from second_factor f where f.user_id = u.id and f.confirmed_at is not null)
                 then 'second_factor' end as due,
            s.seen_at < $2::timestamptz - interval '1 minute' as stale
     from app_session s join app_user u on u.id = s.user_id
     where s.token_hash = $1 and s.expires_at > $2 and s.seen_at > $3 and not s.awaits_code and u.disabled_at is null`,
    [sha256(token), now, idleSince(now), factorFor],
  );
  const found = rows[0];
  if (!found) return undefined;
  const { stale, ...principal } = found;
  if (stale)
    await db.query('update app_session set seen_at = $2 where token_hash = $1', [sha256(token), now]);
  return principal;
}

function idleSince(now: Date): Date {
  return new Date(now.getTime() - SESSION_IDLE_MINUTES * 60_000);
}

/** Whose second factor this anteroom waits for; undefined when it is none, expired, or was tried too often. */
export async function findAwaiting(
  db: Queryable,
  token: string,
  now: Date,
): Promise<{ userId: string; email: string } | undefined> {
  const { rows } = await db.query<{ userId: string; email: string }>(
    `select u.id as "userId", u.email from app_session s join app_user u on u.id = s.user_id
     where s.token_hash = $1 and s.expires_at > $2 and s.awaits_code and s.wrong_codes < $3 and u.disabled_at is null`,
    [sha256(token), now, MOST_WRONG_CODES],
  );
  return rows[0];
}

/** Counts a try before it is judged, so that tries sent at once do not slip through. False when none is left. */
export async function spendCodeTry(db: Queryable, token: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update app_session set wrong_codes = wrong_codes + 1 where token_hash = $1 and awaits_code and wrong_codes < $2`,
    [sha256(token), MOST_WRONG_CODES],
  );
  return rowCount > 0;
}

export async function closeSession(db: Queryable, token: string): Promise<void> {
  await db.query('delete from app_session where token_hash = $1', [sha256(token)]);
}

/** Closes a person's sessions: all, or all but one, or one. Returns how many. */
export async function closeSessions(
  db: Queryable,
  userId: string,
  which: { readonly only?: string; readonly except?: string } = {},
): Promise<number> {
  const { rowCount } = await db.query(
    `delete from app_session
     where user_id = $1 and ($2::bigint is null or id = $2) and ($3::bigint is null or id <> $3)`,
    [userId, which.only ?? null, which.except ?? null],
  );
  return rowCount;
}

/** A person's open sessions, the latest used first. */
export async function sessionList(db: Queryable, userId: string, now: Date): Promise<ListedSession[]> {
  const { rows } = await db.query<ListedSession>(
    `select id, created_at as "createdAt", seen_at as "seenAt", expires_at as "expiresAt", via, address, agent
     from app_session where user_id = $1 and expires_at > $2 and seen_at > $3 and not awaits_code
     order by seen_at desc, id desc`,
    [userId, now, idleSince(now)],
  );
  return rows;
}
