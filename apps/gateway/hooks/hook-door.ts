import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Channel, WebhookReply, WebhookRequest } from '#channels/channel';
import type { Logger } from '#config/logger';
import { reasonOf } from '#kernel/errors';
import { BODY_LIMIT } from '../http/door.js';
import { statusOf } from '../http/error.filter.js';
import type { Hooks } from './hooks.js';

const PREFIX = '/hooks/';
const TEXT = 'text/plain; charset=utf-8';
const NO_SENDER: WebhookReply = { status: 404, contentType: TEXT, body: 'There is no such sender here.\n' };
const TOO_LARGE: WebhookReply = { status: 413, contentType: TEXT, body: 'The body is too large.\n' };

/** Answers to programs show nothing, so they carry only the headers that keep a browser from trying. */
const HEADERS = [
  'content-security-policy', "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options', 'nosniff',
  'cache-control', 'no-store',
]; // prettier-ignore
const LAST = ['connection', 'close'];
const GOES_ON: string[] = [];

interface Place {
  readonly sender: string;
  readonly door: WebhookRequest['door'];
}

/**
 * The door of carriers' calls, in front of the web framework: they come by the thousand, and routing, parsing and
 * answering them there cost more than all we do with them. What a sender says is decided by its channel; this
 * only carries bytes in and out.
 */
export class HookDoor {
  private closing = false;

  constructor(
    private readonly hooks: Hooks,
    private readonly log: Logger,
  ) {}

  /** Takes the call if it is a carrier's; false leaves it to the rest of the gateway. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'POST' || !request.url?.startsWith(PREFIX)) return false;
    const place = placeOf(request.url);
    const channel = place && this.hooks.channel(place.sender);
    const body = new Body(request, (bytes) => {
      if (!channel) this.give(response, NO_SENDER);
      else if (bytes === undefined) this.give(response, TOO_LARGE, true);
      else void this.receive(channel, this.webhookOf(place.door, request, bytes), response);
    });
    body.read();
    return true;
  }

  /** From now on every answer ends its connection, so that the server can close while calls keep coming. */
  close(): void {
    this.closing = true;
  }

  private async receive(channel: Channel, webhook: WebhookRequest, response: ServerResponse): Promise<void> {
    try {
      this.give(response, await this.hooks.receive(channel, webhook));
    } catch (thrown) {
      const status = statusOf(thrown);
      this.log.error({
        event: 'request_failed',
        route: `${PREFIX}${channel.sender}`,
        reason: reasonOf(thrown),
      });
      this.give(response, {
        status,
        contentType: 'application/json; charset=utf-8',
        body: `{"status":${status}}`,
      });
    }
  }

  private give(response: ServerResponse, { status, contentType, body }: WebhookReply, last = false): void {
    const ofBody = ['content-type', contentType, 'content-length', String(Buffer.byteLength(body))];
    const ofConnection = last || this.closing ? LAST : GOES_ON;
    // As a flat list Node writes the headers as they are, without a table of them.
    response.writeHead(status, [...HEADERS, ...ofBody, ...ofConnection]);
    response.end(body);
  }

  /** The address that was signed is the public one: what a proxy or a caller puts into Host is not asked. */
  private webhookOf(door: WebhookRequest['door'], request: IncomingMessage, body: Buffer): WebhookRequest {
    const { method = '', url = '', headers } = request;
    // Of Node's joined headers only Set-Cookie is a list, and no carrier sends one.
    const known = headers as Record<string, string | undefined>;
    return { method, door, url: this.hooks.publicUrl + url, headers: known, body };
  }
}

/** `/hooks/{sender}` or `/hooks/{sender}/{inbound|status}`; undefined for anything else below `/hooks/`. */
function placeOf(url: string): Place | undefined {
  const end = url.indexOf('?');
  const path = url.slice(PREFIX.length, end === -1 ? undefined : end);
  const slash = path.indexOf('/');
  if (slash === -1) return { sender: path, door: 'any' };
  const door = path.slice(slash + 1);
  return door === 'inbound' || door === 'status' ? { sender: path.slice(0, slash), door } : undefined;
}

/** The bytes of a request, up to the limit; told once. A caller that goes away is not answered. */
class Body {
  private chunks: Buffer[] = [];
  private length = 0;

  /** `done`: the whole body, or undefined as soon as it proves too large. */
  constructor(
    private readonly request: IncomingMessage,
    private readonly done: (bytes: Buffer | undefined) => void,
  ) {}

  read(): void {
    if (Number(this.request.headers['content-length'] ?? 0) > BODY_LIMIT) return this.refuse();
    this.request.on('data', (chunk: Buffer) => this.take(chunk));
    this.request.once('end', () => {
      if (this.length > BODY_LIMIT) return;
      const [only = Buffer.alloc(0), ...more] = this.chunks;
      this.done(more.length === 0 ? only : Buffer.concat(this.chunks));
    });
    // A connection that breaks off says so as an error, which nobody heard would end the process.
    this.request.on('error', () => undefined);
  }

  private take(chunk: Buffer): void {
    const before = this.length;
    this.length += chunk.length;
    if (this.length <= BODY_LIMIT) this.chunks.push(chunk);
    else if (before <= BODY_LIMIT) this.refuse();
  }

  /** What still comes is read and dropped, or the caller would never look at the answer. */
  private refuse(): void {
    this.chunks = [];
    this.request.resume();
    this.done(undefined);
  }
}
