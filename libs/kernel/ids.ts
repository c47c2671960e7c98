import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** Base58: no 0, O, I or l, so that a code can be read out and typed. */
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
export const SURVEY_CODE = /^[1-9A-HJ-NP-Za-km-z]{8}$/;

/** Characters of a short-link code. */
export const SURVEY_CODE_LENGTH = 8;

/** A short-link code: 8 base58 characters (46.8 bits) from a cryptographic source. */
export function surveyCode(): string {
  let code = '';
  for (let i = 0; i < SURVEY_CODE_LENGTH; i++) code += BASE58[randomInt(BASE58.length)];
  return code;
}

/** `n` characters of base58 from a cryptographic source, for tokens and passwords shown once. */
export function randomToken(n: number): string {
  let token = '';
  for (let i = 0; i < n; i++) token += BASE58[randomInt(BASE58.length)];
  return token;
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

export function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** Compares two secrets in time that does not depend on where they differ; unequal lengths are unequal. */
export function secretsEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}
