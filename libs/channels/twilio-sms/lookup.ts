import type { OutgoingMessage, SendOutcome } from '../channel.js';
import { asObject, jsonObject, ownValue, textValue, type JsonObject } from '../webhook.js';
import type { TwilioApi } from './api.js';
import { messageOutcome } from './outcome.js';

const DAY_MS = 86_400_000;
/** Twilio's dates have whole seconds, and its clock is not ours. */
const CLOCK_SKEW_MS = 10_000;
const NEWEST = 50;

/**
 * Looks for a message whose answer was lost: the same number and the same text, created not before `since`. The
 * filter knows whole days only, so the moment is checked here. Resolves to `uncertain` when the list cannot be read.
 * https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
 */
export async function findMessage(
  api: TwilioApi,
  message: OutgoingMessage,
  since: Date,
  signal: AbortSignal,
): Promise<SendOutcome | 'not_found'> {
  const day = new Date(Math.floor(since.getTime() / DAY_MS) * DAY_MS);
  const answer = await api.listMessages(
    { to: message.address, dateSentAfter: day, pageSize: NEWEST },
    signal,
  );
  if (answer.kind !== 'answered') return { outcome: 'uncertain', detail: `list not read: ${answer.detail}` };
  const listed = ownValue(jsonObject(answer.body), 'messages');
  if (answer.status !== 200 || !Array.isArray(listed)) {
    return { outcome: 'uncertain', vendorCode: `http_${answer.status}`, detail: 'list not read' };
  }
  const earliest = since.getTime() - CLOCK_SKEW_MS;
  const ours = (listed as unknown[])
    .map(asObject)
    .filter((one): one is JsonObject => one !== undefined && isOurs(one, message, earliest));
  // The newest comes first; the oldest that fits is the one the lost request made.
  return messageOutcome(ours.at(-1)) ?? 'not_found';
}

function isOurs(listed: JsonObject, message: OutgoingMessage, earliest: number): boolean {
  const created = Date.parse(textValue(listed, 'date_created') ?? '');
  return (
    textValue(listed, 'direction')?.startsWith('outbound') === true &&
    textValue(listed, 'to') === message.address &&
    textValue(listed, 'body') === message.text &&
    created >= earliest
  );
}
