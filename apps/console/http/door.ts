import type { FastifyInstance } from 'fastify';
import { accountNews } from '#access/account-events.sql';
import { authenticate } from '#access/authenticate';
import type { Principal } from '#access/principal';
import type { Environment } from '#config/environment';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import type { Database } from '#store/database';
import { problemOf } from './problem.js';
import { sendProblem } from './problem.filter.js';
import { RequestLimit } from './request-limit.js';
import { isApi, type ConsoleRequest } from './request.js';
import { toldUntil } from './told.js';

/** A batch of 10,000 visit records is 4 to 8 MB. */
export const BODY_LIMIT = 16 * 1024 * 1024;
const FORM_LIMIT = 64 * 1024;

/** How long a client may take, in milliseconds of real time. */
export interface Patience {
  readonly headersMs: number;
  /** For a whole body; a stream of lines may take as long as it keeps coming. */
  readonly bodyMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
}
export const PATIENCE: Patience = { headersMs: 10_000, bodyMs: 60_000, idleMs: 120_000 };

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Nothing from elsewhere, no inline script, no frame around us. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * What happens to every request before its body is read: security headers, who it is, whether they ask too often, and
 * a refusal of changes from strangers, so that nobody can make us read and parse megabytes without a token.
 */
export function guardDoor(
  server: FastifyInstance,
  {
    database,
    clock,
    environment,
    patience,
  }: {
    database: Database;
    clock: Clock;
    environment: Pick<Environment, 'secondFactorFor'>;
    patience: Patience;
  },
): void {
  const limit = new RequestLimit();
  // Lines are taken in while they arrive, so their number has no limit and the memory they need does.
  server.addContentTypeParser(
    'application/x-ndjson',
    { bodyLimit: Number.MAX_SAFE_INTEGER },
    (_, payload, done) => {
      done(null, payload);
    },
  );
  server.addHook('onRequest', async (request: ConsoleRequest, reply) => {
    cutWhenSlow(request, patience);
    void reply.headers(securityHeaders(request));
    if (isApi(request)) void reply.header('cache-control', 'no-store');
    const now = clock.real();
    const principal = await authenticate(database, request.headers, now, environment.secondFactorFor);
    if (principal) {
      const news = isPage(request, principal)
        ? await accountNews(database, principal, toldUntil(request.headers.cookie, principal), now)
        : 0;
      request.principal = { ...principal, news };
    }
    const waitMs = limit.wait(request.ip, principal, now);
    if (waitMs > 0) {
      void reply.header('retry-after', String(Math.ceil(waitMs / 1000)));
      sendProblem(
        reply,
        problemOf(new AppError('too_many_requests', 'Too many requests: wait a little.', { status: 429 })),
      );
      return reply;
    }
    const refusal = SAFE_METHODS.has(request.method) ? undefined : refusalOf(request);
    if (refusal) {
      sendProblem(reply, problemOf(refusal));
      return reply;
    }
    return undefined;
  });
}

/** Whether a person will look at the answer: what happened to their account is told there. */
function isPage(request: ConsoleRequest, { kind }: Principal): boolean {
  const seen = !isApi(request) && !request.url.startsWith('/assets/');
  return kind === 'user' && seen && request.headers['x-live'] === undefined;
}

/** Headers of every answer: nothing is framed, sniffed, indexed, or run from elsewhere. */
export function securityHeaders({ protocol }: Pick<ConsoleRequest, 'protocol'>): Record<string, string> {
  return {
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex, nofollow',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    ...(protocol === 'https' && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

/** A client that gives its body byte by byte would hold a connection for hours. */
function cutWhenSlow({ raw, headers, method }: ConsoleRequest, { bodyMs }: Patience): void {
  if (SAFE_METHODS.has(method) || headers['content-type']?.startsWith('application/x-ndjson')) return;
  const timer = setTimeout(() => raw.destroy(), bodyMs);
  timer.unref();
  const stop = (): void => clearTimeout(timer);
  raw.once('end', stop).once('close', stop);
}

/** Why a change may not even be read; undefined when it may. */
function refusalOf(request: ConsoleRequest): AppError | undefined {
  if (!request.headers.authorization && isForeign(request)) {
    return new AppError('origin_foreign', 'This form did not come from the console.', { status: 403 });
  }
  if (request.principal) return undefined;
  if (isApi(request)) {
    return new AppError('not_signed_in', 'Send a bearer token that is still valid.', { status: 401 });
  }
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  return length <= FORM_LIMIT
    ? undefined
    : new AppError('body_too_large', 'The form is too large.', { status: 413 });
}

/** Browsers say where a form came from; a form of another site is refused before any session is looked at. */
function isForeign({ headers, host }: ConsoleRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  const origin = headers.origin;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
