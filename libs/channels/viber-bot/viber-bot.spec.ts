import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '#channels/channel';
import { describeChannel } from '#testkit/channel-conformance';
import {
  outgoing,
  PUBLIC_URL,
  type SendCase,
  type UnsignedCall,
  type WebhookCase,
} from '#testkit/channel-suite';
import { StubCarrier, type StubAnswer } from '#testkit/stub-carrier';
import { ViberBot } from './viber-bot.js';

const TOKEN = 'bot-token-of-a-test';
const USER = 'xY0/aBcDeFgHiJkLmNoPqQ==';
const HOOK = `${PUBLIC_URL}/hooks/viber`;
/** Beyond 2^53: JSON.parse alone would make it …721000. */
const MESSAGE_TOKEN = '5741311803571721087';
const AT = 1_578_902_400_123;

function make(baseUrl: string, options: { timeoutMs?: number; concurrency?: number } = {}): ViberBot {
  return new ViberBot(
    { authToken: TOKEN, senderName: 'ЦНАП', chatUri: 'cnap', baseUrl },
    { concurrency: 4, ...options },
  );
}

const answered = (status: number, message = 'as told'): StubAnswer => ({
  status: 200,
  body: `{"status":${status},"status_message":"${message}","message_token":${MESSAGE_TOKEN},"chat_hostname":"SN_"}`,
});

const json = (body: string): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;

const halted = [1, 2, 7, 8, 9, 10, 15, 17, 18, 19, 20, 23, 24].map((status): SendCase => ({
  label: `status ${status}, which stops the bot`,
  answer: answered(status),
  outcome: { outcome: 'rejected', scope: 'sender', vendorCode: String(status) },
})); // prettier-ignore
const ours = [3, 4, 14, 16, 22].map((status): SendCase => ({
  label: `status ${status}, which is about the message`,
  answer: answered(status),
  outcome: { outcome: 'rejected', scope: 'content', vendorCode: String(status) },
})); // prettier-ignore
const unreachable = [5, 11, 13, 21].map((status): SendCase => ({
  label: `status ${status}, which is about the person's Viber`,
  answer: answered(status),
  outcome: { outcome: 'blocked', why: 'unreachable', vendorCode: String(status) },
})); // prettier-ignore

const sends: SendCase[] = [
  {
    label: 'a text to a user id, and its token comes back unrounded',
    answer: answered(0),
    outcome: { outcome: 'accepted', externalId: MESSAGE_TOKEN },
    request: ({ method, path, headers, body }) => {
      expect([method, path]).toEqual(['POST', '/pa/send_message']);
      expect(headers['x-viber-auth-token']).toBe(TOKEN);
      expect(headers['content-type']).toBe('application/json');
      expect(json(body)).toEqual({
        receiver: USER,
        min_api_version: 1,
        sender: { name: 'ЦНАП' },
        tracking_data: '41',
        type: 'text',
        text: outgoing({ address: USER }).text,
      });
      expect(body).not.toContain(TOKEN);
    },
  },
  ...halted,
  ...ours,
  ...unreachable,
  {
    label: 'status 6, an unsubscribed person',
    answer: answered(6),
    outcome: { outcome: 'blocked', why: 'opted_out' },
  },
  { label: 'status 12 for a person who does not answer', answer: answered(12, 'maximum messages from Public Account to Viber user without reply exceeded.'), outcome: { outcome: 'deferred', retryAfterMs: 3_600_000, vendorCode: '12' } }, // prettier-ignore
  { label: 'status 12 for the rate of the bot', answer: answered(12, 'tooManyRequests'), outcome: { outcome: 'deferred', retryAfterMs: 30_000 } }, // prettier-ignore
  {
    label: 'a status nobody has documented',
    answer: answered(99),
    outcome: { outcome: 'deferred', vendorCode: '99' },
  },
  { label: 'a status below zero', answer: answered(-1), outcome: { outcome: 'deferred' } },
  { label: 'a status that is no number', answer: { status: 200, body: '{"status":"0"}' }, outcome: { outcome: 'uncertain' } }, // prettier-ignore
  {
    label: 'success without a token',
    answer: { status: 200, body: '{"status":0}' },
    outcome: { outcome: 'uncertain' },
  },
  { label: 'success said with HTTP 500', answer: { status: 500, body: `{"status":0,"message_token":${MESSAGE_TOKEN}}` }, outcome: { outcome: 'uncertain' } }, // prettier-ignore
  { label: 'a token that comes as text', answer: { status: 200, body: `{"status":0,"message_token":"${MESSAGE_TOKEN}"}` }, outcome: { outcome: 'accepted', externalId: MESSAGE_TOKEN } }, // prettier-ignore
];

