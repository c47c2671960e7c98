import { expect } from '@jest/globals';
import { describeChannel } from '#testkit/channel-conformance';
import { outgoing, type SendCase, type UnsignedCall, type WebhookCase } from '#testkit/channel-suite';
import {
  AT,
  MESSAGE_TOKEN,
  TOKEN,
  USER,
  answered,
  event,
  json,
  make,
  message,
  sign,
  user,
} from '#testkit/viber-calls';

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

const fact = (label: string, call: UnsignedCall, expected: object): WebhookCase => ({
  label,
  call,
  facts: [{ address: USER, happenedAt: new Date(AT), ...expected }],
});

const webhooks: WebhookCase[] = [
  { label: 'the check of set_webhook', call: event('webhook'), facts: [] },
  { label: 'that check with its numbers swapped', call: { body: `{"event":"webhook","timestamp":${MESSAGE_TOKEN},"message_token":${AT}}` }, facts: [] }, // prettier-ignore
  fact('an opened conversation', event('conversation_started', { type: 'open', user, subscribed: false }), { kind: 'conversation_started', subscribed: false, language: 'uk-UA', apiVersion: 10, dedupeKey: `conversation_started:${MESSAGE_TOKEN}:35c3518323b68b7f` }), // prettier-ignore
  fact('a conversation opened from a link', event('conversation_started', { context: '3fKq8ZpT', user, subscribed: true }), { kind: 'conversation_started', context: '3fKq8ZpT', subscribed: true }), // prettier-ignore
  fact('a context with percent signs, as it came', event('conversation_started', { context: '%D1%82%2B', user }), { context: '%D1%82%2B', subscribed: false }), // prettier-ignore
  fact('a subscription', event('subscribed', { user }), { kind: 'subscribed' }),
  fact('an unsubscription', event('unsubscribed', { user_id: USER }), { kind: 'unsubscribed' }),
  fact('delivered', event('delivered', { user_id: USER }), { kind: 'receipt', status: 'delivered', externalId: MESSAGE_TOKEN, dedupeKey: `delivered:${MESSAGE_TOKEN}:35c3518323b68b7f` }), // prettier-ignore
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
