import { sha256 } from '#kernel/ids';
import type { CarrierReply } from '../carrier-door.js';
import type { Phone } from '../phones/phone.js';
import type { CarrierSurroundings } from '../surroundings.js';
import { twilioSignature, type Form } from '../signatures.js';
import { connectionOverrides } from './connection-overrides.js';
import { smsParts } from './sms-parts.js';
import { twilioError, undeliveredCodes } from './twilio-errors.js';
import { isAlphanumeric, readTwilioForm, type TwilioRequest } from './twilio-form.js';
import { messageResource, TwilioMessages, type TwilioMessage, type TwilioStatus } from './twilio-messages.js';

/** The sending half of Twilio's Messages API: takes a message, then reports on it by status callbacks. */
export class TwilioCarrier {
  readonly messages: TwilioMessages;
  private sids = 0;
  /** Sids of two runs must differ: the program's database outlives the sandbox. */
  private readonly run: string;

  constructor(private readonly around: CarrierSurroundings) {
    this.messages = new TwilioMessages(around.keep);
    this.run = String(around.clock.real().getTime());
  }

  /** A fresh message sid. */
  sid(): string {
    return `SM${sha256(`${this.run} ${++this.sids}`).toString('hex').slice(0, 32)}`;
  }

  /** Creates a message or refuses, as `POST …/Messages.json` does. */
  create(form: URLSearchParams): CarrierReply {
    const request = readTwilioForm(form);
    if ('code' in request) return this.refuse(request.code, request.message);
    const phone = this.around.phones.obtain(request.to);
    if (phone.stopped.has(senderKey(request))) return this.refuse(21610);
    const message = this.accept(phone, request);
    this.travel(phone, message, request);
    const { accountSid } = this.around.accounts.twilio;
    return { status: 201, body: JSON.stringify(messageResource(accountSid, message)) };
  }

  refuse(code: number, message?: string): CarrierReply {
    this.around.accepted.refused('twilio', code);
    return twilioError(code, message);
  }

  private accept(phone: Phone, request: TwilioRequest): TwilioMessage {
    const { accepted, accounts, clock, phones } = this.around;
    const sid = this.sid();
    const parts = smsParts(request.body);
    const sender = request.from ?? accounts.twilio.serviceNumber;
    const messageId = messageIdOf(request.statusCallback);
    const known = { externalId: sid, parts, ...(messageId === undefined ? {} : { messageId }) };
    const now = clock.now();
    accepted.add({
      ...known,
      at: now,
      carrier: 'twilio',
      channel: 'sms',
      to: request.to,
      sender,
      text: request.body,
    });
    const bubble = phones.show(phone, {
      ...known,
      by: 'centre',
      channel: 'sms',
      carrier: 'twilio',
      sender,
      text: request.body,
      buttons: [],
      status: 'pending',
    });
    const message: TwilioMessage = {
      sid,
      to: request.to,
      from: request.from ?? null,
      serviceSid: request.serviceSid ?? null,
      body: request.body,
      parts,
      createdAt: now,
      updatedAt: now,
      sentAt: null,
      status: request.serviceSid === undefined ? 'queued' : 'accepted',
      errorCode: null,
      bubble,
      ...(request.statusCallback === undefined ? {} : { statusCallback: request.statusCallback }),
    };
    this.messages.add(message);
    return message;
  }

  /** Plans the steps of a message's way. No callback tells of the first status: that was in the reply. */
  private travel(phone: Phone, message: TwilioMessage, request: TwilioRequest): void {
    const { accepted, agenda, chance, faults, pace } = this.around;
    const nth = accepted.countFor(message.to);
    const sentMs = chance.between(pace.sentMs, 'sent', message.to, nth);
    const endMs = Math.max(sentMs, chance.between(pace.deliveredMs, 'delivered', message.to, nth));
    const trouble = this.troubleOf(
      phone,
      message,
      endMs > request.validitySeconds * 1000 * this.around.clock.speed,
    );
    const end: [number, TwilioStatus] =
      trouble === undefined
        ? [endMs, 'delivered']
        : [endMs, undeliveredCodes.has(trouble) ? 'undelivered' : 'failed'];
    const steps: [number, TwilioStatus][] = [
      ...(message.serviceSid === null ? [] : [[sentMs / 2, 'queued'] as [number, TwilioStatus]]),
      ...(end[1] === 'failed' ? [] : [[sentMs, 'sent'] as [number, TwilioStatus]]),
      end,
    ];
    const backwards = faults.later('twilio', 'callback_reorder', message.to);
    const told = backwards ? steps.map(([, status]) => status).reverse() : steps.map(([, status]) => status);
    steps.forEach(([afterMs, status], i) => {
      agenda.in(afterMs, async () => {
        this.step(phone, message, status, status === end[1] ? trouble : undefined);
        await this.callback(message, told[i] ?? status, trouble);
      });
    });
  }

