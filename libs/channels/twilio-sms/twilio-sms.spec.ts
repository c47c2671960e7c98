import { parse as parseQuery } from 'node:querystring';
import { expect } from '@jest/globals';
import type { CarrierFact } from '#channels/channel';
import { describeChannel } from '#testkit/channel-conformance';
import { outgoing, PHONE, type SendCase, type WebhookCase } from '#testkit/channel-suite';
import {
  ACCOUNT,
  TOKEN,
  SID,
  INBOUND,
  STATUS,
  created,
  form,
  inbound,
  make,
  refused,
  sign,
  status,
} from '#testkit/twilio-calls';

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