function sign(call: UnsignedCall): WebhookRequest {
  const { method = 'POST', url = HOOK, door = 'any', contentType = 'application/json' } = call;
  const body = Buffer.from(call.body);
  const signature = createHmac('sha256', TOKEN).update(body).digest('hex');
  return {
    method,
    door,
    url,
    headers: { 'content-type': contentType, 'x-viber-content-signature': signature },
    body,
  };
}

/** A call with a raw number as token, which JSON.stringify could not write. */
function event(name: string, fields: object = {}): UnsignedCall {
  const body = JSON.stringify({
    event: name,
    timestamp: AT,
    chat_hostname: 'SN_',
    message_token: 0,
    ...fields,
  });
  return { body: body.replace('"message_token":0', `"message_token":${MESSAGE_TOKEN}`) };
}

const user = { id: USER, name: 'Олена', language: 'uk-UA', country: 'UA', api_version: 10 };
const message = (fields: object): UnsignedCall =>
  event('message', { sender: user, message: fields, silent: false });

const fact = (label: string, call: UnsignedCall, expected: object): WebhookCase => ({
  label,
  call,
  facts: [{ address: USER, happenedAt: new Date(AT), ...expected }],
});

const webhooks: WebhookCase[] = [
  { label: 'the check of set_webhook', call: event('webhook'), facts: [] },
  { label: 'that check with its numbers swapped', call: { body: `{"event":"webhook","timestamp":${MESSAGE_TOKEN},"message_token":${AT}}` }, facts: [] }, // prettier-ignore
  fact('an opened conversation', event('conversation_started', { type: 'open', user, subscribed: false }), { kind: 'conversation_started', subscribed: false, language: 'uk-UA', apiVersion: 10, dedupeKey: `conversation_started:${MESSAGE_TOKEN}:${USER}` }), // prettier-ignore
  fact('a conversation opened from a link', event('conversation_started', { context: '3fKq8ZpT', user, subscribed: true }), { kind: 'conversation_started', context: '3fKq8ZpT', subscribed: true }), // prettier-ignore
  fact('a context with percent signs, as it came', event('conversation_started', { context: '%D1%82%2B', user }), { context: '%D1%82%2B', subscribed: false }), // prettier-ignore
  fact('a subscription', event('subscribed', { user }), { kind: 'subscribed' }),
  fact('an unsubscription', event('unsubscribed', { user_id: USER }), { kind: 'unsubscribed' }),
  fact('delivered', event('delivered', { user_id: USER }), { kind: 'receipt', status: 'delivered', externalId: MESSAGE_TOKEN, dedupeKey: `delivered:${MESSAGE_TOKEN}:${USER}` }), // prettier-ignore
  fact('seen', event('seen', { user_id: USER }), {
    kind: 'receipt',
    status: 'seen',
    externalId: MESSAGE_TOKEN,
  }),
  fact('failed, with what is wrong', event('failed', { user_id: USER, desc: 'keyboard is not valid. to 380500000123' }), { kind: 'receipt', status: 'failed', detail: { description: 'keyboard is not valid. to #' } }), // prettier-ignore
  fact('a text', message({ type: 'text', text: 'Добрий день' }), { kind: 'text', text: 'Добрий день', externalId: MESSAGE_TOKEN, detail: {} }), // prettier-ignore
  fact('a name in escapes', { body: (message({ type: 'text', text: 'ok' }).body as string).replace('Олена', '\\u041e\\u043b') }, { kind: 'text', text: 'ok' }), // prettier-ignore
  fact('a pressed button and the message it was under', message({ type: 'text', text: 'v1:3fKq8ZpT:quality:5', tracking_data: '41' }), { kind: 'text', text: 'v1:3fKq8ZpT:quality:5', detail: { afterMessage: '41' } }), // prettier-ignore
  fact('tracking data of somebody else', message({ type: 'text', text: 'ok', tracking_data: '""' }), {
    detail: {},
  }),
  fact('a text that speaks of a token', message({ type: 'text', text: 'x "message_token": 12345678901234567890' }), { text: 'x "message_token": 12345678901234567890', externalId: MESSAGE_TOKEN }), // prettier-ignore
  fact('an empty text', message({ type: 'text', text: '' }), { kind: 'text', text: '' }),
  fact('a picture with a caption', message({ type: 'picture', media: 'https://dl', text: 'дивіться' }), { kind: 'text', text: 'дивіться', detail: { type: 'picture' } }), // prettier-ignore
  fact('a link', message({ type: 'url', media: 'https://example.test/', text: 'ось' }), { kind: 'text', text: 'ось', detail: { type: 'url' } }), // prettier-ignore
  ...['video', 'file', 'location', 'sticker'].map(
    (type) =>
    fact(`a ${type} without words`, message({ type, sticker_id: 40133, location: { lat: 50, lon: 30 } }), { kind: 'text', text: '', detail: { type } }), // prettier-ignore
  ),
  fact('a shared number without a plus', message({ type: 'contact', contact: { name: 'Я', phone_number: '380500000123' } }), { kind: 'shared_phone', phone: '+380500000123' }), // prettier-ignore
  fact('a shared number with plus and spaces', message({ type: 'contact', contact: { phone_number: '+38 (050) 000-01-23' } }), { kind: 'shared_phone', phone: '+380500000123' }), // prettier-ignore
  fact('a national number as it came', message({ type: 'contact', contact: { phone_number: '050 000 01 23' } }), { kind: 'shared_phone', phone: '0500000123' }), // prettier-ignore
  ...(
    [
      ['a contact without a number', message({ type: 'contact', contact: { name: 'Я' } })],
      ['a message type of the future', message({ type: 'hologram' })],
      ['a message without a type', message({})],
      ['a message from nobody', event('message', { message: { type: 'text', text: 'x' } })],
      ['a receipt for nobody', event('delivered')],
      ['a conversation of nobody', event('conversation_started', { user: [] })],
      ['client_status', event('client_status', { user_id: USER })],
      ['action', event('action')],
      ['an event without a token', { body: `{"event":"unsubscribed","user_id":"${USER}"}` }],
      ['an event called like a property of every object', event('constructor', { user_id: USER })],
    ] as [string, UnsignedCall][]
  ).map(([label, call]): WebhookCase => ({ label, call, facts: [{ kind: 'unknown' }] })),
  { label: 'a time that is none', call: event('subscribed', { user, timestamp: 'yesterday' }), facts: [{ kind: 'subscribed' }] }, // prettier-ignore
];

