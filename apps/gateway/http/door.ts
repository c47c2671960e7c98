import type { FastifyInstance } from 'fastify';

/** Answers and carriers' calls are a few kilobytes. */
export const BODY_LIMIT = 128 * 1024;

export interface DoorPolicy {
  /** Content-Security-Policy of every page. */
  readonly policy: string;
  /** Whether the public address is https, so that browsers may be told to stay with it. */
  readonly secure: boolean;
}

/** What holds for every request: bodies stay the bytes that came, and every answer carries the security headers. */
export function guardDoor(server: FastifyInstance, door: DoorPolicy): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => {
    done(null, body);
  });
  const headers = securityHeaders(door);
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}

/** Headers of every answer: nothing is framed, cached, indexed, sniffed or told to the next site. */
export function securityHeaders({ policy, secure }: DoorPolicy): Record<string, string> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    // The address of a page is its key.
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow, noarchive',
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), interest-cohort=()',
    'x-frame-options': 'DENY',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}
