import { createHash, createHmac } from 'node:crypto';
import { parse as parseQuery } from 'node:querystring';
import { describe, expect, test } from '@jest/globals';
import type { CarrierFact, WebhookRequest } from '#channels/channel';
import { describeChannel } from '#testkit/channel-conformance';
import {
  outgoing,
  PHONE,
  PUBLIC_URL,
  type SendCase,
  type UnsignedCall,
  type WebhookCase,
} from '#testkit/channel-suite';
import { StubCarrier, type StubAnswer } from '#testkit/stub-carrier';
import { TwilioSms } from './twilio-sms.js';

const ACCOUNT = `AC${'0'.repeat(31)}7`;
const TOKEN = 'auth-token-of-a-test';
const SID = `SM${'0'.repeat(30)}41`;
const INBOUND = `${PUBLIC_URL}/hooks/twilio/inbound`;
const STATUS = `${PUBLIC_URL}/hooks/twilio/status?m=41`;

interface Setup {
  timeoutMs?: number;
  concurrency?: number;
  from?: string;
  messagingServiceSid?: string;
}

function make(
  baseUrl: string,
  { from = '+12025550123', messagingServiceSid, ...options }: Setup = {},
): TwilioSms {
  const sender = messagingServiceSid === undefined ? { from } : { messagingServiceSid };
  return new TwilioSms(
    { accountSid: ACCOUNT, authToken: TOKEN, baseUrl, ...sender },
    { concurrency: 4, ...options },
  );
}

const created = (fields: object = {}): StubAnswer => ({
  status: 201,
  body: JSON.stringify({
    sid: SID,
    status: 'queued',
    num_segments: '2',
    error_code: null,
    price: null,
    ...fields,
  }),
});
const refused = (code: number, status = 400): StubAnswer => ({
  status,
  body: JSON.stringify({ code, message: `The 'To' number ${PHONE} is bad`, more_info: 'https://…', status }),
});