describeChannel({
  name: 'viber-bot',
  make,
  address: USER,
  accepted: { answer: answered(0), externalId: MESSAGE_TOKEN },
  lostAnswer: 'uncertain',
  sends,
  sign,
  resign: (signed, signature) => ({
    ...signed,
    headers: { ...signed.headers, 'x-viber-content-signature': signature },
  }),
  ordinaryCall: message({ type: 'text', text: '5' }),
  textCall: (text) => message({ type: 'text', text }),
  callWithNewField: event('message', {
    sender: user,
    message: { type: 'text', text: '5', mood: 1 },
    novelty: [{}],
  }),
  callWithUnknownStatus: event('teleported', { user_id: USER }),
  trapCalls: [
    {
      body: `{"__proto__":{"event":"unsubscribed","polluted":1},"event":"seen","message_token":1,"user_id":"u"}`,
    },
    { body: `{"event":"message","event":"seen","message_token":1,"message_token":2,"user_id":"u"}` },
    event('subscribed', { user: { id: 'constructor', __proto__: { id: 'x' } } }),
    event('message', { sender: user, message: { type: 'toString', hasOwnProperty: 1 } }),
  ],
  webhooks,
  reply: { status: 200, contentType: 'application/json', body: '' },
});

describe('the Viber signature', () => {
  const channel = make('http://127.0.0.1:9');
  const { 'x-viber-content-signature': signature = '', ...headers } = sign(event('seen')).headers;
  const signed = { ...sign(event('seen')), headers };

  test('may come in the address instead of the header', () => {
    expect(channel.verify({ ...signed, url: `${HOOK}?sig=${signature}` })).toEqual({ genuine: true });
    expect(channel.verify({ ...signed, url: `${HOOK}?sig=${signature.replace(/^./, 'x')}` }).genuine).toBe(
      false,
    );
  });

  test('in capitals is not the one Viber makes', () => {
    const capitals = { ...headers, 'x-viber-content-signature': signature.toUpperCase() };
    expect(channel.verify({ ...signed, headers: capitals }).genuine).toBe(false);
  });

  test('is over the bytes that came, not over what they mean', () => {
    const respaced = Buffer.from(signed.body.toString().replace(':', ': '));
    expect(channel.verify({ ...sign(event('seen')), body: respaced }).genuine).toBe(false);
  });
});

