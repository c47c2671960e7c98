import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
};
const GZIP = { level: 6 };
/** Smaller bodies fit a packet anyhow. */
const WORTH_IT = 1_000;

/** Sends HTML, compressed as the client accepts. Pages are small, so it is done on the spot. */
export function sendHtml(request: FastifyRequest, reply: FastifyReply, status: number, html: string): void {
  void reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('vary', 'accept-encoding');
  const encoding = html.length < WORTH_IT ? undefined : encodingOf(request.headers['accept-encoding']);
  if (encoding === undefined) {
    void reply.send(html);
    return;
  }
  const body = encoding === 'br' ? brotliCompressSync(html, BROTLI) : gzipSync(html, GZIP);
  void reply.header('content-encoding', encoding).send(body);
}

/** The better of the two that the client takes; a weight of 0 refuses one. */
function encodingOf(accepted: string | string[] | undefined): 'br' | 'gzip' | undefined {
  const offers = String(accepted ?? '')
    .toLowerCase()
    .split(',')
    .map((offer) => offer.trim().split(/\s*;\s*/))
    .filter(([, weight]) => !/^q=0(\.0*)?$/.test(weight ?? ''))
    .map(([name]) => name);
  if (offers.includes('br')) return 'br';
  return offers.includes('gzip') || offers.includes('*') ? 'gzip' : undefined;
}
