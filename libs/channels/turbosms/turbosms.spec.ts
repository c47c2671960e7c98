import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import type { CarrierFact, WebhookRequest } from '#channels/channel';
import { buildChannels, senderRowsOf } from '#channels/registry';
import { describeChannel } from '#testkit/channel-conformance';
import {
  outgoing,
  PHONE,
  PUBLIC_URL,
  type Conformance,
  type SendCase,
  type UnsignedCall,
  type WebhookCase,
} from '#testkit/channel-suite';
import { StubCarrier, type StubAnswer, type StubRequest } from '#testkit/stub-carrier';
import { meaningOf } from './response-codes.js';
import { TurboSms, turbosms } from './turbosms.js';

const TOKEN = 'api-token-of-a-test';
const MESSAGE_ID = 'f83f8868-5e46-c6cf-e4fb-615e5a293754';
const DIGITS = PHONE.slice(1);

interface Options {
  timeoutMs?: number;
  concurrency?: number;
}
const make =
  (channel: 'sms' | 'viber') =>
  (baseUrl: string, options: Options = {}): TurboSms =>
    new TurboSms(channel, 'CNAP', { token: TOKEN, baseUrl }, { concurrency: 4, ...options });

/** TurboSMS always says 200; the overall code and the code of the one recipient decide. */
function answered(overall: number, recipient?: number, messageId: string | null = MESSAGE_ID): StubAnswer {
  const result = [
    { phone: DIGITS, response_code: recipient, message_id: messageId, response_status: `for ${PHONE}` },
  ];
  const body = {
    response_code: overall,
    response_status: 'X',
    response_result: recipient === undefined ? null : result,
  };
  return { status: 200, body: JSON.stringify(body) };
}

const sent = ({ body }: StubRequest): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;

const accepted = [0, 800, 801, 802, 803].map((code): SendCase => ({
  label: `overall ${code} with an accepted recipient`,
  answer: answered(code, 0),
  outcome: { outcome: 'accepted', externalId: MESSAGE_ID },
})); // prettier-ignore
const halted = [103, 105, 106, 200, 203, 301, 302, 400, 401, 415, 421, 424, 425, 426].map((code): SendCase => ({
  label: `${meaningOf(code).name}, which stops the sender`,
  answer: answered(code),
  outcome: { outcome: 'rejected', scope: 'sender', vendorCode: String(code) },
})); // prettier-ignore
const ours = [104, 107, 201, 300, 304, 306, 405, 407, 409, 410, 411, 412, 413, 416, 427, 502].map((code): SendCase => ({
  label: `${meaningOf(code).name}, which is about the message`,
  answer: answered(800, code, null),
  outcome: { outcome: 'rejected', scope: 'content', vendorCode: String(code) },
})); // prettier-ignore
const repeated = [500, 501, 503, 504, 999].map((code): SendCase => ({
  label: `${meaningOf(code).name}, asked again under the same id`,
  answer: answered(code),
  outcome: { outcome: 'deferred', retryAfterMs: 30_000, vendorCode: String(code) },
})); // prettier-ignore

const sends: SendCase[] = [
  ...accepted,
  ...halted,
  ...ours,
  ...repeated,
  { label: 'a repetition, answered with the first result', answer: answered(507, 0), outcome: { outcome: 'accepted', externalId: MESSAGE_ID } }, // prettier-ignore
  { label: 'a repetition whose first result was a refusal', answer: answered(507, 404, null), outcome: { outcome: 'blocked', why: 'opted_out' } }, // prettier-ignore
  { label: 'a repetition without the first result', answer: answered(507), outcome: { outcome: 'deferred' } },
  { label: 'a number on the stop list', answer: answered(802, 404, null), outcome: { outcome: 'blocked', why: 'opted_out', vendorCode: '404' } }, // prettier-ignore
  { label: 'a number that is none', answer: answered(802, 305, null), outcome: { outcome: 'rejected', scope: 'recipient' } }, // prettier-ignore
  { label: 'a country that is not switched on', answer: answered(802, 406, null), outcome: { outcome: 'blocked', why: 'unreachable' } }, // prettier-ignore
  { label: 'a code nobody has documented', answer: answered(777), outcome: { outcome: 'rejected', scope: 'content', vendorCode: '777' } }, // prettier-ignore
  { label: 'success without a message id', answer: answered(800, 0, null), outcome: { outcome: 'deferred' } },
  { label: 'success without a result', answer: answered(800), outcome: { outcome: 'deferred' } },
  { label: 'a code that is a text', answer: { status: 200, body: '{"response_code":"0"}' }, outcome: { outcome: 'deferred' } }, // prettier-ignore
];

