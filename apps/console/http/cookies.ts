import { cookieOf, SESSION_COOKIE } from '#access/authenticate';
import type { Visitor } from '#access/doorkeeper';
import type { ConsoleRequest } from './request.js';

export const DEVICE_COOKIE = 'vidhuk_device';
export const ANTEROOM_COOKIE = 'vidhuk_anteroom';
export const PROVIDER_COOKIE = 'vidhuk_provider';
export const DEVICE_SECONDS = 365 * 24 * 3600;

/** A Set-Cookie value out of scripts' reach and not sent along from other sites' forms. */
export function secretCookie(
  name: string,
  value: string,
  { maxAgeSeconds, secure, path = '/' }: { maxAgeSeconds: number; secure: boolean; path?: string },
): string {
  const parts = [`${name}=${value}`, `Path=${path}`, 'HttpOnly', 'SameSite=Lax', `Max-Age=${maxAgeSeconds}`];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}

/** Who stands at the door, as far as the request tells. */
export function visitorOf(request: ConsoleRequest): Visitor {
  const { cookie } = request.headers;
  return {
    address: request.ip,
    agent: request.headers['user-agent'] ?? '',
    device: cookieOf(cookie, DEVICE_COOKIE),
    session: cookieOf(cookie, SESSION_COOKIE),
  };
}

/**
 * Whether cookies may travel over TLS only: the console's own address says so, or the proxy that ended TLS. Without
 * TLS a browser would drop them.
 */
export function isSecure(request: ConsoleRequest, consoleUrl: string | undefined): boolean {
  return request.protocol === 'https' || (consoleUrl?.startsWith('https:') ?? false);
}
