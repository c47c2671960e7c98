import type { SendOutcome } from '../channel.js';
import { statusOutcome, unansweredOutcome } from '../http-outcome.js';
import type { CarrierAnswer } from '../http.js';
import { jsonObject, ownValue, textValue, type JsonObject } from '../webhook.js';
import { meaningOf } from './status-codes.js';

/** A person who does not answer gets at most 100 messages a clock hour; the next hour is at most this far. */
const HOUR_MS = 3_600_000;
/** The bot's own rate is not published. */
const RATE_RETRY_MS = 30_000;

/**
 * Viber's tokens exceed 2^53, and JSON.parse would round them, so they are put in quotes first. Safe, because
 * inside a JSON text the quotes around the name would be escaped.
 */
export function parseViberJson(text: string): JsonObject | undefined {
  return jsonObject(text.replace(/("message_token"\s*:\s*)(-?\d+)/g, '$1"$2"'));
}

/** What the answer to `send_message` means. Viber knows no idempotency key, so a lost answer stays uncertain. */
export function sendOutcome(answer: CarrierAnswer): SendOutcome {
  if (answer.kind !== 'answered') return unansweredOutcome(answer);
  const body = parseViberJson(answer.body);
  const status = ownValue(body, 'status');
  // A front end's error page decides nothing by what it says, and a 5xx with status 0 is not a delivery.
  if (answer.status !== 200 || typeof status !== 'number') return statusOutcome(answer);
  const { name, class: meaning } = meaningOf(status);
  const described = { vendorCode: String(status), detail: `${name} (Viber status ${status})` };
  switch (meaning) {
    case 'ok': {
      const token = textValue(body, 'message_token');
      if (token) return { outcome: 'accepted', externalId: token };
      return { outcome: 'uncertain', vendorCode: '0', detail: 'status 0 without a message_token' };
    }
    case 'unreachable':
      return { outcome: 'blocked', why: 'unreachable', ...described };
    case 'opted_out':
      return { outcome: 'blocked', why: 'opted_out', ...described };
    case 'throttled':
      return { outcome: 'deferred', retryAfterMs: pauseOf(body), ...described };
    case 'content':
      return { outcome: 'rejected', scope: 'content', ...described };
    case 'halt':
      return { outcome: 'rejected', scope: 'sender', ...described };
    case 'general':
      return { outcome: 'deferred', ...described };
  }
}

/** Status 12 covers the person's hourly limit and the bot's rate; only the wording tells them apart. */
function pauseOf(body: JsonObject | undefined): number {
  return /without reply/i.test(textValue(body, 'status_message') ?? '') ? HOUR_MS : RATE_RETRY_MS;
}
