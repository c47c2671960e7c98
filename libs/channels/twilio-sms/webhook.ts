import type { CarrierFact, ReceiptStatus, WebhookReply, WebhookRequest } from '../channel.js';
import { fieldOf, formFieldsOf, isE164, queryParameter, unknownFact, type FormFields } from '../webhook.js';
import { decodeTransferText } from './base64-text.js';
import { meaningOf } from './error-codes.js';

/**
 * https://www.twilio.com/docs/messaging/api/message-resource#message-status-values. `canceled` concerns scheduled
 * messages, `read` channels other than SMS, and `receiving`, `received`, `partially_delivered` tell us nothing.
 */
const RECEIPTS: ReadonlyMap<string, ReceiptStatus> = new Map([
  ['accepted', 'accepted'],
  ['scheduled', 'accepted'],
  ['queued', 'accepted'],
  ['sending', 'accepted'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['undelivered', 'undelivered'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
  ['read', 'seen'],
]);

const KEYWORDS = { STOP: 'stop', START: 'start', HELP: 'help' } as const;

/** What a verified call says. Its fields tell a receipt from a text, so that a swapped address still works. */
export function parseWebhook(request: WebhookRequest): CarrierFact[] {
  const fields = formFieldsOf(request);
  const sid = fieldOf(fields, 'MessageSid') ?? fieldOf(fields, 'SmsSid');
  if (sid === undefined || !/^[A-Z]{2}\w{1,64}$/.test(sid)) return [unknownFact(request, 'no message SID')];
  const status = fieldOf(fields, 'MessageStatus');
  return [status === undefined ? textFact(request, fields, sid) : receiptFact(request, fields, sid, status)];
}

/** https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
function receiptFact(request: WebhookRequest, fields: FormFields, sid: string, word: string): CarrierFact {
  const status = RECEIPTS.get(word);
  if (status === undefined) return unknownFact(request, 'unknown MessageStatus');
  const vendorCode = fieldOf(fields, 'ErrorCode')?.slice(0, 16) || undefined;
  const errorClass = vendorCode === undefined ? undefined : meaningOf(Number(vendorCode))?.class;
  // YYMMDDhhmm of the operator, in a zone that nobody states: part of the key, but no time to rely on.
  const operatorTime = fieldOf(fields, 'RawDlrDoneDate')?.slice(0, 16) ?? '';
  const messageId = queryParameter(request, 'm');
  const to = fieldOf(fields, 'To');
  return {
    kind: 'receipt',
    dedupeKey: ['receipt', sid, word, vendorCode ?? '', operatorTime].join(':'),
    externalId: sid,
    ...(messageId !== undefined && /^\d{1,19}$/.test(messageId) ? { messageId } : {}),
    ...(isE164(to) ? { address: to } : {}),
    status,
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(errorClass === 'opted_out' ? { optedOut: true } : {}),
    detail: { status: word, ...(errorClass === undefined ? {} : { errorClass }) },
  };
}

/** https://www.twilio.com/docs/messaging/guides/webhook-request */
function textFact(request: WebhookRequest, fields: FormFields, sid: string): CarrierFact {
  const address = fieldOf(fields, 'From');
  // whatsapp:+380…, an alphanumeric name or a short code: not a person we could answer by SMS.
  if (!isE164(address)) return unknownFact(request, 'From is not a phone number');
  const body = fieldOf(fields, 'Body') ?? '';
  const decoded = decodeTransferText(body);
  const optOutType = fieldOf(fields, 'OptOutType')?.toUpperCase() ?? '';
  const media = Number(fieldOf(fields, 'NumMedia') ?? 0);
  return {
    kind: 'text',
    dedupeKey: `text:${sid}`,
    externalId: sid,
    address,
    text: decoded ?? body,
    ...(optOutType === 'STOP' || optOutType === 'START' || optOutType === 'HELP'
      ? { carrierKeyword: KEYWORDS[optOutType] }
      : {}),
    detail: { ...(decoded === undefined ? {} : { decoded: 'base64' }), ...(media > 0 ? { media } : {}) },
  };
}

/**
 * Empty TwiML. Anything else may be sent on to the person: a text/plain body goes out as an SMS.
 * https://www.twilio.com/docs/messaging/twiml
 */
export const EMPTY_TWIML: WebhookReply = {
  status: 200,
  contentType: 'text/xml',
  body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
};
