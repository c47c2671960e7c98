import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageBody } from './stencil.js';

/** Smaller bodies fit a packet anyhow. */
const WORTH_IT = 1_000;

/** Sends HTML, compressed as the client accepts. Pages are small, so it is done on the spot. */
export function sendHtml(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  page: string | PageBody,
): void {
  void reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('vary', 'accept-encoding');
  const isText = typeof page === 'string';
  const encoding =
    isText && page.length < WORTH_IT ? undefined : encodingOf(request.headers['accept-encoding']);
  if (encoding === undefined) {
    void reply.send(isText ? page : page.plain());
    return;
  }
  void reply.header('content-encoding', encoding).send(compressed(page, encoding));
}

function compressed(page: string | PageBody, encoding: 'br' | 'gzip'): Buffer {
  if (encoding === 'br') return brotliCompressSync(typeof page === 'string' ? page : page.plain());
  return typeof page === 'string' ? gzipSync(page) : page.gzip();
}

/** gzip, which our pages come in ready-made, before br; a weight of 0 refuses one. */
function encodingOf(accepted: string | string[] | undefined): 'br' | 'gzip' | undefined {
  const offers = String(accepted ?? '')
    .toLowerCase()
    .split(',')
    .map((offer) => offer.trim().split(/\s*;\s*/))
    .filter(([, weight]) => !/^q=0(\.0*)?$/.test(weight ?? ''))
    .map(([name]) => name);
  if (offers.includes('gzip') || offers.includes('*')) return 'gzip';
  return offers.includes('br') ? 'br' : undefined;
}
