import type { Environment, ViberConfig } from '#config/environment';
import type {
  CarrierFact,
  Channel,
  ChannelLimits,
  OutgoingMessage,
  ProbeResult,
  SendOutcome,
  Verdict,
  WebhookReply,
  WebhookRequest,
  Welcome,
} from '../channel.js';
import { CarrierClient, type CarrierAnswer } from '../http.js';
import { requireCredentials, type ChannelFactory, type ChannelOptions } from '../registry.js';
import { ownValue, textValue, type JsonObject } from '../webhook.js';
import { parseViberJson, sendOutcome } from './answer.js';
import { parseEvent } from './events.js';
import { messageBody } from './message.js';
import { verifySignature } from './signature.js';
import { meaningOf } from './status-codes.js';

const KIND = 'viber';
const TIMEOUT_MS = 10_000;
/** Viber calls our webhook before it answers `set_webhook`. */
const REGISTER_TIMEOUT_MS = 30_000;

export const viberBot: ChannelFactory = {
  kind: KIND,
  create: (environment: Environment, options: ChannelOptions) =>
    environment.viber ? [new ViberBot(environment.viber, options)] : [],
};

/** A Viber bot: writes to people who wrote to it or opened it first. https://developers.viber.com/docs/api/rest-bot-api/ */
export class ViberBot implements Channel {
  readonly kind = KIND;
  readonly sender = KIND;
  readonly limits: ChannelLimits;
  readonly redact: readonly string[];
  private readonly client: CarrierClient;

  constructor(
    private readonly config: ViberConfig,
    options: ChannelOptions,
  ) {
    requireCredentials(KIND, { VIBER_AUTH_TOKEN: config.authToken, VIBER_SENDER_NAME: config.senderName });
    this.limits = {
      channel: 'viber',
      addressing: 'subscriber',
      twoWay: true,
      maxTextLength: 7000,
      keyboard: true,
      receipts: true,
      concurrency: options.concurrency,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    };
    this.redact = [config.authToken];
    this.client = new CarrierClient(config.baseUrl, {
      connections: this.limits.concurrency,
      timeoutMs: this.limits.timeoutMs,
    });
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    // Viber does not look at the text before it accepts, and an empty one would reach the person as a blank.
    if (message.text.trim() === '') {
      return { outcome: 'rejected', scope: 'content', vendorCode: '4', detail: 'empty text' };
    }
    const body = messageBody({ ...message, senderName: this.config.senderName, trackingData: message.id });
    return sendOutcome(await this.call('send_message', { receiver: message.address, ...body }, signal));
  }

  verify(request: WebhookRequest): Verdict {
    return verifySignature(request, this.config.authToken);
  }

  parse(request: WebhookRequest): CarrierFact[] {
    return parseEvent(request);
  }

  /** A welcome may be returned only to `conversation_started`; it is free and needs no subscription. */
  acknowledge(facts: readonly CarrierFact[], welcome?: Welcome): WebhookReply {
    const opened = facts.some(({ kind }) => kind === 'conversation_started');
    const body =
      opened && welcome
        ? JSON.stringify(messageBody({ ...welcome, senderName: this.config.senderName }))
        : '';
    return { status: 200, contentType: 'application/json', body };
  }

  /** Names and photos are not asked for: they are not needed, so they are not collected. */
  async register(publicUrl: string, signal: AbortSignal): Promise<ProbeResult> {
    const url = `${publicUrl}/hooks/${this.sender}`;
    const request = { url, send_name: false, send_photo: false };
    const answer = await this.call('set_webhook', request, signal, REGISTER_TIMEOUT_MS);
    const problem = problemOf(answer);
    return problem === undefined
      ? { ok: true, detail: `Viber calls ${url}` }
      : {
          ok: false,
          detail: `Viber did not take ${url}: ${problem}. It must be https with a public certificate, and the gateway must run.`,
        };
  }

  /** The bot has one webhook; whoever set it last has it, a test system of ours included. */
  async webhook(publicUrl: string, signal: AbortSignal): Promise<ProbeResult> {
    const expected = `${publicUrl}/hooks/${this.sender}`;
    const answer = await this.call('get_account_info', {}, signal);
    const problem = problemOf(answer);
    if (problem !== undefined || answer.kind !== 'answered')
      return { ok: false, detail: `Viber did not tell: ${problem ?? 'no answer'}` };
    const registered = textValue(parseViberJson(answer.body), 'webhook') ?? '';
    if (registered === expected) return { ok: true, detail: `Viber calls ${expected}` };
    const stands = registered === '' ? 'none' : `another address, ${registered}`;
    return { ok: false, detail: `Viber has ${stands} instead of ${expected}: --fix registers it` };
  }

  async probe(signal: AbortSignal): Promise<ProbeResult> {
    const answer = await this.call('get_account_info', {}, signal);
    const problem = problemOf(answer);
    if (problem !== undefined)
      return { ok: false, detail: `Viber refused the bot's token or did not answer: ${problem}` };
    const account = answer.kind === 'answered' ? parseViberJson(answer.body) : undefined;
    const webhook = textValue(account, 'webhook');
    return webhook
      ? { ok: true, detail: `Viber bot "${nameOf(account)}" works and calls ${webhook}` }
      : {
          ok: false,
          detail: `Viber bot "${nameOf(account)}" has no webhook: it can neither send nor receive`,
        };
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private call(
    method: string,
    body: Record<string, unknown>,
    signal: AbortSignal,
    timeoutMs?: number,
  ): Promise<CarrierAnswer> {
    return this.client.call(
      {
        method: 'POST',
        path: `/pa/${method}`,
        headers: { 'Content-Type': 'application/json', 'X-Viber-Auth-Token': this.config.authToken },
        body: JSON.stringify(body),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      },
      signal,
    );
  }
}

function nameOf(account: JsonObject | undefined): string {
  return textValue(account, 'name') ?? 'without a name';
}

/** Why a call other than `send_message` did not succeed; undefined when it did. */
function problemOf(answer: CarrierAnswer): string | undefined {
  if (answer.kind !== 'answered') return answer.detail;
  const status = ownValue(parseViberJson(answer.body), 'status');
  if (answer.status !== 200 || typeof status !== 'number') return `HTTP ${answer.status}`;
  return status === 0 ? undefined : `${meaningOf(status).name} (status ${status})`;
}
