import { expect } from '@jest/globals';
import type { CarrierFact, Channel, OutgoingMessage, WebhookRequest } from '#channels/channel';
import { buildChannels, closeChannels } from '#channels/registry';
import { turbosms } from '#channels/turbosms/turbosms';
import { twilioSms } from '#channels/twilio-sms/twilio-sms';
import { viberBot } from '#channels/viber-bot/viber-bot';
import { parseEnvironment } from '#config/environment';
import { sandboxAccounts, sandboxEnvironment } from '../options.js';
import type { PhoneJson } from '../phones/phone-json.js';
import type { Arrival } from './our-side.js';
import { steeredSandbox, type SteeredSandbox } from './steered-sandbox.js';

export const NUMBER = '+380501234567';
export const SENDERS = ['twilio', 'viber', 'turbosms', 'turbosms-viber'] as const;
export type Sender = (typeof SENDERS)[number];
export const signal = new AbortController().signal;

/** The program's own channels and one person's phone at a sandbox whose time is stepped. */
export class ChannelsAtSandbox {
  private viberId = '';

  private constructor(
    readonly sandbox: SteeredSandbox,
    private readonly channels: ReadonlyMap<string, Channel>,
  ) {}

  /** `timeoutMs`: instead of the channels' own, for carriers that are told never to answer. */
  static async open(options: { timeoutMs?: number } = {}): Promise<ChannelsAtSandbox> {
    const sandbox = await steeredSandbox();
    const environment = parseEnvironment({
      ...sandboxEnvironment(sandbox.url),
      TURBOSMS_TOKEN: sandboxAccounts.turbosms.token,
      TURBOSMS_SMS_SENDER: 'CNAP',
      TURBOSMS_VIBER_SENDER: 'CNAP',
      TURBOSMS_BASE_URL: sandbox.url,
    });
    const channels = buildChannels(environment, [twilioSms, viberBot, turbosms], options);
    return new ChannelsAtSandbox(sandbox, channels);
  }

  /** Back to one phone, subscribed to the bot, and nothing that happened. */
  async reset(): Promise<void> {
    await this.sandbox.api('DELETE', '/state');
    await this.sandbox.api('POST', '/phones', { number: NUMBER });
    await this.sandbox.api('POST', `/phones/${NUMBER}/viber/subscribe`);
    this.viberId = (await this.sandbox.api<PhoneJson>('GET', `/phones/${NUMBER}`)).viberId ?? '';
    this.sandbox.ours.arrivals.length = 0;
  }

  channel(sender: Sender): Channel {
    return this.channels.get(sender) as Channel;
  }

  message(sender: Sender): OutgoingMessage {
    return {
      id: '41',
      attempt: 1,
      address: sender === 'viber' ? this.viberId : NUMBER,
      text: 'Оцініть візит: http://127.0.0.1:8080/Ab3dE5gH',
      publicUrl: this.sandbox.ours.url,
      validForSeconds: 3600,
    };
  }

  send(sender: Sender): ReturnType<Channel['send']> {
    return this.channel(sender).send(this.message(sender), signal);
  }

  /** Facts of all webhook calls so far, each of which the channel has to take as genuine. */
  facts(sender: Sender): CarrierFact[] {
    return this.sandbox.ours.arrivals
      .map((arrival) => this.requestOf(arrival))
      .flatMap((request) => {
        expect(this.channel(sender).verify(request)).toEqual({ genuine: true });
        return this.channel(sender).parse(request);
      });
  }

  requestOf({ method, path, query, headers, raw }: Arrival): WebhookRequest {
    return {
      method,
      door: path.endsWith('/inbound') ? 'inbound' : path.endsWith('/status') ? 'status' : 'any',
      url: `${this.sandbox.ours.url}${path}${query.size > 0 ? `?${query.toString()}` : ''}`,
      headers: headers as Record<string, string>,
      body: raw,
    };
  }

  async close(): Promise<void> {
    await closeChannels(this.channels);
    await this.sandbox.close();
  }
}