const sends: SendCase[] = [
  {
    label: 'number, text, callback with our id, and how long it is worth sending',
    answer: created(),
    outcome: { outcome: 'accepted', externalId: SID, parts: 2 },
    request: ({ method, path, headers, body }) => {
      expect([method, path]).toEqual(['POST', `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`]);
      expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
      expect(headers.authorization).toBe(`Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`);
      expect({ ...parseQuery(body) }).toEqual({
        To: PHONE,
        From: '+12025550123',
        Body: outgoing({ address: PHONE }).text,
        StatusCallback: `${STATUS}#rt=4000&rc=3&rp=all`,
        ValidityPeriod: '7200',
      });
    },
  },
  { label: 'a validity of days as ten hours', message: { validForSeconds: 864_000 }, answer: created(), outcome: { outcome: 'accepted' }, request: ({ body }) => expect(parseQuery(body)['ValidityPeriod']).toBe('36000') }, // prettier-ignore
  { label: 'a validity below zero as one second', message: { validForSeconds: -5 }, answer: created(), outcome: { outcome: 'accepted' }, request: ({ body }) => expect(parseQuery(body)['ValidityPeriod']).toBe('1') }, // prettier-ignore
  { label: 'a fraction of a second as whole seconds', message: { validForSeconds: 90.9 }, answer: created(), outcome: { outcome: 'accepted' }, request: ({ body }) => expect(parseQuery(body)['ValidityPeriod']).toBe('90') }, // prettier-ignore
  { label: 'a message accepted with 200', answer: { status: 200, body: JSON.stringify({ sid: SID }) }, outcome: { outcome: 'accepted', externalId: SID } }, // prettier-ignore
  {
    label: 'a 201 without a SID',
    answer: { status: 201, body: '{"status":"queued"}' },
    outcome: { outcome: 'uncertain' },
  },
  { label: 'a 201 whose SID is none', answer: created({ sid: 'oops!' }), outcome: { outcome: 'uncertain' } },
  { label: 'a message that failed at once', answer: created({ status: 'failed', error_code: 21610 }), outcome: { outcome: 'blocked', why: 'opted_out', vendorCode: '21610' } }, // prettier-ignore
  { label: 'a message that failed at once for a reason we do not know', answer: created({ status: 'failed', error_code: 39999 }), outcome: { outcome: 'rejected', scope: 'content' } }, // prettier-ignore
  {
    label: 'opted out',
    answer: refused(21610),
    outcome: { outcome: 'blocked', why: 'opted_out', vendorCode: '21610' },
  },
  { label: 'no mobile number', answer: refused(21614), outcome: { outcome: 'rejected', scope: 'recipient', vendorCode: '21614' } }, // prettier-ignore
  { label: 'invalid number, whose message quotes it', answer: refused(21211), outcome: { outcome: 'rejected', scope: 'recipient' } }, // prettier-ignore
  {
    label: 'country not permitted',
    answer: refused(21408, 403),
    outcome: { outcome: 'rejected', scope: 'sender' },
  },
  { label: 'body too long', answer: refused(21617), outcome: { outcome: 'rejected', scope: 'content' } },
  {
    label: 'wrong credentials',
    answer: refused(20003, 401),
    outcome: { outcome: 'rejected', scope: 'sender' },
  },
  {
    label: 'account not found',
    answer: refused(20404, 404),
    outcome: { outcome: 'rejected', scope: 'sender' },
  },
  {
    label: 'suspended account',
    answer: refused(30002, 403),
    outcome: { outcome: 'rejected', scope: 'sender' },
  },
  {
    label: 'missing Messaging Service',
    answer: refused(21703),
    outcome: { outcome: 'rejected', scope: 'sender' },
  },
  {
    label: 'too many at once',
    answer: refused(20429, 429),
    outcome: { outcome: 'deferred', vendorCode: '20429' },
  },
  {
    label: 'our queue at Twilio is full',
    answer: refused(21611),
    outcome: { outcome: 'deferred', retryAfterMs: 60_000 },
  },
  { label: 'a code nobody has seen', answer: refused(29999), outcome: { outcome: 'rejected', scope: 'content', vendorCode: '29999' } }, // prettier-ignore
  { label: 'a code nobody has seen with 401', answer: refused(29999, 401), outcome: { outcome: 'rejected', scope: 'sender' } }, // prettier-ignore
  { label: 'an internal error with a code', answer: refused(20500, 500), outcome: { outcome: 'uncertain', vendorCode: '20500' } }, // prettier-ignore
  {
    label: 'an internal error that names a refusal',
    answer: refused(21610, 503),
    outcome: { outcome: 'uncertain' },
  },
  { label: 'a refusal in the form of RFC 9457', answer: { status: 400, body: '{"type":"x","title":"Bad","status":400,"code":21614,"detail":"no"}' }, outcome: { outcome: 'rejected', scope: 'recipient' } }, // prettier-ignore
  { label: 'a code that is no number', answer: { status: 400, body: '{"code":"constructor"}' }, outcome: { outcome: 'rejected', scope: 'content' } }, // prettier-ignore
];

/** Twilio's rule, written down a second time: https://www.twilio.com/docs/usage/webhooks/webhooks-security */
function sign(call: UnsignedCall): WebhookRequest {
  const {
    method = 'POST',
    url = INBOUND,
    door = 'inbound',
    contentType = 'application/x-www-form-urlencoded',
  } = call;
  const body = Buffer.from(call.body);
  let signed = url;
  const signsFields = method === 'POST' && !url.includes('bodySHA256');
  const fields = signsFields ? parseQuery(body.toString('utf8'), '&', '=', { maxKeys: 0 }) : {};
  for (const name of Object.keys(fields).sort()) {
    const values = new Set([fields[name] ?? ''].flat());
    for (const value of [...values].sort()) signed += name + value;
  }
  const signature = createHmac('sha1', TOKEN).update(signed).digest('base64');
  return {
    method,
    door,
    url,
    headers: { 'content-type': contentType, 'x-twilio-signature': signature },
    body,
  };
}

