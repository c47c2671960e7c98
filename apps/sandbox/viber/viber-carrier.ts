import type { CarrierReply } from '../carrier-door.js';
import type { Bubble, Phone } from '../phones/phone.js';
import { viberSignature } from '../signatures.js';
import type { CarrierSurroundings } from '../surroundings.js';
import { requireLoopback, type Persistence, type WebhookAnswer, type WebhookCall } from '../webhooks.js';
import { escapedJson, viberJson } from './viber-json.js';
import { readViberMessage, type ViberMessage } from './viber-message.js';
import { viberStatusMessage } from './viber-status.js';

const EVENTS = ['subscribed', 'unsubscribed', 'webhook', 'conversation_started', 'client_status', 'action', 'delivered', 'failed', 'message', 'seen']; // prettier-ignore
/** Per user and clock hour without an answer. developers.viber.com/docs/faq */
const UNANSWERED_PER_HOUR = 100;
/** No 200 within 5 s: again a second later some three times, then every minute. Field report, viber-bot-php#37. */
const PERSISTENCE: Persistence = {
  timeoutMs: 5000,
  pausesMs: [1000, 1000, 1000, 60_000, 60_000, 60_000, 60_000, 60_000],
  on: new Set(['connect', 'timeout', '4xx', '5xx']),
};
/** Civil time for which a receipt out of order waits for the one that should follow it. */
const HELD_BACK_MS = 3_600_000;
const ONCE: Persistence = { ...PERSISTENCE, pausesMs: [] };

/** The bot API: takes messages to people who subscribed, and tells our webhook what they do. */
export class ViberCarrier {
  /** The address set; empty once it was removed, undefined as long as nobody set any. */
  private hook: string | undefined;
  private tokens: bigint;
  private unanswered = new Map<string, { hour: number; count: number }>();
  /** Receipts by token that come only after `seen`, because that was ordered. */
  private heldBack = new Map<string, () => Promise<void>>();

  constructor(private readonly around: CarrierSurroundings) {
    // Near 2^62, like the real ones, and never the same in two runs.
    this.tokens = BigInt(around.clock.real().getTime()) << 22n;
  }

  /** A message token: a whole number beyond 2^53, in digits. */
  token(): string {
    this.tokens += 37n;
    return this.tokens.toString();
  }

  isAuthentic(token: string | undefined): boolean {
    return token === this.around.accounts.viber.authToken;
  }

  /** The standing webhook: the one set, else our gateway's usual door; undefined when it was removed. */
  get webhook(): string | undefined {
    if (this.hook !== undefined) return this.hook === '' ? undefined : this.hook;
    const publicUrl = this.around.publicUrl();
    return publicUrl === undefined ? undefined : `${publicUrl}/hooks/viber`;
  }

  /** `set_webhook`: calls the address while the request waits, and takes it only if that is answered with 200. */
  async setWebhook(url: unknown): Promise<CarrierReply> {
    if (typeof url !== 'string') return this.status(4, 'missing parameter: url');
    if (url === '') {
      this.hook = '';
      return this.status(0, undefined, { event_types: [] });
    }
    try {
      requireLoopback(url);
    } catch {
      return this.status(1, 'Url is not valid (the sandbox calls loopback addresses only)');
    }
    const check = { event: 'webhook', timestamp: this.timestamp(), chat_hostname: 'SN-SANDBOX-01_' };
    const body = { ...check, message_token: this.token() };
    const answer = await this.around.webhooks.call(this.callOf(url, '', 'webhook', body), ONCE);
    if (answer?.status !== 200) return this.status(1, 'Result from server is not 200');
    this.hook = url;
    return this.status(0, undefined, { event_types: EVENTS });
  }

  accountInfo(): CarrierReply {
    const { viber } = this.around.accounts;
    return this.status(0, undefined, {
      id: 'pa:5410000000000000000',
      name: viber.name,
      uri: viber.chatUri,
      category: 'Government',
      country: 'UA',
      location: { lat: 50.4501, lon: 30.5234 },
      webhook: this.webhook ?? '',
      event_types: EVENTS,
      subscribers_count: this.around.phones.countSubscribers(),
      members: [],
    });
  }

  /** `send_message`. */
  send(body: unknown): CarrierReply {
    const message = readViberMessage(body);
    if ('status' in message) return this.refuse(message.status, message.statusMessage);
    if (this.webhook === undefined) return this.refuse(10);
    if (message.receiver === '') return this.refuse(4, 'missing parameter: receiver');
    const phone = this.around.phones.findByViberId(message.receiver);
    if (!phone || phone.viber === 'none') return this.refuse(5);
    if (phone.viber !== 'subscribed') return this.refuse(6);
    if (!this.mayWrite(phone)) return this.refuse(12);
    const token = this.token();
    const bubble = this.show(phone, message, token);
    this.around.accepted.add({
      at: this.around.clock.now(),
      carrier: 'viber',
      channel: 'viber',
      to: phone.number,
      sender: bubble.sender,
      text: message.text,
      externalId: token,
      ...(message.trackingData === undefined ? {} : { messageId: message.trackingData }),
    });
    this.travel(phone, bubble, token, message.keyboardProblem);
    return this.status(0, undefined, { message_token: token, billing_status: 1 });
  }

