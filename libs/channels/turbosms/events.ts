import { fromWall } from '#kernel/zone';
import type { CarrierFact, ChannelName, ReceiptStatus, WebhookRequest } from '../channel.js';
import {
  asObject,
  isE164,
  jsonObject,
  ownValue,
  textValue,
  unknownFact,
  type JsonObject,
} from '../webhook.js';

/** TurboSMS writes its times without a zone, by the clock of Kyiv. */
const ZONE = 'Europe/Kiev';

/** SMPP's words for SMS and TurboSMS' own for Viber, in capitals. */
const RECEIPTS: ReadonlyMap<string, ReceiptStatus> = new Map([
  ['ACCEPTD', 'accepted'],
  ['ACCEPTED', 'accepted'],
  ['QUEUED', 'accepted'],
  ['ENROUTE', 'sent'],
  ['SENT', 'sent'],
  ['DELIVRD', 'delivered'],
  ['DELIVERED', 'delivered'],
  ['READ', 'seen'],
  ['SEEN', 'seen'],
  ['UNDELIV', 'undelivered'],
  ['UNDELIVERED', 'undelivered'],
  ['EXPIRED', 'undelivered'],
  ['REJECTD', 'failed'],
  ['REJECTED', 'failed'],
  ['DELETED', 'failed'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'failed'],
]);

/** Which events belong to which sender of the account. https://turbosms.ua/en/callback.html */
const RECEIPT_EVENTS: Readonly<Record<ChannelName, readonly string[]>> = {
  sms: ['DLR_SMS_API'],
  viber: ['DLR_VIBER_API', 'DLR_VIBER_SESSION'],
};

/**
 * What a verified call says. The account has one webhook for each kind of event: those of SMS lead to
 * `/hooks/turbosms`, those of Viber to `/hooks/turbosms-viber`. One at the wrong door is kept as unknown.
 */
export function parseEvent(request: WebhookRequest, channel: ChannelName): CarrierFact[] {
  const body = jsonObject(request.body.toString('utf8'));
  const id = eventIdOf(body);
  const type = textValue(body, 'type');
  if (id === undefined || type === undefined) return [unknownFact(request, 'no event')];
  const data = ownValue(body, 'data');
  // The format of the webhook decides whether one record comes as it is or in a list.
  const record = asObject(Array.isArray(data) ? (data as unknown[])[0] : data);
  if (RECEIPT_EVENTS[channel].includes(type)) return [receipt(request, id, type, record)];
  if (channel === 'viber' && type === 'INBOX_VIBER_SESSION') return [inbound(request, id, record)];
  return [unknownFact(request, 'event of another sender or kind')];
}

/** The event's id as text; it is the same in every repetition. */
export function eventIdOf(body: JsonObject | undefined): string | undefined {
  const id = ownValue(body, 'id');
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  const text = textValue(body, 'id');
  return text !== undefined && /^[\w.:-]{1,100}$/.test(text) ? text : undefined;
}

export function signatureOf(body: JsonObject | undefined): string | undefined {
  return textValue(body, 'signature')?.toLowerCase();
}

function receipt(
  request: WebhookRequest,
  id: string,
  type: string,
  data: JsonObject | undefined,
): CarrierFact {
  const externalId = textValue(data, 'message_id');
  const word = textValue(data, 'status')?.toUpperCase() ?? '';
  const status = RECEIPTS.get(word);
  if (!externalId || externalId.length > 100 || status === undefined)
    return unknownFact(request, 'unknown status');
  const code = ownValue(data, 'error_code');
  const vendorCode = typeof code === 'number' || typeof code === 'string' ? String(code).slice(0, 16) : '';
  return {
    kind: 'receipt',
    dedupeKey: `event:${id}`,
    ...momentOf(textValue(data, 'dlr_date')),
    externalId,
    status,
    ...(vendorCode === '' || vendorCode === '0' ? {} : { vendorCode }),
    detail: { status: word, type },
  };
}

function inbound(request: WebhookRequest, id: string, data: JsonObject | undefined): CarrierFact {
  const phone = ownValue(data, 'phone');
  const digits = (typeof phone === 'number' || typeof phone === 'string' ? String(phone) : '').replace(
    /\D/g,
    '',
  );
  const address = `+${digits}`;
  const text = textValue(data, 'text');
  if (!isE164(address) || text === undefined) return unknownFact(request, 'no number or no text');
  return {
    kind: 'text',
    dedupeKey: `event:${id}`,
    externalId: textValue(data, 'message_id')?.slice(0, 100) ?? id,
    address,
    text,
    detail: {},
  };
}

function momentOf(local: string | undefined): { happenedAt?: Date } {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(local ?? '');
  const wall = match ? Date.parse(`${match[1]}T${match[2]}Z`) : NaN;
  return Number.isNaN(wall) ? {} : { happenedAt: fromWall(wall, ZONE) };
}
