import { expect } from '@jest/globals';
import type { CarrierFact } from '#channels/channel';
import { describeChannel } from '#testkit/channel-conformance';
import {
  outgoing,
  PHONE,
  type Conformance,
  type SendCase,
  type UnsignedCall,
  type WebhookCase,
} from '#testkit/channel-suite';
import {
  DIGITS,
  MESSAGE_ID,
  TOKEN,
  answered,
  dlr,
  event,
  make,
  resign,
  sent,
  sign,
} from '#testkit/turbosms-calls';
import { meaningOf } from './response-codes.js';

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
