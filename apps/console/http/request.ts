import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '#access/principal';

/** A request of the console; `principal` is who sends it, put there before the body is read. */
export type ConsoleRequest = FastifyRequest & { principal?: Principal };
export type ConsoleReply = FastifyReply;

/** Whether a program asks, not a person's browser: errors are problem documents, not pages. */
export function isApi(request: { readonly url: string }): boolean {
  return (
    request.url.startsWith('/api/') || request.url.startsWith('/healthz') || request.url.startsWith('/readyz')
  );
}
