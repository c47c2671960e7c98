import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ChannelsAtSandbox, NUMBER, SENDERS, signal, type Sender } from './testing/channels-at-sandbox.js';
import type { SteeredSandbox } from './testing/steered-sandbox.js';

/** The program's own channels against the sandbox: each was written from the vendor's pages, apart from the other. */
let at: ChannelsAtSandbox;
let sandbox: SteeredSandbox;
beforeAll(async () => {
  at = await ChannelsAtSandbox.open();
  ({ sandbox } = at);
});
afterAll(() => at.close());
beforeEach(() => at.reset());

const channelOf = (sender: Sender) => at.channel(sender);
const message = (sender: Sender) => at.message(sender);
const facts = (sender: Sender) => at.facts(sender);

describe.each(SENDERS)('%s', (sender) => {
  test('sends, and its receipts are understood', async () => {
    const outcome = await channelOf(sender).send(message(sender), signal);
    expect(outcome).toMatchObject({ outcome: 'accepted', externalId: expect.any(String) });
    await sandbox.pass(10_000);
    const told = facts(sender);
    expect(told.at(-1)).toMatchObject({ kind: 'receipt', status: 'delivered' });
    for (const fact of told)
      expect(fact).toMatchObject({ externalId: (outcome as { externalId: string }).externalId });
  });

  test('probes the account', async () => {
    expect(await channelOf(sender).probe(signal)).toMatchObject({ ok: true });
  });

  test('tells where the carrier calls us', async () => {
    const told = await channelOf(sender).webhook?.(sandbox.ours.url, signal);
    expect(told).toMatchObject({
      ok: true,
      detail: expect.stringContaining(`${sandbox.ours.url}/hooks/${sender}`),
    });
  });

  test.each([
    ['http_429', 'deferred', 0],
    ['reset_before_accept', sender.startsWith('turbosms') ? 'deferred' : 'uncertain', 0],
    ['reset_after_accept', sender.startsWith('turbosms') ? 'deferred' : 'uncertain', 1],
    ['garbage', sender.startsWith('turbosms') ? 'deferred' : 'uncertain', 1],
    ['http_500_after_accept', sender.startsWith('turbosms') ? 'deferred' : 'uncertain', 1],
  ])('after %s is %s, with %i accepted', async (kind, outcome, accepted) => {
    await sandbox.api('POST', '/faults', { kind, times: 1 });
    expect(await channelOf(sender).send(message(sender), signal)).toMatchObject({ outcome });
    expect(await sandbox.api('GET', '/counts')).toMatchObject({ accepted });
  });
});

test('TurboSMS does a message once, however often it is asked after lost answers', async () => {
  await sandbox.api('POST', '/faults', { kind: 'reset_after_accept', times: 3 });
  const send = () => channelOf('turbosms').send(message('turbosms'), signal);
  const outcomes = [await send(), await send(), await send(), await send()].map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['deferred', 'deferred', 'deferred', 'accepted']);
  expect(await sandbox.api('GET', '/counts')).toMatchObject({ accepted: 1, duplicateMessageIds: {} });
});

test('Twilio tells afterwards what became of a message whose answer was lost', async () => {
  const ask = () => channelOf('twilio').lookup?.(message('twilio'), sandbox.clock.now(), signal);
  expect(await ask()).toBe('not_found');
  await sandbox.api('POST', '/faults', { kind: 'reset_after_accept', times: 1 });
  await channelOf('twilio').send(message('twilio'), signal);
  expect(await ask()).toMatchObject({ outcome: 'accepted', externalId: expect.stringMatching(/^SM/) });
});

test('what a person does in Viber is understood: opening with a code, writing, leaving', async () => {
  await sandbox.api('POST', `/phones/${NUMBER}/viber`, { context: 'Ab3dE5gH' });
  await sandbox.api('POST', `/phones/${NUMBER}/reply`, { text: '5+', channel: 'viber' });
  await sandbox.api('POST', `/phones/${NUMBER}/viber/unsubscribe`);
  expect(facts('viber')).toMatchObject([
    { kind: 'conversation_started', context: 'Ab3dE5gH', subscribed: true, language: 'uk-UA' },
    { kind: 'text', text: '5+', address: message('viber').address },
    { kind: 'receipt', status: 'delivered' },
    { kind: 'unsubscribed', address: message('viber').address },
  ]);
});

test('the welcome that the channel writes is shown with its buttons', async () => {
  const keyboard = { buttons: [{ label: 'Чудово <5>', reply: 'v1:Ab3dE5gH:quality:5', width: 3 as const }] };
  const viber = channelOf('viber');
  sandbox.ours.respond((arrival) =>
    viber.acknowledge(viber.parse(at.requestOf(arrival)), { text: 'Оцініть візит', keyboard }),
  );
  const opened = await sandbox.api<{ messages: unknown[] }>('POST', `/phones/${NUMBER}/viber`, {
    context: 'Ab3dE5gH',
  });
  sandbox.ours.respond(() => ({}));
  expect(opened.messages).toMatchObject([
    {
      text: 'Оцініть візит',
      keyboard: [{ label: 'Чудово <5>', reply: 'v1:Ab3dE5gH:quality:5', columns: 3 }],
    },
  ]);
});

test('texts by SMS are understood, and so is the word that stops', async () => {
  await channelOf('twilio').send(message('twilio'), signal);
  await sandbox.api('POST', `/phones/${NUMBER}/reply`, { text: 'Дякую', channel: 'sms' });
  await sandbox.api('POST', `/phones/${NUMBER}/reply`, { text: 'STOP', channel: 'sms' });
  expect(facts('twilio')).toMatchObject([
    { kind: 'text', text: 'Дякую', address: NUMBER },
    { kind: 'text', text: 'STOP', carrierKeyword: 'stop' },
  ]);
  expect(await channelOf('twilio').send(message('twilio'), signal)).toMatchObject({
    outcome: 'blocked',
    why: 'opted_out',
  });
});

test('the webhook is registered by the channel', async () => {
  expect(await channelOf('viber').register?.(sandbox.ours.url, signal)).toMatchObject({ ok: true });
});
