import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type {
  CarrierFact,
  Channel,
  OutgoingMessage,
  SendOutcome,
  WebhookReply,
  WebhookRequest,
} from '#channels/channel';
import { deadAddress, muteServer, StubCarrier, type StubAnswer, type StubRequest } from './stub-carrier.js';

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

/** Every channel passes this: it is what the rest of the program relies on. */
export function describeChannel(subject: Conformance): void {
  describe(`${subject.name}: the contract of channels`, () => {
    const stub = new Lazy(subject);
    beforeAll(() => stub.start());
    afterEach(() => stub.closeChannels());
    afterAll(() => stub.stop());
    describeSending(subject, stub);
    describeTransport(subject, stub);
    describeVerifying(subject, stub);
    describeParsing(subject, stub);
    describeTexts(subject, stub);
    describeShape(subject, stub);
  });
}

/** The stub of one suite, and the channels that its tests opened. */
class Lazy {
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

function describeSending(subject: Conformance, stub: Lazy): void {
  test.each(subject.sends.map((one) => [one.label, one] as const))('sends: %s', async (_label, one) => {
    stub.carrier.script(one.answer);
    const outcome = await stub.send({ message: one.message });
    expect(outcome).toMatchObject(one.outcome);
    expect(stub.carrier.requests.length).toBeLessThanOrEqual(1);
    if (one.request) one.request(stub.carrier.requests[0] as StubRequest);
  });

  test('sends: an accepted message has the id by which its receipts come', async () => {
    stub.carrier.script(subject.accepted.answer);
    const outcome = await stub.send({});
    expect(outcome).toMatchObject({ outcome: 'accepted', externalId: subject.accepted.externalId });
  });

  test.each([
    ['429', { status: 429 }, { outcome: 'deferred' }],
    ['429 with Retry-After in seconds', { status: 429, headers: { 'Retry-After': '7' } }, { outcome: 'deferred', retryAfterMs: 7000 }], // prettier-ignore
    ['429 with Retry-After as a date', { status: 429, headers: { 'Date': 'Mon, 13 Jan 2020 08:00:00 GMT', 'Retry-After': 'Mon, 13 Jan 2020 08:00:30 GMT' } }, { outcome: 'deferred', retryAfterMs: 30_000 }], // prettier-ignore
    ['429 with an absurd Retry-After', { status: 429, headers: { 'Retry-After': '99999999' } }, { outcome: 'deferred', retryAfterMs: 3_600_000 }], // prettier-ignore
    ['500 with a page', { status: 500, headers: { 'Content-Type': 'text/html' }, body: '<html>oops</html>' }, { outcome: subject.lostAnswer }], // prettier-ignore
    ['502 with nothing', { status: 502 }, { outcome: subject.lostAnswer }],
    ['503 that claims success', { status: 503, body: typeof subject.accepted.answer === 'string' ? '' : (subject.accepted.answer.body ?? '') }, { outcome: subject.lostAnswer }], // prettier-ignore
    ['200 with nothing', { status: 200 }, { outcome: subject.lostAnswer }],
    [
      '200 with a page',
      { status: 200, body: '<html>Welcome to Wi-Fi</html>' },
      { outcome: subject.lostAnswer },
    ],
    ['200 with JSON of another kind', { status: 200, body: '[1,2]' }, { outcome: subject.lostAnswer }],
    ['200 with broken JSON', { status: 200, body: '{"status":0,"sid":' }, { outcome: subject.lostAnswer }],
    ['more than a megabyte', { status: 200, body: 'x'.repeat(1_100_000) }, { outcome: subject.lostAnswer }],
    ['an answer cut in the middle', 'half an answer', { outcome: subject.lostAnswer }],
    ['a connection cut after the request', 'reset', { outcome: subject.lostAnswer }],
    ['401 without a body', { status: 401 }, { outcome: 'rejected', scope: 'sender' }],
    ['a redirect', { status: 302, headers: { Location: 'https://elsewhere.example/' } }, { outcome: 'rejected', scope: 'sender' }], // prettier-ignore
  ] as [string, StubAnswer, Partial<SendOutcome>][])(
    'asks once and understands %s',
    async (_label, answer, expected) => {
      stub.carrier.script(answer);
      expect(await stub.send({})).toMatchObject(expected);
      expect(stub.carrier.requests).toHaveLength(1);
    },
  );

  test.each([
    ['half of a surrogate pair', 'Дякуємо \ud83d'],
    ['NUL', 'a\0b'],
    ['what forms, JSON and HTML treat as special', '&=+%25 "\\ </b>\n\u2028 👍🏽'],
  ])('sends a text with %s without throwing', async (_label, text) => {
    stub.carrier.script(subject.accepted.answer);
    expect(await stub.send({ message: { text } })).toMatchObject({ outcome: 'accepted' });
  });
}

function describeTransport(subject: Conformance, stub: Lazy): void {
  test('a refused connection is deferred: nothing was sent', async () => {
    const channel = stub.channel({ url: await deadAddress() });
    expect(await stub.send({ channel })).toMatchObject({ outcome: 'deferred' });
  });

  test('an unknown host name is deferred', async () => {
    const channel = stub.channel({ url: 'http://carrier.invalid' });
    expect(await stub.send({ channel })).toMatchObject({ outcome: 'deferred' });
  });

  test('a carrier that does not speak TLS is deferred', async () => {
    stub.carrier.script(subject.accepted.answer);
    const channel = stub.channel({ url: stub.carrier.url.replace('http:', 'https:') });
    expect(await stub.send({ channel })).toMatchObject({ outcome: 'deferred' });
  });

  test('a time-out before the request is written is deferred', async () => {
    const mute = await muteServer();
    const channel = stub.channel({ url: mute.url, timeoutMs: 60 });
    expect(await stub.send({ channel })).toMatchObject({ outcome: 'deferred' });
    await mute.stop();
  });

  test(`a time-out after the request was written is ${subject.lostAnswer}`, async () => {
    stub.carrier.script('silence');
    const channel = stub.channel({ timeoutMs: 60 });
    expect(await stub.send({ channel })).toMatchObject({ outcome: subject.lostAnswer });
    expect(stub.carrier.requests).toHaveLength(1);
  });

  test('a signal that has aborted already keeps the message here', async () => {
    stub.carrier.script(subject.accepted.answer);
    expect(await stub.send({ signal: AbortSignal.abort() })).toMatchObject({ outcome: 'deferred' });
    expect(stub.carrier.requests).toHaveLength(0);
  });

  test('an abort during the request resolves at once, as a lost answer', async () => {
    stub.carrier.script('silence');
    const stop = new AbortController();
    const sending = stub.send({ signal: stop.signal });
    await stub.carrier.received(1);
    stop.abort();
    expect(await sending).toMatchObject({ outcome: subject.lostAnswer });
  });

  test('an abort while waiting for a free connection is deferred and never reaches the carrier', async () => {
    stub.carrier.script('silence');
    const channel = stub.channel({ concurrency: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const busy = stub.send({ channel, signal: first.signal });
    await stub.carrier.received(1);
    const queued = stub.send({ channel, signal: second.signal });
    second.abort();
    expect(await queued).toMatchObject({ outcome: 'deferred' });
    first.abort();
    expect(await busy).toMatchObject({ outcome: subject.lostAnswer });
    expect(stub.carrier.requests).toHaveLength(1);
  });

  test('a channel works again after the carrier cut its connections', async () => {
    const channel = stub.channel();
    stub.carrier.script('reset');
    await stub.send({ channel });
    stub.carrier.script(subject.accepted.answer);
    expect(await stub.send({ channel })).toMatchObject({ outcome: 'accepted' });
  });

  test('a probe tells a working account from a dead carrier without its secrets', async () => {
    const channel = stub.channel({ url: await deadAddress() });
    const { ok, detail } = await channel.probe(new AbortController().signal);
    expect(ok).toBe(false);
    for (const secret of channel.redact) expect(detail).not.toContain(secret);
  });
}

function describeVerifying(subject: Conformance, stub: Lazy): void {
  const call = subject.ordinaryCall;

  test('a signed call is genuine, again and again', () => {
    const channel = stub.channel();
    expect(channel.verify(subject.sign(call))).toEqual({ genuine: true });
    expect(channel.verify(subject.sign(call))).toEqual({ genuine: true });
  });

  test.each<[string, (signed: WebhookRequest) => WebhookRequest]>([
    ['no signature', (signed) => subject.resign(signed, undefined)],
    ['an empty signature', (signed) => subject.resign(signed, '')],
    ['a wrong signature', (signed) => subject.resign(signed, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=')],
    ['a signature of letters that are not ASCII', (signed) => subject.resign(signed, 'підпис')],
    ['a very long signature', (signed) => subject.resign(signed, 'a'.repeat(100_000))],
    ['a body changed after signing', (signed) => ({ ...signed, body: Buffer.concat([signed.body, Buffer.from('&x=1')]) })], // prettier-ignore
    ['an empty body under that signature', (signed) => ({ ...signed, body: Buffer.alloc(0) })],
    ['a megabyte under that signature', (signed) => ({ ...signed, body: Buffer.alloc(1_048_576, 'a=1&') })],
    ['bytes that are not UTF-8', (signed) => ({ ...signed, body: Buffer.from([0xff, 0xfe, 0x00, 0x80]) })],
  ])('is not genuine: %s', (_label, change) => {
    const verdict = stub.channel().verify(change(subject.sign(call)));
    expect(verdict).toEqual({ genuine: false, why: expect.any(String) });
  });

  test('a call with a field that is new to us is still genuine and still understood', () => {
    const channel = stub.channel();
    const signed = subject.sign(subject.callWithNewField);
    expect(channel.verify(signed)).toEqual({ genuine: true });
    expect(channel.parse(signed).map(({ kind }) => kind)).not.toContain('unknown');
  });

  test('an address that is no URL is not genuine and does not throw', () => {
    const signed = { ...subject.sign(call), url: 'not an address' };
    expect(() => stub.channel().verify(signed)).not.toThrow();
  });

  test('arbitrary calls are neither genuine nor able to throw', () => {
    const channel = stub.channel();
    const calls = fc.record({
      body: fc.uint8Array({ maxLength: 400 }),
      url: fc.webUrl(),
      signature: fc.string(),
    });
    fc.assert(
      fc.property(calls, ({ body, url, signature }) => {
        const bare = { method: 'POST', door: 'any' as const, url, headers: {}, body: Buffer.from(body) };
        const request = subject.resign(bare, signature);
        expect(channel.verify(request).genuine).toBe(false);
        expectStorable(channel.parse(request));
      }),
      { numRuns: 200 },
    );
  });
}

function describeParsing(subject: Conformance, stub: Lazy): void {
  test.each(subject.webhooks.map((one) => [one.label, one] as const))('understands %s', (_label, one) => {
    const channel = stub.channel();
    const signed = subject.sign(one.call);
    expect(channel.verify(signed)).toEqual({ genuine: true });
    const facts = channel.parse(signed);
    expectStorable(facts);
    expect(facts).toHaveLength(one.facts.length);
    one.facts.forEach((expected, index) => expect(facts[index]).toMatchObject(expected));
    expect(channel.parse(signed)).toEqual(facts);
    expect(channel.acknowledge(facts)).toEqual(subject.reply);
  });

  test.each<[string, UnsignedCall]>([
    ['an empty body', { body: '' }],
    ['a body of spaces', { body: '   ' }],
    ['not JSON', { body: '{"event": ' }],
    ['JSON that is no object', { body: '"hello"' }],
    ['JSON null', { body: 'null' }],
    ['deeply nested JSON', { body: '['.repeat(50_000) }],
    ['a page', { body: '<html></html>', contentType: 'text/html' }],
    ['bytes that are not UTF-8', { body: Buffer.from([0xc3, 0x28, 0x00, 0xff]) }],
    ['a form of nothing but separators', { body: '&&&===&&' }],
    ['broken percent signs', { body: 'MessageSid=%E0%A4%A&Body=%' }],
  ])('acts on nothing in %s', (_label, unsigned) => {
    const facts = stub.channel().parse(subject.sign(unsigned));
    expectStorable(facts);
    expect(facts.filter(({ kind }) => kind !== 'unknown')).toEqual([]);
  });

  test('keeps a status or event it does not know as unknown', () => {
    const facts = stub.channel().parse(subject.sign(subject.callWithUnknownStatus));
    expect(facts.map(({ kind }) => kind)).toEqual(['unknown']);
  });

  test('field names that are traps change nothing', () => {
    const channel = stub.channel();
    for (const trap of subject.trapCalls) {
      const signed = subject.sign(trap);
      expect(channel.verify(signed)).toEqual({ genuine: true });
      expectStorable(channel.parse(signed));
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a wrong content type neither helps nor hurts', () => {
    const channel = stub.channel();
    const signed = subject.sign({ ...subject.ordinaryCall, contentType: 'application/octet-stream' });
    expect(channel.parse(signed)).toEqual(channel.parse(subject.sign(subject.ordinaryCall)));
  });
}

function describeTexts(subject: Conformance, stub: Lazy): void {
  const { textCall } = subject;
  if (!textCall) return;

  test.each([
    ['NUL', 'так\0ні', 'такні'],
    ['half of a surrogate pair', 'ok \ud83d', 'ok \ufffd'],
    ['an emoji of several code points', '👨‍👩‍👧‍👦 5', '👨‍👩‍👧‍👦 5'],
    ['quotes and percent signs', '100% "так" \\ &=', '100% "так" \\ &='],
  ])('reads a text with %s as it can be stored', (_label, written, stored) => {
    const facts = stub.channel().parse(subject.sign(textCall(written)));
    expectStorable(facts);
    expect(facts).toMatchObject([{ kind: 'text', text: stored }]);
  });

  test('a call of a megabyte does not throw', () => {
    const facts = stub.channel().parse(subject.sign(textCall('я'.repeat(500_000))));
    expect(facts).toHaveLength(1);
  });
}

function describeShape(subject: Conformance, stub: Lazy): void {
  test('its limits and secrets are told as data', () => {
    const { kind, sender, limits, redact } = stub.channel();
    expect(kind).toMatch(/^[a-z][a-z-]*$/);
    expect(sender).toMatch(/^[a-z][a-z-]*$/);
    expect(limits.maxTextLength).toBeGreaterThan(100);
    expect(limits.concurrency).toBeGreaterThan(0);
    expect(limits.timeoutMs).toBeGreaterThan(0);
    expect(redact.length).toBeGreaterThan(0);
    for (const secret of redact) expect(secret).not.toBe('');
  });

  test('it acknowledges even a call that told it nothing', () => {
    expect(stub.channel().acknowledge([])).toEqual(subject.reply);
  });
}

/** What holds for every fact: PostgreSQL can store it, and its detail has nothing personal. */
export function expectStorable(facts: readonly CarrierFact[]): void {
  for (const fact of facts) {
    expect(fact.dedupeKey.length).toBeGreaterThan(0);
    expect(fact.dedupeKey.length).toBeLessThan(400);
    const told = { ...fact, raw: '', text: '' };
    expect(JSON.stringify(fact)).not.toContain('\\u0000');
    expect(JSON.stringify(told)).not.toMatch(/\\ud[89a-f]/);
    expect(JSON.stringify(fact.detail)).not.toMatch(/\d{9,}/);
    if (fact.happenedAt) expect(Number.isNaN(fact.happenedAt.getTime())).toBe(false);
  }
}
