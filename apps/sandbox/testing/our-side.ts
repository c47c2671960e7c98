import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One webhook call as it arrived, with the form or JSON taken apart. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly raw: Buffer;
  readonly form: URLSearchParams;
  /** Whether the signature fits, by a check written apart from the sandbox's own. */
  readonly genuine: boolean;
}

export interface Answer {
  readonly status?: number;
  readonly contentType?: string;
  readonly location?: string;
  readonly body?: string;
  /** Breaks the connection instead of answering. */
  readonly reset?: boolean;
}

export interface OurSide {
  readonly url: string;
  readonly arrivals: Arrival[];
  /** Decides the answer of each call; default 200 without a body. */
  respond(how: (arrival: Arrival) => Answer): void;
  /** The JSON bodies that came to `/hooks/viber`, tokens as digits. */
  viberEvents(): Record<string, unknown>[];
  close(): Promise<void>;
}

/** Stands in for our gateway: takes webhooks, checks their signatures, remembers them. */
export async function ourSide(tokens: { twilio: string; viber: string }): Promise<OurSide> {
  const arrivals: Arrival[] = [];
  let how: (arrival: Arrival) => Answer = () => ({});
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const arrival = take(request, Buffer.concat(chunks), tokens, origin());
      arrivals.push(arrival);
      const answer = how(arrival);
      if (answer.reset) return void request.socket.destroy();
      response.writeHead(answer.status ?? 200, {
        'content-type': answer.contentType ?? 'text/xml',
        ...(answer.location === undefined ? {} : { location: answer.location }),
      });
      response.end(answer.body ?? '');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin(),
    arrivals,
    respond: (next) => {
      how = next;
    },
    viberEvents: () =>
      arrivals
        .filter(({ path }) => path === '/hooks/viber')
        .map(({ raw }) => JSON.parse(quoteTokens(raw.toString('utf8'))) as Record<string, unknown>),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function take(
  request: IncomingMessage,
  raw: Buffer,
  tokens: { twilio: string; viber: string },
  origin: string,
): Arrival {
  const url = new URL(request.url ?? '/', origin);
  const form = new URLSearchParams(raw.toString('utf8'));
  const expected = request.headers['x-viber-content-signature']
    ? createHmac('sha256', tokens.viber).update(raw).digest('hex')
    : createHmac('sha1', tokens.twilio)
        .update(origin + (request.url ?? ''))
        .update(
          [...form.keys()]
            .sort()
            .map((name) => `${name}${form.get(name)}`)
            .join(''),
        ) // prettier-ignore
        .digest('base64');
  const given = request.headers['x-viber-content-signature'] ?? request.headers['x-twilio-signature'];
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    raw,
    form,
    genuine: given === expected,
  };
}

function quoteTokens(json: string): string {
  return json.replace(/("message_token"\s*:\s*)(\d+)/g, '$1"$2"');
}
