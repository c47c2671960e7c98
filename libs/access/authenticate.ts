import type { Queryable } from '#store/database';
import type { Role } from '#store/entities';
import type { Principal } from './principal.js';
import { findSession } from './sessions.js';
import { findToken } from './tokens.js';

export const SESSION_COOKIE = 'vidhuk_session';

/**
 * Who sends a request with these headers; undefined for nobody we know. A bearer token goes before a session, and a
 * wrong one is not forgiven for a right cookie. `now` is real time. `factorFor`: roles that need a second factor.
 */
export async function authenticate(
  db: Queryable,
  headers: { authorization?: string | undefined; cookie?: string | undefined },
  now: Date,
  factorFor: readonly Role[] = [],
): Promise<Principal | undefined> {
  if (headers.authorization !== undefined) {
    const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization)?.[1];
    return bearer === undefined ? undefined : findToken(db, bearer, now);
  }
  const session = cookieOf(headers.cookie, SESSION_COOKIE);
  return session === undefined ? undefined : findSession(db, session, now, factorFor);
}

/** The value of one cookie in a Cookie header (RFC 6265). */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
