import { AppError } from '#kernel/errors';
import { randomToken, sha256 } from '#kernel/ids';
import type { Queryable } from '#store/database';
import type { Role } from '#store/entities';
import type { Principal } from './principal.js';
import { checkedCentres } from './known-centres.sql.js';

// A fixed beginning lets secret scanners find a token that was committed by mistake.
const PREFIX = 'vdk_';

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Codes of the centres it speaks for; null: every centre. */
  readonly centres: readonly string[] | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

const COLUMNS = `id, name, role, centres, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt",
  last_used_at as "lastUsedAt"`;

/**
 * Makes a token for a program. Throws AppError `token_name_invalid`, `token_lapsed` for a time that is over, or what `checkedCentres` throws.
 * `secret` is shown this once: the database keeps its SHA-256 (it has 234 random bits).
 */
export async function createToken(
  db: Queryable,
  token: { name: string; role: Role; centres?: readonly string[] | null; now: Date; expiresAt?: Date | null },
): Promise<{ token: ApiToken; secret: string }> {
  const name = token.name.trim();
  if (name === '' || name.length > 100) {
    throw new AppError(
      'token_name_invalid',
      'A token has a name of 1 to 100 characters that says who uses it.',
    );
  }
  if (token.expiresAt && token.expiresAt <= token.now) {
    throw new AppError('token_lapsed', 'The token would be over before it begins: give a time to come.');
  }
  const centres = await checkedCentres(db, token.role, token.centres);
  const secret = `${PREFIX}${randomToken(40)}`;
  const { rows } = await db.query<ApiToken>(
    `insert into api_token (name, role, token_hash, created_at, expires_at, centres) values ($1, $2, $3, $4, $5, $6)
     returning ${COLUMNS}`,
    [name, token.role, sha256(secret), token.now, token.expiresAt ?? null, centres],
  );
  if (!rows[0]) throw new Error('insert returned no row');
  return { token: rows[0], secret };
}

/** Who a bearer token speaks for; undefined when it is unknown, revoked or expired. Notes its use, once a minute. */
export async function findToken(db: Queryable, secret: string, now: Date): Promise<Principal | undefined> {
  if (!secret.startsWith(PREFIX)) return undefined;
  const { rows } = await db.query<Principal & { stale: boolean }>(
    `select 'token' as kind, id, name, role, centres, null as csrf, null as "sessionId", null as due,
            coalesce(last_used_at < $2::timestamptz - interval '1 minute', true) as stale
     from api_token
     where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)`,
    [sha256(secret), now],
  );
  const found = rows[0];
  if (!found) return undefined;
  const { stale, ...principal } = found;
  if (stale) await db.query('update api_token set last_used_at = $2 where id = $1', [found.id, now]);
  return principal;
}

export async function tokenList(db: Queryable): Promise<ApiToken[]> {
  const { rows } = await db.query<ApiToken>(`select ${COLUMNS} from api_token order by id`);
  return rows;
}

/** Throws when there is none. */
export async function tokenById(db: Queryable, id: string): Promise<ApiToken> {
  const { rows } = await db.query<ApiToken>(`select ${COLUMNS} from api_token where id = $1`, [id]);
  if (!rows[0]) throw new AppError('not_found', `There is no token ${id}.`, { status: 404 });
  return rows[0];
}

/** Revokes one token; false when there is none standing with this id. */
export async function revokeToken(db: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    'update api_token set revoked_at = $2 where id = $1 and revoked_at is null',
    [id, now],
  );
  return rowCount > 0;
}

/** Revokes every standing token of this name; returns how many. */
export async function revokeTokens(db: Queryable, name: string, now: Date): Promise<number> {
  const { rowCount } = await db.query(
    'update api_token set revoked_at = $2 where name = $1 and revoked_at is null',
    [name, now],
  );
  return rowCount;
}