const form = (fields: Record<string, string | string[]>): string => new URLSearchParams(
  Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
).toString(); // prettier-ignore

const inbound = (fields: Record<string, string | string[]> = {}): UnsignedCall => ({
  body: form({
    ToCountry: '',
    MessageSid: SID,
    SmsSid: SID,
    SmsMessageSid: SID,
    AccountSid: ACCOUNT,
    NumMedia: '0',
    NumSegments: '1',
    SmsStatus: 'received',
    FromCity: '',
    From: PHONE,
    To: '+12025550123',
    Body: '5',
    ApiVersion: '2010-04-01',
    ...fields,
  }),
});

const status = (fields: Record<string, string> = {}, url = STATUS): UnsignedCall => ({
  url,
  door: 'status',
  body: form({
    MessageSid: SID,
    SmsSid: SID,
    MessageStatus: 'delivered',
    To: PHONE,
    From: 'Surveys',
    ...fields,
  }),
});

const receipt = (label: string, fields: Record<string, string>, fact: Partial<CarrierFact>): WebhookCase => ({
  label,
  call: status(fields),
  facts: [{ kind: 'receipt', externalId: SID, messageId: '41', ...fact }],
});

const text = (
  label: string,
  fields: Record<string, string | string[]>,
  fact: Partial<CarrierFact>,
): WebhookCase => ({
  label,
  call: inbound(fields),
  facts: [{ kind: 'text', externalId: SID, address: PHONE, ...fact }],
});

const LONG = 'Довга відповідь, яку оператор передав інакше.\nДруге речення — “у лапках”.';

