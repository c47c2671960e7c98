import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CarrierFact, WebhookRequest } from '#channels/channel';
import { Suite, type Conformance, type UnsignedCall } from './channel-suite.js';

/** What every channel does with calls from outside, whatever it sends with. */
export function describeWebhooks(subject: Conformance): void {
  describe(`${subject.name}: the contract of webhooks`, () => {
    const stub = new Suite(subject);
    beforeAll(() => stub.start());
    afterEach(() => stub.closeChannels());
    afterAll(() => stub.stop());
    describeVerifying(subject, stub);
    describeParsing(subject, stub);
    describeTexts(subject, stub);
    describeShape(subject, stub);
  });
}

function describeVerifying(subject: Conformance, stub: Suite): void {
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
    const channel = stub.channel();
    const verdict = channel.verify(change(subject.sign(call)));
    expect(verdict).toEqual({ genuine: false, why: expect.any(String) });
    for (const secret of [...channel.redact, subject.address, subject.address.replace('+', '')])
      expect(JSON.stringify(verdict)).not.toContain(secret);
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

function describeParsing(subject: Conformance, stub: Suite): void {
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

function describeTexts(subject: Conformance, stub: Suite): void {
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

function describeShape(subject: Conformance, stub: Suite): void {
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
