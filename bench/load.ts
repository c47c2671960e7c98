import { connect, type Socket } from 'node:net';

/** One request that a load generator sends. */
export interface Shot {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytes: number;
}

/**
 * Sends all shots over `connections`, each sending its next when the last is answered; with `perSecond` at that pace
 * instead, so that waiting shows as latency and not as a lower rate. Speaks just as much HTTP as it must: a client
 * library would take as much of the shared processors as the server that is measured.
 */
export async function fire(
  url: string,
  shots: readonly Shot[],
  connections: number,
  perSecond?: number,
): Promise<Load> {
  const host = new URL(url);
  const requests = shots.map((shot) => written(shot, host.host));
  const lanes = await Promise.all(Array.from({ length: connections }, () => Lane.open(host)));
  const tally = new Tally();
  const began = performance.now();
  if (perSecond === undefined) await flatOut(lanes, requests, tally);
  else await paced(lanes, requests, tally, perSecond);
  const seconds = (performance.now() - began) / 1000;
  for (const lane of lanes) lane.close();
  return tally.load(seconds);
}

async function flatOut(lanes: readonly Lane[], requests: readonly string[], tally: Tally): Promise<void> {
  let next = 0;
  const run = async (lane: Lane): Promise<void> => {
    for (let at = next++; at < requests.length; at = next++) {
      const sent = performance.now();
      tally.add(await lane.ask(requests[at] ?? ''), sent);
    }
  };
  await Promise.all(lanes.map(run));
}

async function paced(
  lanes: readonly Lane[],
  requests: readonly string[],
  tally: Tally,
  perSecond: number,
): Promise<void> {
  const free = [...lanes];
  const began = performance.now();
  const waiting: { request: string; due: number }[] = [];
  const flying: Promise<void>[] = [];
  const run = async (lane: Lane): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      tally.add(await lane.ask(one.request), one.due);
    }
    free.push(lane);
  };
  for (let at = 0; at < requests.length;) {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    for (; at < Math.min(due, requests.length); at++) {
      waiting.push({ request: requests[at] ?? '', due: performance.now() });
      const lane = free.pop();
      if (lane) flying.push(run(lane));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(flying);
}

function written({ method, path, headers, body = '' }: Shot, host: string): string {
  const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const lines = Object.entries({ host, ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

interface Answer {
  readonly status: string;
  readonly bytes: number;
}

/** One connection that asks one thing at a time. */
class Lane {
  private held: Buffer | undefined;
  private done: (answer: Answer) => void = () => undefined;
  private failed: (error: Error) => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay();
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.failed(error));
    socket.on('close', () => this.failed(new Error('the server closed a connection')));
  }

  static async open({ hostname, port }: URL): Promise<Lane> {
    const socket = connect(Number(port), hostname);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Lane(socket);
  }

  ask(request: string): Promise<Answer> {
    return new Promise((done, failed) => {
      this.done = done;
      this.failed = failed;
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.removeAllListeners('close').destroy();
  }

  private take(chunk: Buffer): void {
    const bytes = this.held ? Buffer.concat([this.held, chunk]) : chunk;
    const end = bytes.indexOf('\r\n\r\n');
    const head = end === -1 ? '' : bytes.toString('latin1', 0, end);
    const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1] ?? NaN);
    if (end !== -1 && Number.isNaN(length)) {
      return this.failed(new Error('an answer does not tell its length'));
    }
    this.held = end === -1 || bytes.length < end + 4 + length ? bytes : undefined;
    if (this.held === undefined) this.done({ status: head.slice(9, 12), bytes: length });
  }
}

/** What came back, and how long after it was due. */
class Tally {
  private readonly latencies: number[] = [];
  private readonly statuses: Record<string, number> = {};
  private bytes = 0;

  add({ status, bytes }: Answer, due: number): void {
    this.latencies.push(performance.now() - due);
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.bytes = bytes;
  }

  load(seconds: number): Load {
    const sorted = this.latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
    const { statuses, bytes } = this;
    return { perSecond: sorted.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), statuses, bytes };
  }
}