const webhooks: WebhookCase[] = [
  receipt('accepted', { MessageStatus: 'accepted' }, { status: 'accepted' }),
  receipt('queued', { MessageStatus: 'queued' }, { status: 'accepted' }),
  receipt('sending', { MessageStatus: 'sending' }, { status: 'accepted' }),
  receipt('sent', { MessageStatus: 'sent' }, { status: 'sent' }),
  receipt('delivered', { RawDlrDoneDate: '2611211234' }, { status: 'delivered', address: PHONE, dedupeKey: `receipt:${SID}:delivered::2611211234` }), // prettier-ignore
  receipt('undelivered', { MessageStatus: 'undelivered', ErrorCode: '30003' }, { status: 'undelivered', vendorCode: '30003', detail: { status: 'undelivered', errorClass: 'handset' } }), // prettier-ignore
  receipt('failed and filtered', { MessageStatus: 'failed', ErrorCode: '30007', ErrorMessage: `to ${PHONE}` }, { status: 'failed', vendorCode: '30007' }), // prettier-ignore
  receipt('failed because of an opt-out', { MessageStatus: 'failed', ErrorCode: '21610' }, { status: 'failed', optedOut: true }), // prettier-ignore
  receipt('canceled', { MessageStatus: 'canceled' }, { status: 'failed' }),
  receipt('read', { MessageStatus: 'read' }, { status: 'seen' }),
  { label: 'a receipt of two fields', call: { url: STATUS, body: form({ MessageSid: SID, MessageStatus: 'sent' }) }, facts: [{ kind: 'receipt', status: 'sent' }] }, // prettier-ignore
  { label: 'a receipt for a message of another channel', call: status({ To: `whatsapp:${PHONE}` }), facts: [{ kind: 'receipt', status: 'delivered' }] }, // prettier-ignore
  { label: 'a receipt at the door for texts', call: { ...status(), url: INBOUND, door: 'inbound' }, facts: [{ kind: 'receipt', status: 'delivered' }] }, // prettier-ignore
  { label: 'partially_delivered, which says nothing about an SMS', call: status({ MessageStatus: 'partially_delivered' }), facts: [{ kind: 'unknown' }] }, // prettier-ignore
  text('a text', {}, { text: '5', dedupeKey: `text:${SID}` }),
  text('an empty text', { Body: '' }, { text: '' }),
  text('a text with spaces kept', { Body: ' Stop  ' }, { text: ' Stop  ' }),
  text(
    'Ukrainian',
    { Body: 'Дякую! ґрунт, їжак, п’ять, Єва — 👍🏽' },
    { text: 'Дякую! ґрунт, їжак, п’ять, Єва — 👍🏽' },
  ),
  text('STOP that Twilio acted on', { Body: 'STOP', OptOutType: 'STOP' }, { carrierKeyword: 'stop' }),
  text('START that Twilio acted on', { Body: 'START', OptOutType: 'START' }, { carrierKeyword: 'start' }),
  text('HELP that Twilio acted on', { Body: 'help', OptOutType: 'HELP' }, { carrierKeyword: 'help' }),
  text('a picture without words', { Body: '', NumMedia: '1', MediaUrl0: 'https://api.twilio.com/x' }, { text: '', detail: { media: 1 } }), // prettier-ignore
  text('a text to a short code', { To: '12345' }, { text: '5' }),
  text('a long text that came as base64', { Body: Buffer.from(LONG).toString('base64') }, { text: LONG, detail: { decoded: 'base64' } }), // prettier-ignore
  text(
    'a word that only looks like base64',
    { Body: 'abcdEFGHijklMNOPqrstUVWX' },
    { text: 'abcdEFGHijklMNOPqrstUVWX' },
  ),
  text('a repeated parameter', { AddOns: ['a', 'b', 'a'] }, { text: '5' }),
  { label: 'a WhatsApp message', call: inbound({ From: `whatsapp:${PHONE}` }), facts: [{ kind: 'unknown', detail: { why: 'From is not a phone number' } }] }, // prettier-ignore
  { label: 'a text from a name', call: inbound({ From: 'Kyivstar' }), facts: [{ kind: 'unknown' }] },
  {
    label: 'a call without a message',
    call: { body: form({ CallSid: 'CA1' }) },
    facts: [{ kind: 'unknown' }],
  },
  { label: 'a text by GET', call: { method: 'GET', url: `${INBOUND}?${inbound().body as string}`, body: '' }, facts: [{ kind: 'text', text: '5', address: PHONE }] }, // prettier-ignore
];

