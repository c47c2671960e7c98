import { sha256 } from '#kernel/ids';
import type { CarrierFact, ReceiptStatus, WebhookRequest } from '../channel.js';
import { asObject, ownValue, textValue, unknownFact, type JsonObject } from '../webhook.js';
import { parseViberJson } from './answer.js';

const RECEIPTS: ReadonlyMap<string, ReceiptStatus> = new Map([
  ['delivered', 'delivered'],
  ['seen', 'seen'],
  ['failed', 'failed'],
]);

/** Message types that say something other than a text; what was written beside it, if anything, is the text. */
const OTHER_TYPES = new Set(['picture', 'video', 'file', 'location', 'sticker', 'url', 'rich_media']);

/** One event of a verified call, with what every event has. */
interface Event {
  readonly request: WebhookRequest;
  readonly body: JsonObject;
  readonly name: string;
  readonly token: string;
  readonly happenedAt: { readonly happenedAt?: Date };
}

/**
 * What a verified call says. https://developers.viber.com/docs/api/rest-bot-api/#callbacks
 * `delivered` and `seen` also come for what the person wrote: receipts that match no message of ours.
 */
export function parseEvent(request: WebhookRequest): CarrierFact[] {
  const body = parseViberJson(request.body.toString('utf8'));
  const name = textValue(body, 'event');
  if (body === undefined || name === undefined) return [unknownFact(request, 'no event')];
  if (name === 'webhook') return []; // the check that set_webhook makes: nothing happened to anybody
  const token = textValue(body, 'message_token');
  if (token === undefined) return [unknownFact(request, 'no message_token')];
  const event = { request, body, name, token, happenedAt: momentOf(body) };
  return [factOf(event)];
}

function factOf(event: Event): CarrierFact {
  switch (event.name) {
    case 'conversation_started':
      return conversationStarted(event);
    case 'subscribed':
      return subscription(event, 'subscribed', textValue(asObject(ownValue(event.body, 'user')), 'id'));
    case 'unsubscribed':
      return subscription(event, 'unsubscribed', textValue(event.body, 'user_id'));
    case 'message':
      return messageFact(event);
    default:
      return receipt(event);
  }
}

/**
 * The same token comes once a device; one fact a person is enough. The key outlives the person's erasure, so the id stands in
 * it as a hash that only this token and this id make.
 */
function keyOf(event: Event, user: string): string {
  const who = sha256(`${event.token}:${user}`).toString('hex').slice(0, 16);
  return `${event.name}:${event.token}:${who}`;
}

function conversationStarted(event: Event): CarrierFact {
  const user = asObject(ownValue(event.body, 'user'));
  const address = textValue(user, 'id');
  if (!address) return unknownFact(event.request, 'no user');
  const context = textValue(event.body, 'context');
  const language = textValue(user, 'language');
  const apiVersion = ownValue(user, 'api_version');
  return {
    kind: 'conversation_started',
    dedupeKey: keyOf(event, address),
    ...event.happenedAt,
    address,
    ...(context ? { context } : {}),
    subscribed: ownValue(event.body, 'subscribed') === true,
    ...(language ? { language } : {}),
    ...(Number.isInteger(apiVersion) ? { apiVersion: apiVersion as number } : {}),
    detail: {},
  };
}

function subscription(
  event: Event,
  kind: 'subscribed' | 'unsubscribed',
  address: string | undefined,
): CarrierFact {
  if (!address) return unknownFact(event.request, 'no user');
  return { kind, dedupeKey: keyOf(event, address), ...event.happenedAt, address, detail: {} };
}

function receipt(event: Event): CarrierFact {
  const status = RECEIPTS.get(event.name);
  const address = textValue(event.body, 'user_id');
  if (status === undefined || !address) return unknownFact(event.request, 'unknown event');
  const description = textValue(event.body, 'desc');
  return {
    kind: 'receipt',
    dedupeKey: keyOf(event, address),
    ...event.happenedAt,
    externalId: event.token,
    address,
    status,
    // What is wrong with a keyboard, seldom more; digits go in case it quotes the message.
    detail: description ? { description: description.replace(/\d{5,}/g, '#').slice(0, 200) } : {},
  };
}

function messageFact(event: Event): CarrierFact {
  const address = textValue(asObject(ownValue(event.body, 'sender')), 'id');
  const message = asObject(ownValue(event.body, 'message'));
  const type = textValue(message, 'type');
  if (!address || type === undefined) return unknownFact(event.request, 'no sender or no message');
  if (type === 'contact') return sharedPhone(event, address, message);
  if (type !== 'text' && !OTHER_TYPES.has(type)) return unknownFact(event.request, 'unknown message type');
  const tracking = textValue(message, 'tracking_data');
  return {
    kind: 'text',
    dedupeKey: keyOf(event, address),
    ...event.happenedAt,
    externalId: event.token,
    address,
    text: textValue(message, 'text') ?? '',
    detail: {
      ...(type === 'text' ? {} : { type }),
      // The message of ours that the person had before them when they wrote.
      ...(tracking !== undefined && /^\d{1,19}$/.test(tracking) ? { afterMessage: tracking } : {}),
    },
  };
}

/** Anybody's contact can be sent, so the number is what the person gave, not proof of who they are. */
function sharedPhone(event: Event, address: string, message: JsonObject | undefined): CarrierFact {
  const contact = asObject(ownValue(message, 'contact'));
  const digits = textValue(contact, 'phone_number')?.replace(/[^\d+]/g, '') ?? '';
  if (digits.length < 5) return unknownFact(event.request, 'contact without a number');
  // Viber leaves the plus away; a leading zero is a national number, whose country we do not know.
  const phone = /^[1-9]\d{9,14}$/.test(digits) ? `+${digits}` : digits;
  return {
    kind: 'shared_phone',
    dedupeKey: keyOf(event, address),
    ...event.happenedAt,
    address,
    phone,
    detail: {},
  };
}

/** `timestamp` in milliseconds; left out when it cannot be one. */
function momentOf(body: JsonObject): { happenedAt?: Date } {
  const timestamp = ownValue(body, 'timestamp');
  const plausible = typeof timestamp === 'number' && timestamp > 1e12 && timestamp < 1e13;
  return plausible ? { happenedAt: new Date(timestamp) } : {};
}
