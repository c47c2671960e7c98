import { createHash } from 'node:crypto';
import type { WebhookRequest } from '#channels/channel';
import { TurboSms } from '#channels/turbosms/turbosms';
import { PHONE, PUBLIC_URL, type UnsignedCall } from './channel-suite.js';
import type { StubAnswer, StubRequest } from './stub-carrier.js';

export const TOKEN = 'api-token-of-a-test';
export const MESSAGE_ID = 'f83f8868-5e46-c6cf-e4fb-615e5a293754';
export const DIGITS = PHONE.slice(1);

interface Options {
  timeoutMs?: number;
  concurrency?: number;
}
export const make =
  (channel: 'sms' | 'viber') =>
  (baseUrl: string, options: Options = {}): TurboSms =>
    new TurboSms(channel, 'CNAP', { token: TOKEN, baseUrl }, { concurrency: 4, ...options });

/** TurboSMS always says 200; the overall code and the code of the one recipient decide. */
export function answered(
  overall: number,
  recipient?: number,
  messageId: string | null = MESSAGE_ID,
): StubAnswer {
  const result = [
    { phone: DIGITS, response_code: recipient, message_id: messageId, response_status: `for ${PHONE}` },
  ];
  const body = {
    response_code: overall,
    response_status: 'X',
    response_result: recipient === undefined ? null : result,
  };
  return { status: 200, body: JSON.stringify(body) };
}

export const sent = ({ body }: StubRequest): Record<string, unknown> =>
  JSON.parse(body) as Record<string, unknown>;

/** SHA-1 of secret and id, in the body; bodies that are no object cannot be signed. */
export function sign(call: UnsignedCall, signature?: string | null): WebhookRequest {
  const { method = 'POST', url = `${PUBLIC_URL}/hooks/turbosms`, contentType = 'application/json' } = call;
  const plain = Buffer.from(call.body);
  let body = plain;
  const match = /^\{"id":"([^"]+)",/.exec(plain.toString('utf8'));
  if (match && signature !== null) {
    const made = signature ?? createHash('sha1').update(`${TOKEN}${match[1]}`).digest('hex');
    body = Buffer.from(plain.toString('utf8').replace('{', `{"signature":${JSON.stringify(made)},`));
  }
  return { method, door: 'any', url, headers: { 'content-type': contentType }, body };
}

export function resign(signed: WebhookRequest, signature: string | undefined): WebhookRequest {
  const bare = signed.body.toString('utf8').replace(/^\{"signature":"[0-9a-f]{40}",/, '{');
  return sign({ body: bare, url: signed.url }, signature ?? null);
}

export const event = (type: string, data: unknown, extra: object = {}): UnsignedCall => ({
  body: JSON.stringify({ id: 'evt-77', type, date: '2020-01-13 10:00:02', try: 1, data, ...extra }),
});
export const dlr = (type: string, status: string, more: object = {}): UnsignedCall =>
  event(type, { message_id: MESSAGE_ID, status, dlr_date: '2020-01-13 10:00:01', ...more });