describeChannel({
  name: 'twilio-sms',
  make,
  address: PHONE,
  accepted: { answer: created(), externalId: SID },
  lostAnswer: 'uncertain',
  sends,
  sign,
  resign: (signed, signature) => ({
    ...signed,
    headers: { ...signed.headers, 'x-twilio-signature': signature },
  }),
  ordinaryCall: inbound(),
  textCall: (body) => ({ body: `${inbound({}).body as string}`.replace('Body=5', `Body=${encode(body)}`) }),
  callWithNewField: inbound({ NewField: 'нове', AnotherEmpty: '' }),
  callWithUnknownStatus: status({ MessageStatus: 'teleported' }),
  trapCalls: [
    inbound({ __proto__x: '1', constructor: 'x', toString: 'y', hasOwnProperty: 'z' }),
    { body: `${inbound().body as string}&__proto__=polluted&__proto__[polluted]=1` },
    { body: `${inbound().body as string}&Body=6&Body=7&From=%2B1&m=1` },
    { body: Array.from({ length: 3000 }, (_, i) => `p${i}=${i}`).join('&') },
  ],
  webhooks,
  reply: { status: 200, contentType: 'text/xml', body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' },
});

/** Percent-encodes as Twilio does, for which half of a surrogate pair has no bytes. */
function encode(value: string): string {
  return encodeURIComponent(Buffer.from(value, 'utf8').toString('utf8'));
}

describe('the Twilio signature', () => {
  const channel = make('http://127.0.0.1:9');

  // Known answers from twilio-node's spec/validation.spec.js (MIT).
  const vector = {
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    body: form({ CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234', From: '+14158675309', To: '+18005551212' }), // prettier-ignore
    signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  };

  test('agrees with the published vector', () => {
    const known = new TwilioSms(
      { accountSid: ACCOUNT, authToken: '12345', from: '+12025550123', baseUrl: 'http://127.0.0.1:9' },
      { concurrency: 1 },
    );
    const headers = { 'x-twilio-signature': vector.signature };
    const request = {
      method: 'POST',
      door: 'any' as const,
      url: vector.url,
      headers,
      body: Buffer.from(vector.body),
    };
    expect(known.verify(request)).toEqual({ genuine: true });
    expect(known.verify({ ...request, url: `${vector.url}&x=1` }).genuine).toBe(false);
  });

  test.each([
    [
      'with the standard port where the signed address had none',
      (url: string) => url.replace('.example/', '.example:443/'),
    ],
    ['as it was signed', (url: string) => url],
  ])('is genuine for an address %s', (_label, change) => {
    const signed = sign(inbound());
    expect(channel.verify({ ...signed, url: change(signed.url) })).toEqual({ genuine: true });
  });

  test.each([
    ['another scheme', (url: string) => url.replace('https:', 'http:')],
    ['another host', (url: string) => url.replace('cnap', 'evil')],
    ['a trailing slash', (url: string) => `${url}/`],
    ['another message id', (url: string) => url.replace('m=41', 'm=42')],
  ])('is not genuine for %s', (_label, change) => {
    const signed = sign(status());
    expect(channel.verify({ ...signed, url: change(signed.url) }).genuine).toBe(false);
  });

  test('covers every value of a repeated field', () => {
    const signed = sign(inbound({ AddOns: ['b', 'a', 'b'] }));
    const without = { ...signed, body: Buffer.from(signed.body.toString().replace('AddOns=a', 'AddOns=c')) };
    expect(channel.verify(signed)).toEqual({ genuine: true });
    expect(channel.verify(without).genuine).toBe(false);
  });

  test('of a JSON call covers the address and the hash of the body', () => {
    const body = '{"property": "value", "boolean": true}';
    const url = `${INBOUND}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
    const signed = sign({ url, body, contentType: 'application/json' });
    expect(channel.verify(signed)).toEqual({ genuine: true });
    expect(channel.verify({ ...signed, body: Buffer.from(`${body} `) }).genuine).toBe(false);
  });
});

describe('a Twilio sender', () => {
  test.each([
    ['a number', { from: '+12025550123' }, true],
    ['a short code', { from: '12345' }, true],
    ['a name', { from: 'Surveys' }, false],
    ['a Messaging Service, whose numbers we do not know', { messagingServiceSid: 'MG1' }, false],
  ])('takes answers as %s allows', (_label, setup, twoWay) => {
    expect(make('http://127.0.0.1:9', setup).limits.twoWay).toBe(twoWay);
  });

  test('is a Messaging Service when one is configured, which counts parts later', async () => {
    const stub = await StubCarrier.start();
    stub.script(created({ num_segments: '0', status: 'accepted' }));
    const channel = make(stub.url, { messagingServiceSid: 'MG1' });
    const outcome = await channel.send(outgoing({ address: PHONE }), new AbortController().signal);
    expect(outcome).toEqual({ outcome: 'accepted', externalId: SID });
    expect(parseQuery(stub.requests[0]?.body ?? '')).toMatchObject({ MessagingServiceSid: 'MG1' });
    expect(stub.requests[0]?.body).not.toContain('From=');
    await channel.close();
    await stub.stop();
  });

  test('without credentials is refused by name', () => {
    const empty = { accountSid: ACCOUNT, authToken: '', baseUrl: 'http://127.0.0.1:9' };
    expect(() => new TwilioSms(empty, { concurrency: 1 })).toThrow(
      /TWILIO_AUTH_TOKEN, TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID/,
    );
  });
});

describe('asking Twilio', () => {
  const message = outgoing({ address: PHONE });
  const since = new Date('2020-01-13T08:00:00Z');
  const listed = (fields: object = {}): object => ({
    sid: SID,
    to: PHONE,
    body: message.text,
    direction: 'outbound-api',
    status: 'sent',
    num_segments: '2',
    date_created: 'Mon, 13 Jan 2020 08:00:01 +0000',
    ...fields,
  });

  async function ask(answer: StubAnswer): Promise<{ found: unknown; path: string | undefined }> {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make(stub.url);
    const found = await channel.lookup(message, since, new AbortController().signal);
    await channel.close();
    await stub.stop();
    return { found, path: stub.requests[0]?.path };
  }

  const list = (...messages: object[]): StubAnswer => ({ status: 200, body: JSON.stringify({ messages }) });

  test('for a lost message asks by number, and not by a date that a queued message lacks', async () => {
    const { found, path } = await ask(list(listed()));
    expect(found).toEqual({ outcome: 'accepted', externalId: SID, parts: 2 });
    const query = parseQuery(path?.split('?')[1] ?? '');
    expect({ ...query }).toEqual({ To: PHONE, PageSize: '100' });
  });

  test.each<[string, StubAnswer, unknown]>([
    ['nothing listed', list(), 'not_found'],
    ['another text', list(listed({ body: 'інше' })), 'not_found'],
    ['another number', list(listed({ to: '+380500000124' })), 'not_found'],
    [
      'the same text of an earlier time',
      list(listed({ date_created: 'Mon, 13 Jan 2020 07:00:00 +0000' })),
      'not_found',
    ],
    ['what the person wrote', list(listed({ direction: 'inbound' })), 'not_found'],
    ['a list that ends before it reaches back far enough', list(...Array.from({ length: 100 }, () => listed({ body: 'інше' }))), { outcome: 'uncertain' }], // prettier-ignore
    ['odd entries', list({}, { sid: 5 }), 'not_found'],
    ['two, of which the older is ours', list(listed({ sid: `SM${'1'.repeat(32)}` }), listed()), { outcome: 'accepted', externalId: SID, parts: 2 }], // prettier-ignore
    ['one that failed meanwhile', list(listed({ status: 'failed', error_code: 21610 })), { outcome: 'blocked', why: 'opted_out' }], // prettier-ignore
    ['an error', { status: 500 }, { outcome: 'uncertain' }],
    ['no list', { status: 200, body: '{"messages":5}' }, { outcome: 'uncertain' }],
    ['a cut connection', 'reset', { outcome: 'uncertain' }],
  ])('for a lost message understands %s', async (_label, answer, expected) => {
    const { found } = await ask(answer);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatchObject(expected as object);
  });

  test.each<[string, StubAnswer, boolean, RegExp]>([
    [
      'an active account',
      { status: 200, body: '{"status":"active","type":"Full"}' },
      true,
      /active \(Full\)/,
    ],
    ['a suspended one', { status: 200, body: '{"status":"suspended"}' }, false, /suspended/],
    ['a wrong token', refused(20003, 401), false, /TWILIO_AUTH_TOKEN/],
    ['an unexpected page', { status: 200, body: '<html>' }, false, /unexpected|SID/],
  ])('probes %s', async (_label, answer, ok, detail) => {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make(stub.url);
    const result = await channel.probe(new AbortController().signal);
    expect(result).toEqual({ ok, detail: expect.stringMatching(detail) });
    expect(stub.requests[0]?.path).toBe(`/2010-04-01/Accounts/${ACCOUNT}.json`);
    await channel.close();
    await stub.stop();
  });
});
