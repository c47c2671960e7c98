import { sha256 } from '#kernel/ids';
import { toLocal } from '#kernel/zone';
import type { CarrierReply } from '../carrier-door.js';
import { isMobile, readNumber } from '../phones/number.js';
import type { Bubble, Phone } from '../phones/phone.js';
import { turboSmsSignature } from '../signatures.js';
import type { CarrierSurroundings } from '../surroundings.js';
import { smsParts } from '../twilio/sms-parts.js';
import type { Persistence } from '../webhooks.js';
import { codeName, isOfRecipient, turboSmsAnswer } from './turbosms-codes.js';
import { readTurboSmsRequest, type TurboSmsRequest } from './turbosms-request.js';

/** Again after so many minutes until HTTP 200. https://turbosms.ua/en/callback.html */
const MINUTES = [1, 3, 5, 10, 15, 20, 30, 60, 120];
const PERSISTENCE: Persistence = {
  timeoutMs: 15_000,
  pausesMs: MINUTES.map((minutes) => minutes * 60_000),
  on: new Set(['connect', 'timeout', '4xx', '5xx']),
};
/** TurboSMS writes its times by the clock of Kyiv, without a zone. */
const ZONE = 'Europe/Kyiv';

interface RecipientResult {
  readonly phone: string;
  readonly response_code: number;
  readonly message_id: string | null;
  readonly response_status: string;
}

/** TurboSMS' HTTP API: SMS and Viber Business Messages by number, receipts by webhook. */
export class TurboSmsCarrier {
  private done = new Map<string, RecipientResult[]>();
  private ids = 0;
  private readonly run: string;

  constructor(private readonly around: CarrierSurroundings) {
    this.run = String(around.clock.real().getTime());
  }

  isAuthentic(token: string): boolean {
    return token === this.around.accounts.turbosms.token;
  }

  /** `message/send`. A repeated `sequence_id` is not done again and answered with the first result. */
  send(body: unknown): CarrierReply {
    const request = readTurboSmsRequest(body);
    if (typeof request === 'number') return this.refuse(request);
    const before = request.sequenceId === undefined ? undefined : this.done.get(request.sequenceId);
    if (before) return reply(507, before);
    const results = request.recipients.map((recipient) => this.sendTo(request, recipient));
    if (request.sequenceId !== undefined) this.remember(request.sequenceId, results);
    return reply(results.every(({ response_code: code }) => code === 0) ? 800 : 802, results);
  }

  /** A refusal on order: beside the recipient where the code speaks of one. */
  refuse(code: number, recipient?: string): CarrierReply {
    this.around.accepted.refused('turbosms', code);
    return recipient !== undefined && isOfRecipient(code)
      ? reply(802, [refusedRecipient(recipient, code)])
      : reply(code);
  }

  balance(): CarrierReply {
    return reply(0, { balance: '1000.00' });
  }

  clear(): void {
    this.done.clear();
  }

  private sendTo(request: TurboSmsRequest, recipient: string): RecipientResult {
    const number = readNumber(recipient);
    if (number === undefined || !isMobile(number)) {
      this.around.accepted.refused('turbosms', 305);
      return refusedRecipient(recipient, 305);
    }
    const phone = this.around.phones.obtain(number);
    const id = this.messageId();
    const bubble = this.accept(phone, request, id);
    this.travel(phone, request, bubble);
    return { phone: recipient, response_code: 0, message_id: id, response_status: codeName(0) };
  }

  private accept(phone: Phone, request: TurboSmsRequest, id: string): Bubble {
    const { accepted, clock, phones } = this.around;
    const { channel, sender, text, sequenceId } = request;
    const content = { channel, carrier: 'turbosms', sender, text, externalId: id } as const;
    const parts = channel === 'sms' ? { parts: smsParts(text) } : {};
    // Our id does not travel with these messages: the request's own id stands for it.
    const named = sequenceId === undefined ? {} : { messageId: `sequence ${sequenceId}` };
    accepted.add({ ...content, ...parts, ...named, at: clock.now(), to: phone.number });
    return phones.show(phone, { ...content, ...parts, by: 'centre', buttons: [], status: 'pending' });
  }

