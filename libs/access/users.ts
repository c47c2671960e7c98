import { AppError } from '#kernel/errors';
import { randomToken } from '#kernel/ids';
import type { Queryable } from '#store/database';
import type { Role } from '#store/entities';
import { checkedCentres } from './known-centres.sql.js';
import { hashPassword, isWeak, passwordStrength, verifyPassword } from './password.js';

export const ROLES = ['admin', 'analyst', 'operator'] as const satisfies readonly Role[];

export interface User {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  /** Codes of the centres they see; null: every centre. */
  readonly centres: readonly string[] | null;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  /** Whether sign-in asks for a code after the password. */
  readonly secondFactor: boolean;
  /** Why they must choose a new password: somebody else gave it, or it was stolen elsewhere; null: it is their own. */
  readonly passwordDue: PasswordDue | null;
}
type PasswordDue = 'given' | 'stolen';

/** A password that somebody else has seen lets in for so long (OWASP ASVS 4.0.3, 2.3.1). */
const GIVEN_PASSWORD_DAYS = 7;

const COLUMNS = `id, email, role, centres, created_at as "createdAt", disabled_at as "disabledAt",
  password_due as "passwordDue",
  exists (select from second_factor f where f.user_id = app_user.id and f.confirmed_at is not null) as "secondFactor"`;

/**
 * Adds a person; without a password they sign in through the organisation's provider only. The address is kept in
 * small letters. `given`: somebody else knows the password, and it must be changed at the first sign-in. Throws AppError `email_invalid`, `email_taken`, `password_weak`, `centre_unknown` or
 * `admin_everywhere`.
 */
