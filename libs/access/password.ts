import { scrypt, timingSafeEqual } from 'node:crypto';
import argon2 from 'argon2';
import { AppError } from '#kernel/errors';
import { HashingQueue } from './hashing-queue.js';
import { LONGEST, strengthOf, weaknessOf, type Strength } from './password-strength.js';

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. About 40 ms on one core.
const COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** At most 38 MiB for hashing; libuv has four threads, and file reads need some too. */
const queue = new HashingQueue(2, 60);
// Of the right form and cost, and the hash of no password.
const NOBODY = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/**
 * Hashes a password for storage by argon2id; the result names its method and cost. Throws AppError `password_weak`
 * for one that is short, long, or easily guessed, and `busy` (503) when too many are being hashed.
 */
export async function hashPassword(password: string, known: readonly string[] = []): Promise<string> {
  const weakness = await weaknessOf(canonical(password), known);
  if (weakness !== undefined) throw new AppError('password_weak', weakness);
  return queue.run(() => argon2.hash(canonical(password), COST));
}

/** How hard it is to guess; 1 is refused. */
export function passwordStrength(password: string, known: readonly string[]): Promise<Strength> {
  return strengthOf(canonical(password), known);
}

/** Whether today's rules would refuse it. */
export async function isWeak(password: string, known: readonly string[]): Promise<boolean> {
  return (await weaknessOf(canonical(password), known)) !== undefined;
}

/**
 * Whether the password made this hash; without a hash it takes as long and is false, so the answer does not tell who
 * has an account. `outdated`: it was made by an older method or cost and should be hashed anew.
 */
export async function verifyPassword(
  password: string,
  stored: string | null | undefined,
): Promise<{ right: boolean; outdated: boolean }> {
  const hash = stored ?? NOBODY;
  if (password.length > 4 * LONGEST) return { right: false, outdated: false };
  if (hash.startsWith('scrypt$')) {
    return { right: await queue.run(() => verifyScrypt(canonical(password), hash)), outdated: true };
  }
  if (!hash.startsWith('$argon2id$')) return { right: false, outdated: false };
  const right = await queue.run(() => argon2.verify(hash, canonical(password)));
  return {
    right: right && stored !== null && stored !== undefined,
    outdated: argon2.needsRehash(hash, COST),
  };
}

/** NFKC: the same characters typed on another keyboard are the same password. */
function canonical(password: string): string {
  return password.normalize('NFKC');
}

/** Hashes of the first version: `scrypt$N$r$p$salt$key`. They are replaced at the next sign-in. */
function verifyScrypt(password: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt, key] = stored.split('$');
  if (salt === undefined || key === undefined) return Promise.resolve(false);
  const expected = Buffer.from(key, 'base64');
  const cost = { N: Number(N), r: Number(r), p: Number(p), maxmem: 256 * Number(N) * Number(r) };
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(salt, 'base64'), expected.length, cost, (error, got) => {
      if (error) reject(error);
      else resolve(timingSafeEqual(expected, got));
    });
  });
}
