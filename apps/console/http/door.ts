import type { FastifyInstance } from 'fastify';
import { authenticate } from '#access/authenticate';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import type { Database } from '#store/database';
import { problemOf } from './problem.js';
import { sendProblem } from './problem.filter.js';
import { isApi, type ConsoleRequest } from './request.js';

/** A batch of 10,000 visit records is 4 to 8 MB. */
export const BODY_LIMIT = 16 * 1024 * 1024;
const FORM_LIMIT = 64 * 1024;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Nothing from elsewhere, no inline script, no frame around us. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * What happens to every request before its body is read: security headers, who it is, and a refusal of changes from
 * strangers, so that nobody can make us read and parse megabytes without a token.
 */
export function guardDoor(server: FastifyInstance, database: Database, clock: Clock): void {
  // Lines are taken in while they arrive, so their number has no limit and the memory they need does.
  server.addContentTypeParser(
    'application/x-ndjson',
    { bodyLimit: Number.MAX_SAFE_INTEGER },
    (_, payload, done) => {
      done(null, payload);
    },
  );
  server.addHook('onRequest', async (request: ConsoleRequest, reply) => {
    void reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    });
    if (isApi(request)) void reply.header('cache-control', 'no-store');
    const principal = await authenticate(database, request.headers, clock.real());
    if (principal) request.principal = principal;
    const refusal = SAFE_METHODS.has(request.method) ? undefined : refusalOf(request);
    if (refusal) {
      sendProblem(reply, problemOf(refusal));
      return reply;
    }
    return undefined;
  });
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
