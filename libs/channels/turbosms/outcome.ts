import { unreachable } from '#kernel/errors';
import type { SendOutcome } from '../channel.js';
import { statusOutcome, unansweredOutcome } from '../http-outcome.js';
import type { CarrierAnswer } from '../http.js';
import { asObject, jsonObject, ownValue, textValue } from '../webhook.js';
import { meaningOf } from './response-codes.js';

/** Long enough for a request that is still being done to end, so that the repetition finds its result. */
const REPEAT_MS = 30_000;

/**
 * What the answer to `message/send` means. Every request carries a `sequence_id` under which TurboSMS does it only
 * once and answers a repetition with the first result, so what would be uncertain elsewhere is asked again here.
 */
export function sendOutcome(answer: CarrierAnswer): SendOutcome {
  if (answer.kind !== 'answered') return repeatable(unansweredOutcome(answer));
  const body = jsonObject(answer.body);
  const overall = ownValue(body, 'response_code');
  if (answer.status !== 200 || typeof overall !== 'number') return repeatable(statusOutcome(answer));
  if (meaningOf(overall).class !== 'ok') return outcomeOf(overall);
  const results = ownValue(body, 'response_result');
  const result = asObject(Array.isArray(results) ? (results as unknown[])[0] : undefined);
  const code = ownValue(result, 'response_code');
  if (typeof code !== 'number')
    return repeatable({ outcome: 'uncertain', detail: 'no result for the number' });
  return outcomeOf(code, textValue(result, 'message_id'));
}

/** Names of our own table only: TurboSMS may quote the number in its words. */
function outcomeOf(code: number, messageId?: string): SendOutcome {
  const { name, class: meaning } = meaningOf(code);
  const told = { vendorCode: String(code), detail: `${name} (TurboSMS ${code})` };
  switch (meaning) {
    case 'ok':
      return messageId
        ? { outcome: 'accepted', externalId: messageId }
        : repeatable({ outcome: 'uncertain', ...told, detail: 'accepted without a message_id' });
    case 'opted_out':
      return { outcome: 'blocked', why: 'opted_out', ...told };
    case 'unreachable':
      return { outcome: 'blocked', why: 'unreachable', ...told };
    case 'recipient':
      return { outcome: 'rejected', scope: 'recipient', ...told };
    case 'content':
      return { outcome: 'rejected', scope: 'content', ...told };
    case 'halt':
      return { outcome: 'rejected', scope: 'sender', ...told };
    case 'repeat':
      return repeatable({ outcome: 'uncertain', ...told });
    default:
      return unreachable(meaning);
  }
}

function repeatable(outcome: SendOutcome): SendOutcome {
  return outcome.outcome === 'uncertain'
    ? { ...outcome, outcome: 'deferred', retryAfterMs: REPEAT_MS, perhapsSent: true }
    : outcome;
}
