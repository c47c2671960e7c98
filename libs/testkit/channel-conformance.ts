import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { SendOutcome } from '#channels/channel';
import { Suite, type Conformance } from './channel-suite.js';
import { deadAddress, muteServer, type StubAnswer, type StubRequest } from './stub-carrier.js';
import { describeWebhooks } from './webhook-conformance.js';

/** Every channel that sends over HTTP passes this: it is what the rest of the program relies on. */
export function describeChannel(subject: Conformance): void {
  describe(`${subject.name}: the contract of sending`, () => {
    const stub = new Suite(subject);
    beforeAll(() => stub.start());
    afterEach(() => stub.closeChannels());
    afterAll(() => stub.stop());
    describeSending(subject, stub);
    describeTransport(subject, stub);
  });
  describeWebhooks(subject);
}

function describeSending(subject: Conformance, stub: Suite): void {
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

function describeTransport(subject: Conformance, stub: Suite): void {
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
    const outcome = await stub.send({ channel });
    expect(outcome).toMatchObject({ outcome: subject.lostAnswer });
    // Either way it is known that the carrier may have it.
    expect(outcome.outcome === 'uncertain' || 'perhapsSent' in outcome).toBe(true);
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