  private troubleOf(phone: Phone, message: TwilioMessage, expired: boolean): number | undefined {
    const ordered = this.around.faults.later('twilio', 'undelivered', message.to);
    if (ordered) return ordered.code ?? 30003;
    if (expired) return 30036;
    return this.around.unreachable(phone.number);
  }

  private step(
    phone: Phone,
    message: TwilioMessage,
    status: TwilioStatus,
    errorCode: number | undefined,
  ): void {
    const now = this.around.clock.now();
    message.status = status;
    message.updatedAt = now;
    message.from ??= this.around.accounts.twilio.serviceNumber;
    if (status === 'sent') message.sentAt = now;
    if (errorCode !== undefined) message.errorCode = errorCode;
    if (status === 'queued' || status === 'accepted') return;
    this.around.phones.advance(phone, message.bubble, status, errorCode);
  }

  private async callback(
    message: TwilioMessage,
    status: TwilioStatus,
    trouble: number | undefined,
  ): Promise<void> {
    if (message.statusCallback === undefined) return;
    const url = message.statusCallback;
    const ended = status === 'delivered' || status === 'undelivered';
    const form: Form = [
      ['SmsSid', message.sid],
      ['SmsStatus', status],
      ['MessageStatus', status],
      ['To', message.to],
      ...(message.serviceSid === null ? [] : [['MessagingServiceSid', message.serviceSid] as const]),
      ['MessageSid', message.sid],
      ['AccountSid', this.around.accounts.twilio.accountSid],
      ['From', message.from ?? this.around.accounts.twilio.serviceNumber],
      ['ApiVersion', '2010-04-01'],
      ...(trouble !== undefined && /failed|undelivered/.test(status)
        ? [['ErrorCode', String(trouble)] as const]
        : []),
      ...(ended ? [['RawDlrDoneDate', dlrDate(message.updatedAt)] as const] : []),
    ];
    await this.around.webhooks.notify(
      {
        carrier: 'twilio',
        to: message.to,
        event: status,
        about: message.sid,
        url,
        ...this.signed(url, form),
      },
      connectionOverrides(url),
    );
  }

  /** Headers and body of a form that Twilio posts to us. The token lets us see that a retry is one. */
  signed(url: string, form: Form): { headers: Record<string, string>; body: Buffer } {
    const { authToken } = this.around.accounts.twilio;
    const body = new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])).toString();
    return {
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'user-agent': 'TwilioProxy/1.1',
        'x-twilio-signature': twilioSignature(authToken, url, form),
        'i-twilio-idempotency-token': sha256(`${url} ${body}`).toString('hex').slice(0, 32),
      },
      body: Buffer.from(body),
    };
  }
}

/** What a STOP stops: the Messaging Service as a whole, or the one number. */
export function senderKey({
  serviceSid,
  from,
}: {
  serviceSid?: string | null;
  from?: string | null;
}): string {
  return serviceSid ?? from ?? '';
}

/** Whether a person can answer what this sender sent. */
export function isTwoWay(sender: string): boolean {
  return !isAlphanumeric(sender);
}

/** Our own message id, which we put into the callback's query. */
function messageIdOf(statusCallback: string | undefined): string | undefined {
  if (statusCallback === undefined) return undefined;
  return new URL(statusCallback).searchParams.get('m') ?? undefined;
}

/** YYMMDDhhmm, UTC. */
function dlrDate(at: Date): string {
  return at.toISOString().replace(/\D/g, '').slice(2, 12);
}
