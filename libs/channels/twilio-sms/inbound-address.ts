import type { ProbeResult } from '../channel.js';
import type { CarrierAnswer } from '../http.js';
import { asObject, jsonObject, ownValue, textValue, type JsonObject } from '../webhook.js';

/** Where Twilio sends incoming messages to, as its API tells of a number or a Messaging Service. */
export interface InboundAddress {
  readonly url: string;
  readonly method: string;
}

/** https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource: the first of the list that was asked for. */
export function addressOfNumber(answer: CarrierAnswer): InboundAddress | undefined {
  const listed = ownValue(bodyOf(answer), 'incoming_phone_numbers');
  const number = asObject(Array.isArray(listed) ? (listed as unknown[])[0] : undefined);
  return (
    number && { url: textValue(number, 'sms_url') ?? '', method: textValue(number, 'sms_method') ?? 'POST' }
  );
}

/** https://www.twilio.com/docs/messaging/api/service-resource */
export function addressOfService(answer: CarrierAnswer): InboundAddress | undefined {
  const service = bodyOf(answer);
  if (!service || textValue(service, 'sid') === undefined) return undefined;
  // Each number of the service then has an address of its own, which this account may set as it likes.
  if (ownValue(service, 'use_inbound_webhook_on_number') === true) return { url: '', method: 'POST' };
  const url = textValue(service, 'inbound_request_url') ?? '';
  return { url, method: textValue(service, 'inbound_method') ?? 'POST' };
}

/**
 * What an operator should know of it. An address is right whatever follows its `#`: those are settings of ours for
 * Twilio, without which a call that fails once is lost.
 */
export function judgeInbound(
  found: InboundAddress | undefined,
  expected: string,
  overrides: string,
): ProbeResult {
  const set = `set incoming messages to ${expected}${overrides}, by POST, in Twilio's console`;
  if (!found) return { ok: false, detail: `Twilio did not tell where incoming messages go: ${set}` };
  const [address = '', settings] = found.url.split('#');
  if (address !== expected) {
    return {
      ok: false,
      detail: `Twilio sends incoming messages to ${address === '' ? 'nobody' : address}: ${set}`,
    };
  }
  if (found.method.toUpperCase() !== 'POST')
    return { ok: false, detail: `Twilio calls us by ${found.method}: ${set}` };
  const mild = settings === undefined ? `; with ${overrides} behind it a failed call would come again` : '';
  return { ok: true, detail: `Twilio sends incoming messages to ${expected}${mild}` };
}

function bodyOf(answer: CarrierAnswer): JsonObject | undefined {
  return answer.kind === 'answered' && answer.status === 200 ? jsonObject(answer.body) : undefined;
}