describe('a Viber keyboard', () => {
  type Sent = { min_api_version: number; keyboard: { Type: string; Buttons: Record<string, unknown>[] } };

  /** The keyboard as it goes out in a welcome, which has the form of a message. */
  function sent(...widths: (1 | 2 | 3 | 6)[]): Sent {
    const buttons = widths.map((width, i) => ({ label: `Так & <ні> ${i}`, reply: `v1:c:q:${i}`, width }));
    const opened = make('http://127.0.0.1:9').parse(sign(event('conversation_started', { user })));
    const reply = make('http://127.0.0.1:9').acknowledge(opened, { text: 'Вітаємо', keyboard: { buttons } });
    return json(reply.body) as Sent;
  }

  test('has silent replies for machines and escaped words for people', () => {
    const { keyboard, min_api_version } = sent(6);
    expect(min_api_version).toBe(6);
    expect(keyboard.Type).toBe('keyboard');
    expect(keyboard.Buttons).toEqual([
      expect.objectContaining({
        Columns: 6,
        Rows: 1,
        ActionType: 'reply',
        ActionBody: 'v1:c:q:0',
        Text: 'Так &amp; &lt;ні&gt; 0',
        Silent: true,
      }),
    ]);
  });

  const columns = (...widths: (1 | 2 | 3 | 6)[]): unknown[] =>
    sent(...widths).keyboard.Buttons.map((b) => b['Columns']);
  const many = (n: number, width: 1 | 2 | 3 | 6): (1 | 2 | 3 | 6)[] =>
    new Array<1 | 2 | 3 | 6>(n).fill(width);

  test.each([
    ['keeps widths that fit', columns(1, 1, 2, 3, 6), [1, 1, 2, 3, 6]],
    ['keeps twelve full rows', columns(...many(12, 6)), many(12, 6)],
    ['halves thirteen full rows', columns(...many(13, 6)), many(13, 3)],
    ['goes on to thirds', columns(...many(25, 6)), many(25, 2)],
    ['goes on to single columns', columns(...many(40, 3)), many(40, 1)],
    ['drops what no phone would show', columns(...many(80, 1)), many(72, 1)],
  ])('%s, since twelve rows are the most', (_label, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  test('without buttons is no keyboard, and asks nothing of the phone', () => {
    expect(sent()).toEqual({ min_api_version: 1, sender: { name: 'ЦНАП' }, type: 'text', text: 'Вітаємо' });
  });
});

describe('a Viber bot', () => {
  async function withStub<T>(
    answer: StubAnswer,
    work: (channel: ViberBot, stub: StubCarrier) => Promise<T>,
  ): Promise<T> {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make(stub.url);
    try {
      return await work(channel, stub);
    } finally {
      await channel.close();
      await stub.stop();
    }
  }
  const signal = new AbortController().signal;

  test('never sends a blank, which Viber would deliver', async () => {
    await withStub(answered(0), async (channel, stub) => {
      const outcome = await channel.send({ ...outgoing({ address: USER }), text: ' \n' }, signal);
      expect(outcome).toMatchObject({ outcome: 'rejected', scope: 'content' });
      expect(stub.requests).toHaveLength(0);
    });
  });

  test('welcomes only who opened the conversation, each with their own words', () => {
    const channel = make('http://127.0.0.1:9');
    const opened = channel.parse(sign(event('conversation_started', { user })));
    expect(json(channel.acknowledge(opened, { text: 'Перше' }).body)['text']).toBe('Перше');
    expect(json(channel.acknowledge(opened, { text: 'Друге' }).body)['text']).toBe('Друге');
    expect(channel.acknowledge(opened).body).toBe('');
    const wrote = channel.parse(sign(message({ type: 'text', text: 'ok' })));
    expect(channel.acknowledge(wrote, { text: 'Перше' }).body).toBe('');
  });

  test('registers its webhook without asking for names or photos', async () => {
    await withStub({ status: 200, body: '{"status":0,"event_types":[]}' }, async (channel, stub) => {
      expect(await channel.register(PUBLIC_URL, signal)).toEqual({ ok: true, detail: `Viber calls ${HOOK}` });
      expect(stub.requests[0]?.path).toBe('/pa/set_webhook');
      expect(json(stub.requests[0]?.body ?? '')).toEqual({ url: HOOK, send_name: false, send_photo: false });
    });
  });

  test.each<[string, StubAnswer, RegExp]>([
    ['a refused address', { status: 200, body: '{"status":1}' }, /invalidUrl.*https/],
    ['a wrong token', { status: 200, body: '{"status":2}' }, /invalidAuthToken/],
    ['a page', { status: 502, body: '<html>' }, /HTTP 502/],
    ['no answer', 'reset', /connection/],
  ])('tells what is wrong when registering meets %s', async (_label, answer, detail) => {
    await withStub(answer, async (channel) => {
      const result = await channel.register(PUBLIC_URL, signal);
      expect(result).toEqual({ ok: false, detail: expect.stringMatching(detail) });
    });
  });

  test.each<[string, StubAnswer, boolean, RegExp]>([
    [
      'a bot with a webhook',
      { status: 200, body: `{"status":0,"name":"ЦНАП","webhook":"${HOOK}"}` },
      true,
      /ЦНАП.*calls https/,
    ],
    ['a bot without one', { status: 200, body: '{"status":0,"name":"ЦНАП"}' }, false, /no webhook/],
    ['a wrong token', { status: 200, body: '{"status":2}' }, false, /invalidAuthToken/],
  ])('probes %s', async (_label, answer, ok, detail) => {
    await withStub(answer, async (channel) => {
      expect(await channel.probe(signal)).toEqual({ ok, detail: expect.stringMatching(detail) });
    });
  });

  test('without credentials is refused by name', () => {
    const empty = { authToken: '', senderName: 'x', chatUri: 'x', baseUrl: 'http://127.0.0.1:9' };
    expect(() => new ViberBot(empty, { concurrency: 1 })).toThrow(/VIBER_AUTH_TOKEN/);
  });
});