export async function createUser(
  db: Queryable,
  user: {
    email: string;
    password: string | null;
    role: Role;
    centres?: readonly string[] | null;
    given?: boolean;
    now: Date;
  },
): Promise<User> {
  const email = user.email.trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254) {
    throw new AppError('email_invalid', `"${email}" is not an e-mail address.`);
  }
  const centres = await checkedCentres(db, user.role, user.centres);
  const hash = user.password === null ? null : await hashPassword(user.password, wordsOf(email));
  const { rows } = await db.query<User>(
    `insert into app_user (email, password_hash, role, centres, created_at, password_changed_at, password_due)
     values ($1, $2, $3, $4, $5, case when $2::text is not null then $5::timestamptz end, $6)
     on conflict (email) do nothing returning ${COLUMNS}`,
    [email, hash, user.role, centres, user.now, user.given ? 'given' : null],
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

/** Throws AppError `user_unknown` (404). */
export async function userById(db: Queryable, id: string): Promise<User> {
  const { rows } = await db.query<User>(`select ${COLUMNS} from app_user where id = $1`, [id]);
  if (!rows[0]) throw new AppError('user_unknown', `There is no user ${id}.`, { status: 404 });
  return rows[0];
}

export async function userByEmail(db: Queryable, email: string): Promise<User | undefined> {
  const { rows } = await db.query<User>(`select ${COLUMNS} from app_user where email = lower($1)`, [
    email.trim(),
  ]);
  return rows[0];
}

/**
 * Changes what a person may do, or whether they may come in. Their sessions close, so that none goes on with what it
 * was allowed before. Throws AppError `user_unknown`, `last_admin` (409) when nobody could administer any more,
 * `centre_unknown` or `admin_everywhere`. Run it in a transaction.
 */
export async function changeUser(
  tx: Queryable,
  id: string,
  change: { role?: Role; centres?: readonly string[] | null; disabled?: boolean },
  now: Date,
): Promise<{ before: User; after: User }> {
  // Two administrators who dismiss each other at the same moment take turns.
  await tx.query(`select id from app_user where role = 'admin' order by id for update`);
  const before = await userById(tx, id);
  const role = change.role ?? before.role;
  const asked = change.centres === undefined ? before.centres : change.centres;
  const centres = await checkedCentres(
    tx,
    role,
    role === 'admin' && change.centres === undefined ? null : asked,
  );
  const disabledAt = change.disabled === undefined ? before.disabledAt : change.disabled ? (before.disabledAt ?? now) : null; // prettier-ignore
  await tx.query('update app_user set role = $2, centres = $3, disabled_at = $4 where id = $1', [
    id,
    role,
    centres,
    disabledAt,
  ]);
  await refuseNoAdmin(tx, before, { role, disabledAt });
  await tx.query('delete from app_session where user_id = $1', [id]);
  return { before, after: await userById(tx, id) };
}

async function refuseNoAdmin(
  tx: Queryable,
  before: User,
  after: { role: Role; disabledAt: Date | null },
): Promise<void> {
  const was = before.role === 'admin' && before.disabledAt === null;
  const is = after.role === 'admin' && after.disabledAt === null;
  if (!was || is) return;
  const { rows } = await tx.query<{ n: number }>(
    `select count(*)::int as n from app_user where role = 'admin' and disabled_at is null`,
  );
  if (rows[0]?.n === 0) {
    throw new AppError('last_admin', 'This is the last administrator: make another one first.', {
      status: 409,
    });
  }
}

/**
 * Gives a person a new random password, which is returned this once and must be changed at the next sign-in, and
 * closes their sessions. With `secondFactor`
 * it is taken off too, for who lost their phone. Throws AppError `user_unknown`. Run it in a transaction.
 */
export async function resetUser(
  tx: Queryable,
  id: string,
  options: { secondFactor: boolean; now: Date },
): Promise<{ user: User; password: string }> {
  await userById(tx, id);
  const password = randomToken(16);
  await storePassword(tx, id, { hash: await hashPassword(password), due: 'given', now: options.now });
  await tx.query('delete from app_session where user_id = $1', [id]);
  if (options.secondFactor) {
    await tx.query('delete from recovery_code where user_id = $1', [id]);
    await tx.query('delete from second_factor where user_id = $1', [id]);
  }
  return { user: await userById(tx, id), password };
}

/** Whether a person can sign in with a password, not only through the organisation's provider. */
export async function hasPassword(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query('select from app_user where id = $1 and password_hash is not null', [id]);
  return rows.length > 0;
}

/** Throws AppError `password_wrong` (403) unless this is the person's present password. */
export async function checkPassword(db: Queryable, id: string, present: string): Promise<void> {
  const { rows } = await db.query<{ hash: string | null }>(
    'select password_hash as hash from app_user where id = $1',
    [id],
  );
  const { right } = await verifyPassword(present, rows[0]?.hash);
  if (!right) throw new AppError('password_wrong', 'The present password is not right.', { status: 403 });
}

/** Throws AppError `password_weak`, or `password_same` for the one that is to be replaced. */
export async function setPassword(
  db: Queryable,
  given: { id: string; email: string; present: string; next: string; now: Date },
): Promise<void> {
  const { id, email, present, next, now } = given;
  if (present === next) throw new AppError('password_same', 'The new password is the old one.');
  await storePassword(db, id, { hash: await hashPassword(next, wordsOf(email)), due: null, now });
}

async function storePassword(
  db: Queryable,
  id: string,
  { hash, due, now }: { hash: string; due: PasswordDue | null; now: Date },
): Promise<void> {
  await db.query(
    'update app_user set password_hash = $2, password_changed_at = $3, password_due = $4 where id = $1',
    [id, hash, now, due],
  );
}

/** Whether a password that somebody else gave has waited too long to be changed. */
export async function givenTooLongAgo(db: Queryable, { id }: Pick<User, 'id'>, now: Date): Promise<boolean> {
  const { rows } = await db.query(
    `select from app_user where id = $1 and password_due = 'given'
       and password_changed_at <= $2::timestamptz - make_interval(days => $3)`,
    [id, now, GIVEN_PASSWORD_DAYS],
  );
  return rows.length > 0;
}

/** Lists of stolen passwords and today's rules grow: who signs in with what they would refuse must choose another. */
export async function judgePassword(
  db: Queryable,
  { id, email, passwordDue }: Pick<User, 'id' | 'email' | 'passwordDue'>,
  password: string,
): Promise<void> {
  if (passwordDue !== null || !(await isWeak(password, wordsOf(email)))) return;
  await db.query(`update app_user set password_due = 'stolen' where id = $1 and password_due is null`, [id]);
}

/** How hard a password is to guess for who knows the address; 1 is refused, 4 the most. */
export function strengthFor(email: string, password: string): ReturnType<typeof passwordStrength> {
  return passwordStrength(password, wordsOf(email));
}

/** What anyone would try first at this account: the parts of its address. */
function wordsOf(email: string): string[] {
  return email.split(/[@.]/);
}

/**
 * The user with this address and password, else undefined. An unknown address takes as long as a wrong password, so
 * the answer does not tell who has an account. A hash of an older method is replaced. Throws AppError `busy` (503)
 * when too many sign in at once.
 */
export async function verifyUser(db: Queryable, email: string, password: string): Promise<User | undefined> {
  const { rows } = await db.query<User & { password_hash: string | null }>(
    `select ${COLUMNS}, password_hash from app_user where email = lower($1) and disabled_at is null`,
    // PostgreSQL refuses a NUL; nobody's address has one.
    [email.replaceAll('\0', ' ').trim()],
  );
  const found = rows[0];
  const { right, outdated } = await verifyPassword(password, found?.password_hash);
  if (!found || !right) return undefined;
  const { password_hash: hash, ...user } = found;
  if (outdated) await upgrade(db, { id: user.id, hash, password });
  return user;
}

/** Only while nobody changed it meanwhile; a password that today's rules refuse keeps its old hash. */
async function upgrade(
  db: Queryable,
  known: { id: string; hash: string | null; password: string },
): Promise<void> {
  const hash = await hashPassword(known.password).catch((thrown: unknown) => {
    if (thrown instanceof AppError) return undefined;
    throw thrown;
  });
  if (hash === undefined) return;
  await db.query('update app_user set password_hash = $2 where id = $1 and password_hash = $3', [
    known.id,
    hash,
    known.hash,
  ]);
}
