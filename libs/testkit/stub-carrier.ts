import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createPlainServer,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';

/** How the stub treats one request. */
export type StubAnswer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Reads the request and says nothing. */
  | 'silence'
  /** Reads the request and cuts the connection. */
  | 'reset'
  /** Begins an answer and cuts the connection in the middle of it. */
  | 'half an answer';

export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A carrier on a loopback port that answers as told and keeps what it was asked. */
export class StubCarrier {
  readonly requests: StubRequest[] = [];
  private answers: StubAnswer[] = [];
  private waiting: { count: number; resolve: () => void }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StubCarrier> {
    const server = createServer();
    const stub = new StubCarrier(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const { method = '', url = '', headers } = request;
        stub.take({ method, path: url, headers, body }, response);
      });
    });
    await listen(server);
    return stub;
  }

  get url(): string {
    return addressOf(this.server);
  }

  /** Answers of the next requests, in order; the last one is repeated. Forgets earlier requests. */
  script(...answers: StubAnswer[]): void {
    this.answers = answers;
    this.requests.length = 0;
  }

  /** Resolves once that many requests have come since `script`. */
  async received(count: number): Promise<void> {
    if (this.requests.length >= count) return;
    await new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(request: StubRequest, response: ServerResponse): void {
    this.requests.push(request);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    give(answer ?? { status: 404 }, response);
    for (const { count, resolve } of this.waiting) if (this.requests.length >= count) resolve();
  }
}

function give(answer: StubAnswer, response: ServerResponse): void {
  if (answer === 'silence') return;
  if (answer === 'reset') {
    response.destroy();
    return;
  }
  if (answer === 'half an answer') {
    response.writeHead(200, { 'Content-Length': '1000' });
    response.write('{"half":', () => response.destroy());
    return;
  }
  response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
  response.end(answer.body ?? '');
}

/** A port that takes connections and never says a word: a TLS handshake there does not end. */
export async function muteServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createPlainServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await listen(server);
  return {
    url: addressOf(server).replace('http:', 'https:'),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An address on which nothing listens. */
export async function deadAddress(): Promise<string> {
  const server = createPlainServer();
  await listen(server);
  const url = addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

async function listen(server: NetServer): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
}

function addressOf(server: NetServer): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
