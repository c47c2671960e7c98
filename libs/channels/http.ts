import type { IncomingHttpHeaders } from 'node:http';
import { Pool, type Dispatcher } from 'undici';

/** One call to a carrier; the path is appended to the carrier's address. */
export interface CarrierRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Instead of the client's own, for calls that take longer by nature. */
  readonly timeoutMs?: number;
}

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * What became of a call. The line between the last two is exact, not guessed from error codes: `unsent` means that
 * no byte of the request was written (refused, no such host, TLS failed, gave up while waiting for a connection);
 * `lost` means that it was written, at least in part, and no whole answer came.
 */
export type CarrierAnswer =
  | Answered
  | { readonly kind: 'unsent'; readonly detail: string }
  | { readonly kind: 'lost'; readonly detail: string };

export interface CarrierClientOptions {
  /** Connections at most; a call beyond them waits for one. */
  readonly connections: number;
  /** Real milliseconds from the call to the whole answer, waiting for a connection included. */
  readonly timeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Below the idle limit of common front ends, so that a request is rarely written to a closing connection. */
const KEEP_ALIVE_MS = 4_000;
const ANSWER_BYTES_AT_MOST = 1024 * 1024;

/** A bounded pool of kept-alive connections to one carrier. Redirects are not followed, nothing is retried. */
export class CarrierClient {
  private readonly pool: Pool;
  private readonly prefix: string;
  private readonly watchers = new WeakMap<AbortSignal, Set<Exchange>>();

  /** `baseUrl`: http(s) address, with or without a path. */
  constructor(
    baseUrl: string,
    private readonly options: CarrierClientOptions,
  ) {
    const base = new URL(baseUrl);
    this.prefix = base.pathname.replace(/\/+$/, '');
    this.pool = new Pool(base.origin, {
      connections: options.connections,
      pipelining: 1,
      connect: { timeout: Math.min(CONNECT_TIMEOUT_MS, options.timeoutMs) },
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxResponseSize: ANSWER_BYTES_AT_MOST,
      // One timer for the whole call bounds it more tightly than these would.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Never rejects. Resolves at the latest when the time is up, and soon after `signal` aborts. */
  call(request: CarrierRequest, signal?: AbortSignal): Promise<CarrierAnswer> {
    if (signal?.aborted) return Promise.resolve({ kind: 'unsent', detail: 'stopped before the request' });
    return new Promise((resolve) => {
      const exchange = new Exchange(
        resolve,
        request.timeoutMs ?? this.options.timeoutMs,
        this.watchersOf(signal),
      );
      const options: Dispatcher.DispatchOptions = {
        method: request.method,
        path: this.prefix + request.path,
        headers: request.headers,
        body: request.body ?? null,
      };
      this.pool.dispatch(options, exchange);
    });
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  /** One listener a signal, however many calls share it: adding and removing one a call is what costs. */
  private watchersOf(signal: AbortSignal | undefined): Set<Exchange> | undefined {
    if (!signal) return undefined;
    let watchers = this.watchers.get(signal);
    if (!watchers) {
      const fresh = (watchers = new Set<Exchange>());
      this.watchers.set(signal, fresh);
      signal.addEventListener('abort', () => fresh.forEach((one) => one.giveUp('stopped')), { once: true });
    }
    return watchers;
  }
}

/** One request on its way: keeps whether it was written, which decides what a failure means. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private readonly chunks: Buffer[] = [];
  private readonly timer: NodeJS.Timeout;
  private settled = false;

  constructor(
    private readonly resolve: (answer: CarrierAnswer) => void,
    timeoutMs: number,
    private readonly watchers: Set<Exchange> | undefined,
  ) {
    this.timer = setTimeout(() => this.giveUp(`no answer within ${timeoutMs} ms`), timeoutMs);
    watchers?.add(this);
  }

  /** undici calls it with a connection in hand, just before the first byte; aborting here writes nothing. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) controller.abort(new Error('given up while waiting for a connection'));
    else this.controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return; // an interim answer; the real one follows
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.chunks).toString('utf8');
    this.settle({ kind: 'answered', status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.settle(this.failure(wordsFor(error)));
  }

  /** Settles as a failure now; what may already be under way is cut off. */
  giveUp(detail: string): void {
    this.settle(this.failure(detail));
    this.controller?.abort(new Error(detail));
  }

  private failure(detail: string): CarrierAnswer {
    return this.controller ? { kind: 'lost', detail } : { kind: 'unsent', detail };
  }

  private settle(answer: CarrierAnswer): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    this.watchers?.delete(this);
    this.resolve(answer);
  }
}

const FAILURES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'host name not found'],
  ['EAI_AGAIN', 'host name not found'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
  ['ECONNRESET', 'connection reset'],
  ['EPIPE', 'connection closed'],
  ['UND_ERR_SOCKET', 'connection closed'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'answer too large'],
]);

/** Words of our own: a vendor's or a library's message may quote the address, the request or a header. */
function wordsFor(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return `${FAILURES.get(code) ?? 'connection failed'} (${code})`;
}
