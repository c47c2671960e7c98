import type { Environment, TwilioConfig } from '#config/environment';
import type {
  Channel,
  ChannelLimits,
  OutgoingMessage,
  ProbeResult,
  SendOutcome,
  Verdict,
  WebhookRequest,
} from '../channel.js';
import { CarrierClient } from '../http.js';
import { requireCredentials, type ChannelFactory, type ChannelOptions } from '../registry.js';
import { jsonObject, textValue } from '../webhook.js';
import { TwilioApi } from './api.js';
import { addressOfNumber, addressOfService, judgeInbound } from './inbound-address.js';
import { findMessage } from './lookup.js';
import { sendOutcome } from './outcome.js';
import { verifySignature } from './signature.js';
import { EMPTY_TWIML, parseWebhook } from './webhook.js';

const KIND = 'twilio';
const TIMEOUT_MS = 10_000;
/** https://www.twilio.com/docs/messaging/api/message-resource: ValidityPeriod in seconds. */
const VALIDITY_S = { least: 1, most: 36_000 };
/**
 * Twilio waits 4 s for our answer and tries three more times on any failure; by default a slow or failed callback
 * would be lost. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
const CONNECTION_OVERRIDES = '#rt=4000&rc=3&rp=all';

export const twilioSms: ChannelFactory = {
  kind: KIND,
  create: (environment: Environment, options: ChannelOptions) =>
    environment.twilio ? [new TwilioSms(environment.twilio, options)] : [],
};

/** SMS through Twilio's Messages API. */
export class TwilioSms implements Channel {
  readonly kind = KIND;
  readonly sender = KIND;
  readonly limits: ChannelLimits;
  readonly redact: readonly string[];
  private readonly client: CarrierClient;
  private readonly api: TwilioApi;

  constructor(
    private readonly config: TwilioConfig,
    options: ChannelOptions,
  ) {
    requireCredentials(KIND, {
      TWILIO_ACCOUNT_SID: config.accountSid,
      TWILIO_AUTH_TOKEN: config.authToken,
      'TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID': config.from ?? config.messagingServiceSid ?? '',
    });
    this.limits = {
      channel: 'sms',
      addressing: 'phone',
      // Nobody can answer a name, and what a Messaging Service sends from is not ours to know.
      twoWay: /^\+?\d+$/.test(config.from ?? ''),
      maxTextLength: 1600,
      keyboard: false,
      receipts: true,
      concurrency: options.concurrency,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    };
    const basic = Buffer.from(`${config.accountSid}:${config.authToken}`).toString('base64');
    this.redact = [config.authToken, basic];
    this.client = new CarrierClient(config.baseUrl, {
      connections: this.limits.concurrency,
      timeoutMs: this.limits.timeoutMs,
    });
    this.api = new TwilioApi(this.client, config.accountSid, config.authToken);
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    const { from, messagingServiceSid } = this.config;
    const answer = await this.api.createMessage(
      {
        to: message.address,
        body: message.text,
        ...(messagingServiceSid === undefined ? {} : { messagingServiceSid }),
        ...(from === undefined ? {} : { from }),
        statusCallback: `${message.publicUrl}/hooks/${this.sender}/status?m=${message.id}${CONNECTION_OVERRIDES}`,
        validityPeriod: validityOf(message.validForSeconds),
      },
      signal,
    );
    return sendOutcome(answer);
  }

  verify(request: WebhookRequest): Verdict {
    return verifySignature(request, this.config.authToken);
  }

  parse(request: WebhookRequest) {
    return parseWebhook(request);
  }

  acknowledge() {
    return EMPTY_TWIML;
  }

  /** Searches Twilio's list. A request may still be on its way when asked, so `not_found` counts after a while only. */
  lookup(message: OutgoingMessage, since: Date, signal: AbortSignal) {
    return findMessage(this.api, message, since, signal);
  }

  /** Status callbacks travel with each message; only the address for incoming ones is set at Twilio, by hand. */
  async webhook(publicUrl: string, signal: AbortSignal): Promise<ProbeResult> {
    const { from, messagingServiceSid } = this.config;
    const expected = `${publicUrl}/hooks/${this.sender}/inbound`;
    if (messagingServiceSid === undefined) {
      if (!this.limits.twoWay)
        return { ok: true, detail: 'nobody can answer a name: receipts come by the address in each message' };
      const found = addressOfNumber(await this.api.number(from ?? '', signal));
      return judgeInbound(found, expected, CONNECTION_OVERRIDES);
    }
    const services = new CarrierClient(servicesAt(this.config.baseUrl), {
      connections: 1,
      timeoutMs: this.limits.timeoutMs,
    });
    const answer = await this.api.service(services, messagingServiceSid, signal);
    await services.close();
    return judgeInbound(addressOfService(answer), expected, CONNECTION_OVERRIDES);
  }

  async probe(signal: AbortSignal): Promise<ProbeResult> {
    const answer = await this.api.account(signal);
    if (answer.kind !== 'answered') return { ok: false, detail: `Twilio did not answer: ${answer.detail}` };
    const account = jsonObject(answer.body);
    const status = textValue(account, 'status');
    if (answer.status === 200 && status === 'active') {
      return {
        ok: true,
        detail: `Twilio account is active (${textValue(account, 'type') ?? 'type not told'})`,
      };
    }
    if (status !== undefined && answer.status === 200) {
      return { ok: false, detail: `Twilio account is ${status}: see https://console.twilio.com` };
    }
    const outcome = sendOutcome(answer);
    return { ok: false, detail: 'detail' in outcome ? outcome.detail : 'Twilio gave an unexpected answer' };
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

/** Twilio's own API for services has its own host; a stand-in for Twilio has one for all. */
function servicesAt(baseUrl: string): string {
  return new URL(baseUrl).host === 'api.twilio.com' ? 'https://messaging.twilio.com' : baseUrl;
}

function validityOf(seconds: number): number {
  return Math.min(Math.max(Math.floor(seconds), VALIDITY_S.least), VALIDITY_S.most);
}
