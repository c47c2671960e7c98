import { expect } from '@jest/globals';
import type {
  CarrierFact,
  Channel,
  OutgoingMessage,
  SendOutcome,
  WebhookReply,
  WebhookRequest,
} from '#channels/channel';
import { StubCarrier, type StubAnswer, type StubRequest } from './stub-carrier.js';

export const PHONE = '+380500000123';
export const PUBLIC_URL = 'https://cnap.example';

export interface SendCase {
  readonly label: string;
  readonly message?: Partial<OutgoingMessage>;
  readonly answer: StubAnswer;
  readonly outcome: Partial<SendOutcome>;
  /** Looks at the one request that went out. */
  readonly request?: (request: StubRequest) => void;
}

export interface WebhookCase {
  readonly label: string;
  readonly call: UnsignedCall;
  readonly facts: readonly Partial<CarrierFact>[];
}

/** A call as the carrier would make it, before it is signed. */
export interface UnsignedCall {
  readonly body: string | Buffer;
  readonly method?: string;
  readonly url?: string;
  readonly door?: WebhookRequest['door'];
  readonly contentType?: string;
}

export interface Conformance {
  readonly name: string;
  readonly make: (baseUrl: string, options: { timeoutMs?: number; concurrency?: number }) => Channel;
  /** An address of the kind the channel writes to. */
  readonly address: string;
  /** The carrier's answer to a message it takes, and the id in it. */
  readonly accepted: { readonly answer: StubAnswer; readonly externalId: string };
  /** What a lost answer means: `deferred` only where the carrier recognises a repeated request. */
  readonly lostAnswer: 'uncertain' | 'deferred';
  readonly sends: readonly SendCase[];
  /** Signs as the carrier does. */
  readonly sign: (call: UnsignedCall) => WebhookRequest;
  /** The same call under another signature, or none. */
  readonly resign: (signed: WebhookRequest, signature: string | undefined) => WebhookRequest;
  /** An ordinary call that tells one thing. */
  readonly ordinaryCall: UnsignedCall;
  /** A call that carries a text from a person; left out by carriers that pass none on. */
  readonly textCall?: (text: string) => UnsignedCall;
  /** The same call with a field that did not exist when this was written. */
  readonly callWithNewField: UnsignedCall;
  readonly callWithUnknownStatus: UnsignedCall;
  /** Calls whose field names are traps: `__proto__`, `constructor`, repeated names. */
  readonly trapCalls: readonly UnsignedCall[];
  readonly webhooks: readonly WebhookCase[];
  readonly reply: WebhookReply;
}

/** The stub carrier of one suite, and the channels that its tests opened. */
export class Suite {
  private stub: StubCarrier | undefined;
  private readonly channels: Channel[] = [];

  constructor(private readonly subject: Conformance) {}

  async start(): Promise<void> {
    this.stub = await StubCarrier.start();
  }

  get carrier(): StubCarrier {
    if (!this.stub) throw new Error('the stub carrier is not started');
    return this.stub;
  }

  channel(options: { timeoutMs?: number; concurrency?: number; url?: string } = {}): Channel {
    const { url, ...rest } = options;
    const channel = this.subject.make(url ?? this.carrier.url, { timeoutMs: 5000, ...rest });
    this.channels.push(channel);
    return channel;
  }

  /** Sends one message and checks what holds for every outcome: it tells no secret, number or text. */
  async send(options: {
    message?: Partial<OutgoingMessage> | undefined;
    channel?: Channel;
    signal?: AbortSignal;
  }): Promise<SendOutcome> {
    const channel = options.channel ?? this.channel();
    const message = { ...outgoing(this.subject), ...options.message };
    const outcome = await channel.send(message, options.signal ?? new AbortController().signal);
    const told = JSON.stringify(outcome);
    for (const hidden of [
      ...channel.redact,
      message.address,
      message.address.replace('+', ''),
      message.text,
    ]) {
      if (hidden) expect(told).not.toContain(hidden);
    }
    return outcome;
  }

  async closeChannels(): Promise<void> {
    await Promise.all(this.channels.splice(0).map(async (channel) => channel.close?.()));
  }

  async stop(): Promise<void> {
    await this.carrier.stop();
  }
}

export function outgoing(subject: Pick<Conformance, 'address'>): OutgoingMessage {
  return {
    id: '41',
    attempt: 1,
    address: subject.address,
    text: 'Добрий день! Оцініть, будь ласка, візит: https://cnap.example/3fKq8ZpT Дякуємо',
    publicUrl: PUBLIC_URL,
    validForSeconds: 7200,
  };
}
