import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { AppError } from '#kernel/errors';

// OWASP's scrypt setting of 32 MB a hash: as strong as 128 MB at p=1, and many sign-ins at once fit into memory.
const CURRENT = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;
const SHORTEST = 12;
// A longer text adds no strength and would only cost time.
const LONGEST = 200;

/**
 * Hashes a password for storage. The result names its method and cost, so another method can come later and old
 * hashes still verify. Throws AppError `password_weak` under 12 or over 200 characters.
 */
export async function hashPassword(password: string): Promise<string> {
  const length = [...password].length;
  if (length < SHORTEST || length > LONGEST) {
    throw new AppError('password_weak', `A password has ${SHORTEST} to ${LONGEST} characters.`);
  }
  const salt = randomBytes(16);
  const key = await derive(password, salt, CURRENT);
  const { N, r, p } = CURRENT;
  return ['scrypt', N, r, p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** Whether the password made this hash. Takes as long for a wrong one; false for a hash it cannot read. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [method, N, r, p, salt, key] = stored.split('$');
  if (method !== 'scrypt' || salt === undefined || key === undefined || password.length > 4 * LONGEST)
    return false;
  const expected = Buffer.from(key, 'base64');
  const got = await derive(password, Buffer.from(salt, 'base64'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return expected.length === got.length && timingSafeEqual(expected, got);
}

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    // NFKC: the same characters typed on another keyboard are the same password.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
