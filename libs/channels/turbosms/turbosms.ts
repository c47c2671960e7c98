import { createHash } from 'node:crypto';
import type { Environment, TurboSmsConfig } from '#config/environment';
import type {
  CarrierFact,
  Channel,
  ChannelLimits,
  ChannelName,
  OutgoingMessage,
  ProbeResult,
  SendOutcome,
  Verdict,
  WebhookReply,
  WebhookRequest,
} from '../channel.js';
import { CarrierClient, type CarrierAnswer } from '../http.js';
import { requireCredentials, type ChannelFactory, type ChannelOptions } from '../registry.js';
import { asObject, cleanText, jsonObject, ownValue } from '../webhook.js';
import { parseEvent } from './events.js';
import { sendOutcome } from './outcome.js';
import { meaningOf } from './response-codes.js';
import { verifySignature } from './signature.js';

const KIND = 'turbosms';
const TIMEOUT_MS = 15_000;
/** Seconds that TurboSMS takes as the life of a Viber message; SMS have no such parameter. */
const VIBER_TTL_S = { least: 60, most: 86_400 };

/**
 * One account, up to two senders, since a row of the table `sender` has one channel: `turbosms` for SMS and
 * `turbosms-viber` for Viber Business Messages, which are addressed by phone number too.
 */
export const turbosms: ChannelFactory = {
  kind: KIND,
  create: ({ turbosms: config }: Environment, options: ChannelOptions) => [
    ...(config?.smsSender ? [new TurboSms('sms', config.smsSender, config, options)] : []),
    ...(config?.viberSender ? [new TurboSms('viber', config.viberSender, config, options)] : []),
  ],
};

/**
 * SMS or Viber Business Messages through TurboSMS. TurboSMS could fall back from Viber to SMS itself; that is never
 * asked of it, because Vidhuk owns the fallback and one person would get both. https://turbosms.ua/en/api.html
 */
export class TurboSms implements Channel {
  readonly kind = KIND;
  readonly sender: string;
  readonly limits: ChannelLimits;
  readonly redact: readonly string[];
  private readonly client: CarrierClient;

  /** `name`: the sender name that is registered at TurboSMS for this channel. */
  constructor(
    private readonly channel: ChannelName,
    private readonly name: string,
    private readonly config: TurboSmsConfig,
    options: ChannelOptions,
  ) {
    requireCredentials(KIND, { TURBOSMS_TOKEN: config.token });
    this.sender = channel === 'sms' ? KIND : `${KIND}-viber`;
    this.limits = {
      channel,
      addressing: 'phone',
      twoWay: false,
      // Ten joined parts of Cyrillic; one Viber message.
      maxTextLength: channel === 'sms' ? 670 : 1000,
      keyboard: false,
      receipts: true,
      // Ukraine allows informational Viber messages by approved template only.
      approvedTextsOnly: channel === 'viber',
      concurrency: options.concurrency,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    };
    this.redact = [config.token];
    this.client = new CarrierClient(config.baseUrl, {
      connections: this.limits.concurrency,
      timeoutMs: this.limits.timeoutMs,
    });
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    const request = {
      recipients: [message.address.replace(/^\+/, '')],
      sequence_id: sequenceIdOf(message),
      ...this.content(message),
    };
    return sendOutcome(await this.call('/message/send.json', request, signal));
  }

  /** TurboSMS lets one choose the webhook's secret; it is set to the token, so that there is one secret to keep. */
  verify(request: WebhookRequest): Verdict {
    return verifySignature(request, this.config.token);
  }

  parse(request: WebhookRequest): CarrierFact[] {
    return parseEvent(request, this.channel);
  }

  acknowledge(): WebhookReply {
    return { status: 200, contentType: 'application/json', body: '' };
  }

  /** TurboSMS has no call that tells its webhooks; they are set in its account, one for each kind of event. */
  webhook(publicUrl: string): Promise<ProbeResult> {
    const events =
      this.channel === 'sms' ? 'DLR_SMS_API' : 'DLR_VIBER_API, DLR_VIBER_SESSION and INBOX_VIBER_SESSION';
    const address = `${publicUrl}/hooks/${this.sender}`;
    return Promise.resolve({
      ok: true,
      detail: `TurboSMS cannot be asked: set ${events} to ${address} in its account, in JSON, secret = the API token`,
    });
  }

  async probe(signal: AbortSignal): Promise<ProbeResult> {
    const answer = await this.call('/user/balance.json', {}, signal);
    if (answer.kind !== 'answered') return { ok: false, detail: `TurboSMS did not answer: ${answer.detail}` };
    const body = jsonObject(answer.body);
    const code = ownValue(body, 'response_code');
    if (typeof code !== 'number') return { ok: false, detail: `TurboSMS answered HTTP ${answer.status}` };
    if (code !== 0) return { ok: false, detail: `TurboSMS refused: ${meaningOf(code).name} (${code})` };
    const balance = ownValue(asObject(ownValue(body, 'response_result')), 'balance');
    return { ok: true, detail: `TurboSMS account works, balance ${String(Number(balance))}` };
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private content({ text: raw, validForSeconds }: OutgoingMessage): Record<string, unknown> {
    const text = cleanText(raw);
    if (this.channel === 'sms') return { sms: { sender: this.name, text } };
    const ttl = Math.min(Math.max(Math.floor(validForSeconds), VIBER_TTL_S.least), VIBER_TTL_S.most);
    // Transactional: to somebody who was at the counter, not advertising; goes by an approved template.
    return { viber: { sender: this.name, text, ttl, is_transactional: 1 } };
  }

  private call(path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<CarrierAnswer> {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${this.config.token}` };
    return this.client.call({ method: 'POST', path, headers, body: JSON.stringify(body) }, signal);
  }
}

/**
 * The same for every attempt of a message, so that TurboSMS does it once. Our id alone would begin anew with a new
 * database, and TurboSMS would then answer with the result of somebody else's old message.
 */
function sequenceIdOf({ id, address, text, publicUrl }: OutgoingMessage): string {
  const what = JSON.stringify([publicUrl, id, address, text]);
  return createHash('sha256').update(what).digest('hex').slice(0, 32);
}