/** SHA-1 of secret and id, in the body; bodies that are no object cannot be signed. */
function sign(call: UnsignedCall, signature?: string | null): WebhookRequest {
  const { method = 'POST', url = `${PUBLIC_URL}/hooks/turbosms`, contentType = 'application/json' } = call;
  const plain = Buffer.from(call.body);
  let body = plain;
  const match = /^\{"id":"([^"]+)",/.exec(plain.toString('utf8'));
  if (match && signature !== null) {
    const made = signature ?? createHash('sha1').update(`${TOKEN}${match[1]}`).digest('hex');
    body = Buffer.from(plain.toString('utf8').replace('{', `{"signature":${JSON.stringify(made)},`));
  }
  return { method, door: 'any', url, headers: { 'content-type': contentType }, body };
}

function resign(signed: WebhookRequest, signature: string | undefined): WebhookRequest {
  const bare = signed.body.toString('utf8').replace(/^\{"signature":"[0-9a-f]{40}",/, '{');
  return sign({ body: bare, url: signed.url }, signature ?? null);
}

const event = (type: string, data: unknown, extra: object = {}): UnsignedCall => ({
  body: JSON.stringify({ id: 'evt-77', type, date: '2020-01-13 10:00:02', try: 1, data, ...extra }),
});
const dlr = (type: string, status: string, more: object = {}): UnsignedCall =>
  event(type, { message_id: MESSAGE_ID, status, dlr_date: '2020-01-13 10:00:01', ...more });

const receipts = (type: string): WebhookCase[] =>
  (
    [
      ['ACCEPTD', 'accepted'],
      ['SENT', 'sent'],
      ['DELIVRD', 'delivered'],
      ['Delivered', 'delivered'],
      ['Read', 'seen'],
      ['UNDELIV', 'undelivered'],
      ['EXPIRED', 'undelivered'],
      ['REJECTD', 'failed'],
      ['Cancelled', 'failed'],
    ] as const
  ).map(([word, status]) => ({
    label: `${type} ${word}`,
    call: dlr(type, word),
    facts: [
      {
        kind: 'receipt',
        status,
        externalId: MESSAGE_ID,
        dedupeKey: 'event:evt-77',
        happenedAt: new Date('2020-01-13T08:00:01Z'),
      },
    ],
  }));

const strange = (type: string): WebhookCase[] =>
  (
    [
      ['an error code', dlr(type, 'UNDELIV', { error_code: 27 }), { kind: 'receipt', vendorCode: '27' }],
      ['no error', dlr(type, 'DELIVRD', { error_code: 0 }), { kind: 'receipt', status: 'delivered' }],
      [
        'a list of one record',
        event(type, [{ message_id: MESSAGE_ID, status: 'SENT' }]),
        { kind: 'receipt' },
      ],
      ['a time that is none', dlr(type, 'SENT', { dlr_date: 'soon' }), { kind: 'receipt', status: 'sent' }],
      ['no message id', event(type, { status: 'SENT' }), { kind: 'unknown' }],
      ['no data', event(type, null), { kind: 'unknown' }],
      ['a click on a button', event('VIBER_BUTTON_CLICK', { message_id: MESSAGE_ID }), { kind: 'unknown' }],
      ['an SMS sent by SMPP', dlr('DLR_SMS_SMPP', 'DELIVRD'), { kind: 'unknown' }],
    ] as [string, UnsignedCall, Partial<CarrierFact>][]
  ).map(([label, call, fact]) => ({ label, call, facts: [fact] }));

function conformance(channel: 'sms' | 'viber', type: string, own: Partial<Conformance>): Conformance {
  return {
    name: `turbosms for ${channel}`,
    make: make(channel),
    address: PHONE,
    accepted: { answer: answered(800, 0), externalId: MESSAGE_ID },
    lostAnswer: 'deferred',
    sends,
    sign,
    resign,
    ordinaryCall: dlr(type, 'DELIVRD'),
    callWithNewField: dlr(type, 'DELIVRD', { novelty: { deep: [1] } }),
    callWithUnknownStatus: dlr(type, 'TELEPORTED'),
    trapCalls: [
      { body: '{"id":"evt-77","type":"constructor","data":{"__proto__":{"polluted":1}}}' },
      { body: `{"id":"evt-77","type":"${type}","data":{"message_id":"toString","status":"constructor"}}` },
      { body: `{"id":"evt-77","__proto__":{"polluted":1},"type":"${type}","data":[]}` },
    ],
    webhooks: [...receipts(type), ...strange(type)],
    reply: { status: 200, contentType: 'application/json', body: '' },
    ...own,
  };
}

describeChannel(
  conformance('sms', 'DLR_SMS_API', {
    sends: [
      {
        label: 'one SMS to one number, and no Viber that could fall back to it',
        answer: answered(800, 0),
        outcome: { outcome: 'accepted', externalId: MESSAGE_ID },
        request: (request) => {
          expect([request.method, request.path]).toEqual(['POST', '/message/send.json']);
          expect(request.headers.authorization).toBe(`Bearer ${TOKEN}`);
          expect(sent(request)).toEqual({
            recipients: [DIGITS],
            sequence_id: expect.stringMatching(/^[0-9a-f]{32}$/),
            sms: { sender: 'CNAP', text: outgoing({ address: PHONE }).text },
          });
        },
      },
      ...sends,
    ],
    webhooks: [
      ...receipts('DLR_SMS_API'),
      ...strange('DLR_SMS_API'),
      {
        label: 'a receipt of the other sender',
        call: dlr('DLR_VIBER_API', 'Read'),
        facts: [{ kind: 'unknown' }],
      },
      { label: 'a text to the other sender', call: event('INBOX_VIBER_SESSION', { phone: DIGITS, text: '5' }), facts: [{ kind: 'unknown' }] }, // prettier-ignore
    ],
  }),
);

const inbox = (data: object): UnsignedCall => event('INBOX_VIBER_SESSION', data);

describeChannel(
  conformance('viber', 'DLR_VIBER_API', {
    sends: [
      {
        label: 'one transactional Viber message, and no SMS after it',
        answer: answered(801, 0),
        outcome: { outcome: 'accepted' },
        request: (request) => {
          expect(sent(request)).toMatchObject({ viber: { sender: 'CNAP', ttl: 7200, is_transactional: 1 } });
          expect(sent(request)).not.toHaveProperty('sms');
        },
      },
      { label: 'a life below a minute as a minute', message: { validForSeconds: 1 }, answer: answered(800, 0), outcome: { outcome: 'accepted' }, request: (request) => expect(sent(request)).toMatchObject({ viber: { ttl: 60 } }) }, // prettier-ignore
      { label: 'a life of a week as a day', message: { validForSeconds: 604_800 }, answer: answered(800, 0), outcome: { outcome: 'accepted' }, request: (request) => expect(sent(request)).toMatchObject({ viber: { ttl: 86_400 } }) }, // prettier-ignore
    ],
    textCall: (text) => inbox({ phone: DIGITS, text }),
    webhooks: [
      ...receipts('DLR_VIBER_API'),
      ...receipts('DLR_VIBER_SESSION'),
      ...strange('DLR_VIBER_API'),
      { label: 'a text', call: inbox({ phone: DIGITS, text: 'Дякую', message_id: 'in-1' }), facts: [{ kind: 'text', address: PHONE, text: 'Дякую', externalId: 'in-1' }] }, // prettier-ignore
      { label: 'a text from a number that is a number', call: inbox({ phone: Number(DIGITS), text: '5' }), facts: [{ kind: 'text', address: PHONE, externalId: 'evt-77' }] }, // prettier-ignore
      { label: 'a text from nobody', call: inbox({ text: '5' }), facts: [{ kind: 'unknown' }] },
      { label: 'a picture without a text', call: inbox({ phone: DIGITS }), facts: [{ kind: 'unknown' }] },
      {
        label: 'a receipt of the other sender',
        call: dlr('DLR_SMS_API', 'DELIVRD'),
        facts: [{ kind: 'unknown' }],
      },
    ],
  }),
);

describe('the TurboSMS signature', () => {
  const channel = make('sms')('http://127.0.0.1:9');
  const { body: bare } = dlr('DLR_SMS_API', 'DELIVRD');

  test.each([
    ['secret and id', `${TOKEN}evt-77`, true],
    ['id and secret, since the page does not tell the order', `evt-77${TOKEN}`, true],
    ['the id alone', 'evt-77', false],
    ['another id', `${TOKEN}evt-78`, false],
  ])('over %s', (_label, signed, genuine) => {
    const signature = createHash('sha1').update(signed).digest('hex');
    expect(channel.verify(sign({ body: bare }, signature)).genuine).toBe(genuine);
    expect(channel.verify(sign({ body: bare }, signature.toUpperCase())).genuine).toBe(genuine);
  });

  test('covers the id only, so an event with other data has the same key and counts once', () => {
    const first = channel.parse(sign(dlr('DLR_SMS_API', 'DELIVRD')));
    const forged = channel.parse(sign(dlr('DLR_SMS_API', 'UNDELIV')));
    expect(forged[0]?.dedupeKey).toBe(first[0]?.dedupeKey);
  });
});

describe('a repeated TurboSMS request', () => {
  test('after a lost answer carries the same id, and another message another one', async () => {
    const stub = await StubCarrier.start();
    const channel = make('sms')(stub.url);
    const signal = new AbortController().signal;
    const message = outgoing({ address: PHONE });
    stub.script('reset', answered(507, 0));
    const first = await channel.send(message, signal);
    const second = await channel.send({ ...message, attempt: 2 }, signal);
    await channel.send({ ...message, id: '42' }, signal);
    await channel.send({ ...message, text: 'Інший текст' }, signal);
    const ids = stub.requests.map((request) => sent(request)['sequence_id']);
    expect([first.outcome, second.outcome]).toEqual(['deferred', 'accepted']);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
    await channel.close();
    await stub.stop();
  });
});

describe('the account', () => {
  const TURBOSMS = { TURBOSMS_TOKEN: TOKEN, TURBOSMS_SMS_SENDER: 'CNAP' };

  test.each<[string, Record<string, string>, string[]]>([
    ['one sender for SMS', TURBOSMS, ['turbosms/sms']],
    ['one for Viber', { TURBOSMS_TOKEN: TOKEN, TURBOSMS_VIBER_SENDER: 'CNAP' }, ['turbosms-viber/viber']],
    ['both', { ...TURBOSMS, TURBOSMS_VIBER_SENDER: 'CNAP' }, ['turbosms/sms', 'turbosms-viber/viber']],
    ['none', {}, []],
  ])('has %s, each addressed by number', (_label, env, expected) => {
    const rows = senderRowsOf(buildChannels(parseEnvironment(env), [turbosms]));
    expect(rows.map(({ key, channel }) => `${key}/${channel}`)).toEqual(expected);
    expect(rows.every(({ addressing, two_way }) => addressing === 'phone' && !two_way)).toBe(true);
  });

  test.each<[string, StubAnswer, boolean, RegExp]>([
    [
      'with money',
      { status: 200, body: '{"response_code":0,"response_result":{"balance":"12.50"}}' },
      true,
      /12\.5/,
    ],
    ['with a wrong token', answered(301), false, /INVALID_TOKEN/],
    ['behind a broken front end', { status: 502, body: '<html>' }, false, /HTTP 502/],
  ])('is probed %s', async (_label, answer, ok, detail) => {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make('sms')(stub.url);
    const result = await channel.probe(new AbortController().signal);
    expect(result).toEqual({ ok, detail: expect.stringMatching(detail) });
    expect(stub.requests[0]?.path).toBe('/user/balance.json');
    await channel.close();
    await stub.stop();
  });

  test('without a token is refused by name', () => {
    const config = { token: '', baseUrl: 'http://127.0.0.1:9' };
    expect(() => new TurboSms('sms', 'CNAP', config, { concurrency: 1 })).toThrow(/TURBOSMS_TOKEN/);
  });
});
