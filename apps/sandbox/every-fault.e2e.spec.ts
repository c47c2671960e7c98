import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SendOutcome } from '#channels/channel';
import type { FaultRequest } from './faults.js';
import { ChannelsAtSandbox, NUMBER, SENDERS, type Sender } from './testing/channels-at-sandbox.js';

/** Every kind of trouble that can be ordered, at each carrier, as the program's own channels understand it. */
let at: ChannelsAtSandbox;
beforeAll(async () => {
  at = await ChannelsAtSandbox.open();
});
afterAll(() => at.close());
beforeEach(() => at.reset());

const order = (fault: FaultRequest): Promise<unknown> => at.sandbox.api('POST', '/faults', fault);
const accepted = async (): Promise<unknown> => (await at.sandbox.api('GET', '/counts'))['accepted'];
const carrierOf = (sender: Sender) => (sender === 'turbosms-viber' ? 'turbosms' : sender);
const statuses = (sender: Sender): unknown[] =>
  at.facts(sender).map((fact) => (fact.kind === 'receipt' ? fact.status : fact.kind));
const PATH: Readonly<Record<Sender, string[]>> = {
  twilio: ['accepted', 'sent', 'delivered'],
  viber: ['delivered'],
  turbosms: ['sent', 'delivered'],
  'turbosms-viber': ['sent', 'delivered'],
};
const MINUTE = 60_000;

describe.each(SENDERS)('%s, with its receipts', (sender) => {
  test('lost', async () => {
    await order({ kind: 'callback_drop' });
    await at.send(sender);
    await at.sandbox.pass(MINUTE);
    expect(statuses(sender)).toEqual([]);
    expect(await at.sandbox.api('GET', '/counts')).toMatchObject({ told: {} });
  });

  test('twice, which are the same fact', async () => {
    await order({ kind: 'callback_double' });
    await at.send(sender);
    await at.sandbox.pass(MINUTE);
    expect(statuses(sender)).toEqual(PATH[sender].flatMap((word) => [word, word]));
    expect(new Set(at.facts(sender).map(({ dedupeKey }) => dedupeKey)).size).toBe(PATH[sender].length);
  });

  test('in the wrong order', async () => {
    await order({ kind: 'callback_reorder' });
    await at.send(sender);
    await at.sandbox.pass(MINUTE);
    await at.sandbox.api('POST', `/phones/${NUMBER}/look`);
    const seen = sender.includes('viber') ? ['seen'] : [];
    const told = sender === 'viber' ? ['seen', 'delivered'] : [...PATH[sender].toReversed(), ...seen];
    expect(statuses(sender)).toEqual(told);
  });

  test('late', async () => {
    await order({ kind: 'callback_delay', latencyMs: 120_000 });
    await at.send(sender);
    await at.sandbox.pass(MINUTE);
    expect(statuses(sender)).toEqual([]);
    await at.sandbox.pass(3 * MINUTE);
    expect(statuses(sender)).toEqual(PATH[sender]);
  });

  test('saying that it did not arrive', async () => {
    await order({ kind: 'undelivered' });
    await at.send(sender);
    await at.sandbox.pass(MINUTE);
    expect(statuses(sender).at(-1)).toMatch(/^(failed|undelivered)$/);
  });
});

test('a receipt held back for one that never comes is told after all', async () => {
  await order({ kind: 'callback_reorder' });
  await at.send('viber');
  await at.sandbox.pass(61 * MINUTE, MINUTE);
  expect(statuses('viber')).toEqual(['delivered']);
});

test('what a person writes may come twice as well, and is the same fact', async () => {
  await order({ kind: 'callback_double' });
  await at.sandbox.api('POST', `/phones/${NUMBER}/reply`, { text: '5', channel: 'viber' });
  const texts = at.facts('viber').filter(({ kind }) => kind === 'text');
  expect(texts).toHaveLength(2);
  expect(new Set(texts.map(({ dedupeKey }) => dedupeKey)).size).toBe(1);
});

test('of each message it is known what we were told', async () => {
  await at.send('twilio');
  await order({ carrier: 'turbosms', kind: 'callback_drop', times: 1 });
  await at.send('turbosms');
  await at.sandbox.pass(MINUTE);
  expect(await at.sandbox.api('GET', '/messages')).toMatchObject({
    messages: [{ told: ['queued', 'sent', 'delivered'] }, { told: ['DELIVRD'] }],
  });
  expect(await at.sandbox.api('GET', '/counts')).toMatchObject({
    told: { 'twilio queued': 1, 'twilio sent': 1, 'twilio delivered': 1, 'turbosms DELIVRD': 1 },
  });
});

describe.each(SENDERS)('%s, asked to send,', (sender) => {
  test('is slow when told so, and takes the message', async () => {
    await order({ kind: 'latency', latencyMs: 30 });
    expect(await at.send(sender)).toMatchObject({ outcome: 'accepted' });
    expect(await accepted()).toBe(1);
  });

  test('takes only as many requests a second as it is told', async () => {
    await at.sandbox.api('POST', '/limits', { carrier: carrierOf(sender), perSecond: 2 });
    const outcomes = [await at.send(sender), await at.send(sender), await at.send(sender)];
    const deferred = outcomes.filter(({ outcome }) => outcome === 'deferred');
    expect(deferred).toHaveLength(1);
    at.sandbox.clock.advance(1_000);
    expect(await at.send(sender)).toMatchObject({ outcome: 'accepted' });
  });

  test('refuses with every documented code, each of which means something to us', async () => {
    const all = await at.sandbox.api<Record<string, Record<string, string>>>('GET', '/faults/codes');
    const codes = Object.keys(all[carrierOf(sender)] ?? {}).map(Number);
    expect(codes.length).toBeGreaterThan(20);
    for (const code of codes) {
      await at.sandbox.api('DELETE', '/faults');
      await order({ kind: 'refuse', code });
      const outcome: SendOutcome = await at.send(sender);
      expect([code, outcome.outcome]).toEqual([
        code,
        expect.stringMatching(/^(rejected|blocked|deferred|uncertain)$/),
      ]);
      expect([code, 'vendorCode' in outcome && outcome.vendorCode]).toEqual([code, String(code)]);
      expect([code, 'detail' in outcome && outcome.detail]).toEqual([
        code,
        expect.not.stringMatching(/general|not documented|^refused /),
      ]);
    }
    expect(await accepted()).toBe(0);
  });
});

describe('a carrier that never answers', () => {
  let impatient: ChannelsAtSandbox;
  beforeAll(async () => {
    impatient = await ChannelsAtSandbox.open({ timeoutMs: 200 });
  });
  afterAll(() => impatient.close());
  beforeEach(() => impatient.reset());

  test.each(
    SENDERS.flatMap((sender) => [
      [sender, 'http_500', 0] as const,
      [sender, 'timeout_before_accept', 0] as const,
      [sender, 'timeout_after_accept', 1] as const,
    ]),
  )('%s with %s leaves it open, and has %i message', async (sender, kind, count) => {
    await impatient.sandbox.api('POST', '/faults', { kind });
    const lost = sender.startsWith('turbosms') ? 'deferred' : 'uncertain';
    expect(await impatient.send(sender)).toMatchObject({ outcome: lost });
    expect(await impatient.sandbox.api('GET', '/counts')).toMatchObject({ accepted: count });
  });
});
