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

type Encoding = 'br' | 'gzip' | undefined;

/** Browsers send a handful of different headers, so what each means is worked out once. */
const known = new Map<string, Encoding>();
const KNOWN_AT_MOST = 200;

function encodingOf(accepted: string | string[] | undefined): Encoding {
  const header = String(accepted ?? '');
  if (known.has(header)) return known.get(header);
  const encoding = readEncoding(header);
  if (known.size < KNOWN_AT_MOST) known.set(header, encoding);
  return encoding;
}

/** gzip, which our pages come in ready-made, before br; a weight of 0 refuses one. */
function readEncoding(accepted: string): Encoding {
  const offers = accepted
    .toLowerCase()
    .split(',')
    .map((offer) => offer.trim().split(/\s*;\s*/))
    .filter(([, weight]) => !/^q=0(\.0*)?$/.test(weight ?? ''))
    .map(([name]) => name);
  if (offers.includes('gzip') || offers.includes('*')) return 'gzip';
  return offers.includes('br') ? 'br' : undefined;
}
