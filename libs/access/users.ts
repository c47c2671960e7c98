import { AppError } from '#kernel/errors';
import type { Queryable } from '#store/database';
import type { Role } from '#store/entities';
import { hashPassword, verifyPassword } from './password.js';

export const ROLES = ['admin', 'analyst', 'operator'] as const satisfies readonly Role[];

export interface User {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
}

const COLUMNS = 'id, email, role, created_at as "createdAt", disabled_at as "disabledAt"';
// Of the right form and cost, and the hash of no password.
const NOBODY = `scrypt$32768$8$3$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;

/**
 * Adds a person. The address is kept in small letters. Throws AppError `email_invalid`, `email_taken` or
 * `password_weak`.
 */
export async function createUser(
  db: Queryable,
  user: { email: string; password: string; role: Role; now: Date },
): Promise<User> {
  const email = user.email.trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254) {
    throw new AppError('email_invalid', `"${email}" is not an e-mail address.`);
  }
  const { rows } = await db.query<User>(
    `insert into app_user (email, password_hash, role, created_at) values ($1, $2, $3, $4)
     on conflict (email) do nothing returning ${COLUMNS}`,
    [email, await hashPassword(user.password), user.role, user.now],
  );
  if (!rows[0]) throw new AppError('email_taken', `There is already a user ${email}.`, { status: 409 });
  return rows[0];
}

/** How many people may sign in. */
export async function userCount(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    'select count(*)::int as n from app_user where disabled_at is null',
  );
  return rows[0]?.n ?? 0;
}

export async function userList(db: Queryable): Promise<User[]> {
  const { rows } = await db.query<User>(`select ${COLUMNS} from app_user order by email`);
  return rows;
}

/** Ends a person's access at once: no sign-in, and every open session is gone. False when there is no such user. */
export async function disableUser(db: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `with gone as (delete from app_session where user_id = $1)
     update app_user set disabled_at = coalesce(disabled_at, $2) where id = $1`,
    [id, now],
  );
  return rowCount > 0;
}

/**
 * The user with this address and password, else undefined. An unknown address takes as long as a wrong password, so
 * the answer does not tell who has an account.
 */
export async function verifyUser(db: Queryable, email: string, password: string): Promise<User | undefined> {
  const { rows } = await db.query<User & { password_hash: string }>(
    `select ${COLUMNS}, password_hash from app_user where email = lower($1) and disabled_at is null`,
    [email.trim()],
  );
  const found = rows[0];
  const right = await verifyPassword(password, found?.password_hash ?? NOBODY);
  if (!found || !right) return undefined;
  const { id, email: address, role, createdAt, disabledAt } = found;
  return { id, email: address, role, createdAt, disabledAt };
}