  refuse(status: number, message?: string): CarrierReply {
    this.around.accepted.refused('viber', status);
    return this.status(status, message, { message_token: this.token() });
  }

  /** Puts a message from the bot on the phone: a sent one, or the welcome in an answer to conversation_started. */
  show(phone: Phone, message: ViberMessage, token: string | undefined): Bubble {
    const { accounts, phones } = this.around;
    return phones.show(phone, {
      by: 'centre',
      channel: 'viber',
      carrier: 'viber',
      sender: accounts.viber.name,
      text: message.text,
      buttons: message.buttons,
      status: token === undefined ? 'delivered' : 'pending',
      ...(message.trackingData === undefined
        ? {}
        : { trackingData: message.trackingData, messageId: message.trackingData }),
      ...(token === undefined ? {} : { externalId: token }),
    });
  }

  /** Tells our webhook of an event about this person; resolves to its answer, undefined when there was none. */
  async tell(
    phone: Phone,
    event: string,
    fields: Record<string, unknown>,
  ): Promise<WebhookAnswer | undefined> {
    const url = this.webhook;
    if (url === undefined) return undefined;
    return this.around.webhooks.ask(this.eventOf(url, phone, event, fields), PERSISTENCE);
  }

  /** The same for receipts, which ordered trouble may strike. */
  async receipt(phone: Phone, event: string, fields: Record<string, unknown>): Promise<void> {
    const url = this.webhook;
    if (url === undefined) return;
    const { message_token: about } = fields;
    const call = this.eventOf(url, phone, event, fields);
    await this.around.webhooks.notify(
      { ...call, ...(typeof about === 'string' ? { about } : {}) },
      PERSISTENCE,
    );
  }

  /** An answer from the person opens a new hundred. */
  answered(phone: Phone): void {
    this.unanswered.delete(phone.number);
  }

  timestamp(): number {
    return this.around.clock.now().getTime();
  }

  clear(): void {
    this.hook = undefined;
    this.unanswered.clear();
    this.heldBack.clear();
  }

  /** Tells of a delivery that waited for its `seen`, if it did. */
  async release(token: string): Promise<void> {
    const tell = this.heldBack.get(token);
    this.heldBack.delete(token);
    await tell?.();
  }

  private travel(phone: Phone, bubble: Bubble, token: string, problem: string | undefined): void {
    const { accepted, agenda, chance, faults, pace, phones } = this.around;
    const nth = accepted.countFor(phone.number);
    const ordered = faults.later('viber', 'undelivered', phone.viberId);
    const desc = problem ?? (ordered ? 'failure description' : undefined);
    agenda.in(chance.between(pace.deliveredMs, 'delivered', phone.number, nth), async () => {
      phones.advance(phone, bubble, desc === undefined ? 'delivered' : 'failed');
      const about = { message_token: token, user_id: phone.viberId };
      if (desc !== undefined) return this.receipt(phone, 'failed', { ...about, desc });
      const tell = (): Promise<void> => this.receipt(phone, 'delivered', about);
      if (!faults.later('viber', 'callback_reorder', phone.viberId)) return tell();
      this.heldBack.set(token, tell);
      agenda.in(HELD_BACK_MS, () => this.release(token));
    });
  }

  private mayWrite(phone: Phone): boolean {
    const hour = Math.floor(this.timestamp() / 3_600_000);
    const known = this.unanswered.get(phone.number);
    const count = known?.hour === hour ? known.count + 1 : 1;
    if (count <= UNANSWERED_PER_HOUR) this.unanswered.set(phone.number, { hour, count });
    return count <= UNANSWERED_PER_HOUR;
  }

  private eventOf(url: string, phone: Phone, event: string, fields: Record<string, unknown>): WebhookCall {
    const body = { event, timestamp: this.timestamp(), chat_hostname: 'SN-SANDBOX-01_', ...fields };
    return this.callOf(url, phone.viberId, event, body);
  }

  private callOf(url: string, to: string, event: string, fields: Record<string, unknown>): WebhookCall {
    const body = Buffer.from(escapedJson(fields));
    const headers = {
      'content-type': 'application/json',
      'x-viber-content-signature': viberSignature(this.around.accounts.viber.authToken, body),
    };
    return { carrier: 'viber', to, event, url, headers, body };
  }

  private status(status: number, message?: string, fields: Record<string, unknown> = {}): CarrierReply {
    const head = {
      status,
      status_message: message ?? viberStatusMessage(status),
      chat_hostname: 'SN-SANDBOX-01_',
    };
    return { status: 200, body: viberJson({ ...head, ...fields }) };
  }
}
