import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '#access/principal';
import { AppError } from '#kernel/errors';

/** A request of the console; `principal` is who sends it, put there before the body is read. */
export type ConsoleRequest = FastifyRequest & { principal?: Principal };
export type ConsoleReply = FastifyReply;

/** Who sends the request. Throws AppError `not_signed_in` (401): only on routes that are open to strangers. */
export function principalOf(request: { readonly principal?: Principal }): Principal {
  if (request.principal) return request.principal;
  throw new AppError('not_signed_in', 'Sign in.', { status: 401 });
}

/** Whether a program asks, not a person's browser: errors are problem documents, not pages. */
export function isApi(request: { readonly url: string }): boolean {
  return (
    request.url.startsWith('/api/') || request.url.startsWith('/healthz') || request.url.startsWith('/readyz')
  );
}
