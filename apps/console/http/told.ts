import { cookieOf } from '#access/authenticate';
import type { Principal } from '#access/principal';

/**
 * Up to which entry of the audit log this browser was told what happened to the account. A browser tells for itself:
 * whoever got in elsewhere and says "I know" there hides nothing from the owner.
 */
export const TOLD_COOKIE = 'vidhuk_told';
export const TOLD_SECONDS = 365 * 24 * 3600;

export function toldUntil(cookie: string | undefined, { id }: Pick<Principal, 'id'>): string {
  const [, whose, until] = /^([1-9]\d{0,17})\.(\d{1,18})$/.exec(cookieOf(cookie, TOLD_COOKIE) ?? '') ?? [];
  return whose === id && until !== undefined ? until : '0';
}

export function toldValue({ id }: Pick<Principal, 'id'>, until: string): string {
  return `${id}.${until}`;
}
