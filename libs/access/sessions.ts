import { randomToken, sha256 } from '#kernel/ids';
import type { Queryable } from '#store/database';
import type { Principal } from './principal.js';

export const SESSION_HOURS = 12;

export interface OpenedSession {
  /** For the cookie; the database knows only its hash. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** Opens a session of 12 hours. `now` is real time: a rehearsal's fast clock must not sign people out. */
export async function openSession(db: Queryable, userId: string, now: Date): Promise<OpenedSession> {
  const token = randomToken(44);
  const expiresAt = new Date(now.getTime() + SESSION_HOURS * 3_600_000);
  await db.query('delete from app_session where expires_at <= $1', [now]);
  await db.query(
    `insert into app_session (token_hash, user_id, csrf_token, created_at, expires_at) values ($1, $2, $3, $4, $5)`,
    [sha256(token), userId, randomToken(44), now, expiresAt],
  );
  return { token, expiresAt };
}

/** Who the session belongs to; undefined once it is closed, expired or its user disabled. */
export async function findSession(db: Queryable, token: string, now: Date): Promise<Principal | undefined> {
  const { rows } = await db.query<Principal>(
    `select 'user' as kind, u.id, u.email as name, u.role, s.csrf_token as csrf
     from app_session s join app_user u on u.id = s.user_id
     where s.token_hash = $1 and s.expires_at > $2 and u.disabled_at is null`,
    [sha256(token), now],
  );
  return rows[0];
}

export async function closeSession(db: Queryable, token: string): Promise<void> {
  await db.query('delete from app_session where token_hash = $1', [sha256(token)]);
}
