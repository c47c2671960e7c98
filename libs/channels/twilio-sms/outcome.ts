import type { SendOutcome } from '../channel.js';
import {
  isUndecided,
  retryAfterOf,
  statusOutcome,
  unansweredOutcome,
  type Unaccepted,
} from '../http-outcome.js';
import type { Answered, CarrierAnswer } from '../http.js';
import { jsonObject, ownValue, textValue, type JsonObject } from '../webhook.js';
import { meaningOf, pageOf, type ErrorClass } from './error-codes.js';

/** A full queue drains at the sender's rate, some segments a second, so asking again at once is of no use. */
const QUEUE_RETRY_MS = 60_000;

/**
 * What the answer to a created message means. Only 2xx with a SID is acceptance; 429 and 4xx were certainly not
 * sent; a lost answer, a 5xx and an unreadable 2xx leave it open, since Twilio knows no idempotency key.
 */
export function sendOutcome(answer: CarrierAnswer): SendOutcome {
  if (answer.kind !== 'answered') return unansweredOutcome(answer);
  const body = jsonObject(answer.body);
  if (answer.status >= 200 && answer.status < 300) {
    const detail = `HTTP ${answer.status} without a message SID`;
    return messageOutcome(body) ?? { outcome: 'uncertain', detail };
  }
  return refusedOutcome(body, answer);
}

/**
 * The outcome of a message that Twilio describes: as created just now, or found in its list later. Undefined when
 * it has no SID.
 */
export function messageOutcome(message: JsonObject | undefined): SendOutcome | undefined {
  const sid = textValue(message, 'sid');
  if (sid === undefined || !/^[A-Z]{2}\w+$/.test(sid)) return undefined;
  const status = textValue(message, 'status');
  // No callback is sent for the first status, so a message that is born dead must be understood here.
  if (status === 'failed' || status === 'undelivered' || status === 'canceled') {
    const code = Number(ownValue(message, 'error_code') ?? 0);
    return described(code, OUTCOMES[meaningOf(code)?.class ?? 'content']());
  }
  const parts = Number(textValue(message, 'num_segments') ?? 0);
  // A Messaging Service counts the segments later and says "0" for now.
  return { outcome: 'accepted', externalId: sid, ...(Number.isInteger(parts) && parts > 0 ? { parts } : {}) };
}

function refusedOutcome(body: JsonObject | undefined, answer: Answered): SendOutcome {
  const byStatus = statusOutcome(answer);
  const code = Number(ownValue(body, 'code') ?? 0);
  if (!Number.isInteger(code) || code <= 0) return byStatus;
  const meaning = isUndecided(answer.status) || answer.status < 400 ? undefined : meaningOf(code);
  return described(code, meaning ? OUTCOMES[meaning.class](retryAfterOf(answer)) : byStatus);
}

/** Twilio's own message is never repeated: it quotes the recipient's number. */
function described(code: number, outcome: Verdict | Unaccepted): SendOutcome {
  const what = meaningOf(code)?.what ?? 'refused';
  return { ...outcome, vendorCode: String(code), detail: `${what} (Twilio ${code}, ${pageOf(code)})` };
}

/** An outcome before it is described. */
type Verdict<O = Unaccepted> = O extends Unaccepted ? Omit<O, 'vendorCode' | 'detail'> : never;

const later = (retryAfterMs: number | undefined): Verdict =>
  retryAfterMs === undefined ? { outcome: 'deferred' } : { outcome: 'deferred', retryAfterMs };

/** A code that is not in the table counts as `content`: this message fails, nobody's number or sender is marked. */
const OUTCOMES: Readonly<Record<ErrorClass, (retryAfterMs?: number) => Verdict>> = {
  opted_out: () => ({ outcome: 'blocked', why: 'opted_out' }),
  recipient: () => ({ outcome: 'rejected', scope: 'recipient' }),
  route: () => ({ outcome: 'rejected', scope: 'sender' }),
  content: () => ({ outcome: 'rejected', scope: 'content' }),
  account: () => ({ outcome: 'rejected', scope: 'sender' }),
  throttled: later,
  ambiguous: () => ({ outcome: 'uncertain' }),
  queue: (retryAfterMs) => later(retryAfterMs ?? QUEUE_RETRY_MS),
  handset: () => ({ outcome: 'blocked', why: 'unreachable' }),
  other_channel: () => ({ outcome: 'rejected', scope: 'sender' }),
};