  /** Sent and then delivered, or not; a Viber message that is read later says so by `see`. */
  private travel(phone: Phone, request: TurboSmsRequest, bubble: Bubble): void {
    const { accepted, agenda, chance, faults, pace, phones, unreachable } = this.around;
    const nth = accepted.countFor(phone.number);
    const viber = request.channel === 'viber';
    const sentMs = chance.between(pace.sentMs, 'sent', phone.number, nth);
    const endMs = Math.max(sentMs, chance.between(pace.deliveredMs, 'delivered', phone.number, nth));
    const ordered = faults.later('turbosms', 'undelivered', phone.number);
    const trouble = ordered ? (ordered.code ?? 27) : unreachable(phone.number) === undefined ? undefined : 27;
    const words: [number, string][] = [
      [sentMs, viber ? 'Sent' : 'ENROUTE'],
      [endMs, trouble === undefined ? (viber ? 'Delivered' : 'DELIVRD') : viber ? 'Undelivered' : 'UNDELIV'],
    ];
    const told = words.map(([, word]) => word);
    if (faults.later('turbosms', 'callback_reorder', phone.number)) told.reverse();
    words.forEach(([afterMs], i) => {
      agenda.in(afterMs, async () => {
        const last = i === words.length - 1;
        phones.advance(phone, bubble, !last ? 'sent' : trouble === undefined ? 'delivered' : 'undelivered', last ? trouble : undefined); // prettier-ignore
        await this.receipt(phone, bubble, told[i] ?? '', /undel/i.test(told[i] ?? '') ? trouble : undefined);
      });
    });
  }

  /** The person looks at Viber: each delivered business message is read. */
  async see(phone: Phone): Promise<void> {
    const unread = phone.bubbles.filter(
      ({ carrier, channel, status }) =>
        carrier === 'turbosms' && channel === 'viber' && status === 'delivered',
    );
    for (const bubble of unread) {
      this.around.phones.advance(phone, bubble, 'seen');
      await this.receipt(phone, bubble, 'Read', undefined);
    }
  }

  /** SMS receipts go to `/hooks/turbosms`, those of Viber to `/hooks/turbosms-viber`: one webhook for each kind. */
  private async receipt(
    phone: Phone,
    bubble: Bubble,
    status: string,
    errorCode: number | undefined,
  ): Promise<void> {
    const publicUrl = this.around.publicUrl();
    if (publicUrl === undefined) return;
    const viber = bubble.channel === 'viber';
    const id = this.messageId();
    const body = JSON.stringify({
      id,
      type: viber ? 'DLR_VIBER_API' : 'DLR_SMS_API',
      date: this.kyivTime(),
      try: 1,
      signature: turboSmsSignature(this.around.accounts.turbosms.webhookSecret, id),
      data: {
        message_id: bubble.externalId,
        status,
        error_code: errorCode ?? 0,
        dlr_date: this.kyivTime(),
        recipient: phone.number.slice(1),
      },
    });
    await this.around.webhooks.notify(
      {
        carrier: 'turbosms',
        to: phone.number,
        event: status,
        ...(bubble.externalId === undefined ? {} : { about: bubble.externalId }),
        url: `${publicUrl}/hooks/turbosms${viber ? '-viber' : ''}`,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(body),
      },
      PERSISTENCE,
    );
  }

  private remember(sequenceId: string, results: RecipientResult[]): void {
    this.done.set(sequenceId, results);
    if (this.done.size > this.around.keep) this.done.delete(this.done.keys().next().value ?? '');
  }

  /** In the form of a UUID, and never the same in two runs. */
  private messageId(): string {
    const hex = sha256(`${this.run} turbosms ${++this.ids}`).toString('hex');
    return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  private kyivTime(): string {
    const now = this.around.clock.now();
    const { date, minute } = toLocal(now, ZONE);
    const two = (n: number): string => String(n).padStart(2, '0');
    return `${date} ${two(Math.floor(minute / 60))}:${two(minute % 60)}:${two(now.getUTCSeconds())}`;
  }
}

function refusedRecipient(phone: string, code: number): RecipientResult {
  return { phone, response_code: code, message_id: null, response_status: codeName(code) };
}

function reply(code: number, result?: unknown): CarrierReply {
  return { status: 200, body: turboSmsAnswer(code, result) };
}
