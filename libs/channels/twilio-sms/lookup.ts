import type { OutgoingMessage, SendOutcome } from '../channel.js';
import { asObject, jsonObject, ownValue, textValue, type JsonObject } from '../webhook.js';
import type { TwilioApi } from './api.js';
import { messageOutcome } from './outcome.js';

/** Twilio's dates have whole seconds, and its clock is not ours. */
const CLOCK_SKEW_MS = 10_000;
/** Far more than one person is ever sent. */
const NEWEST = 100;

/**
 * Looks for a message whose answer was lost: the same number and the same text, created not before `since`. Asks by
 * number alone: a filter by date of sending would hide a message that still waits in Twilio's queue, and whoever
 * believes that it is missing would send it twice. Resolves to `uncertain` when the list cannot be read.
 * https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
 */
export async function findMessage(
  api: TwilioApi,
  message: OutgoingMessage,
  since: Date,
  signal: AbortSignal,
): Promise<SendOutcome | 'not_found'> {
  const answer = await api.listMessages({ to: message.address, pageSize: NEWEST }, signal);
  if (answer.kind !== 'answered') return { outcome: 'uncertain', detail: `list not read: ${answer.detail}` };
  const listed = ownValue(jsonObject(answer.body), 'messages');
  if (answer.status !== 200 || !Array.isArray(listed)) {
    return { outcome: 'uncertain', vendorCode: `http_${answer.status}`, detail: 'list not read' };
  }
  const earliest = since.getTime() - CLOCK_SKEW_MS;
  const messages = (listed as unknown[]).map(asObject).filter((one) => one !== undefined);
  // The newest comes first; the oldest that fits is the one the lost request made.
  const found = messageOutcome(messages.findLast((one) => isOurs(one, message, earliest)));
  if (found) return found;
  const reachesBack = messages.length < NEWEST || !(createdAt(messages.at(-1)) >= earliest);
  return reachesBack ? 'not_found' : { outcome: 'uncertain', detail: 'list too long to be sure' };
}

function createdAt(listed: JsonObject | undefined): number {
  return Date.parse(textValue(listed, 'date_created') ?? '');
}

function isOurs(listed: JsonObject, message: OutgoingMessage, earliest: number): boolean {
  return (
    textValue(listed, 'direction')?.startsWith('outbound') === true &&
    textValue(listed, 'to') === message.address &&
    textValue(listed, 'body') === message.text &&
    createdAt(listed) >= earliest
  );
}
