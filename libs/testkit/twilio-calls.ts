import { createHmac } from 'node:crypto';
import { parse as parseQuery } from 'node:querystring';
import type { WebhookRequest } from '#channels/channel';
import { TwilioSms } from '#channels/twilio-sms/twilio-sms';
import { PHONE, PUBLIC_URL, type UnsignedCall } from './channel-suite.js';
import type { StubAnswer } from './stub-carrier.js';

export const ACCOUNT = `AC${'0'.repeat(31)}7`;
export const TOKEN = 'auth-token-of-a-test';
export const SID = `SM${'0'.repeat(30)}41`;
export const INBOUND = `${PUBLIC_URL}/hooks/twilio/inbound`;
export const STATUS = `${PUBLIC_URL}/hooks/twilio/status?m=41`;

export interface Setup {
  timeoutMs?: number;
  concurrency?: number;
  from?: string;
  messagingServiceSid?: string;
}

export function make(
  baseUrl: string,
  { from = '+12025550123', messagingServiceSid, ...options }: Setup = {},
): TwilioSms {
  const sender = messagingServiceSid === undefined ? { from } : { messagingServiceSid };
  return new TwilioSms(
    { accountSid: ACCOUNT, authToken: TOKEN, baseUrl, ...sender },
    { concurrency: 4, ...options },
  );
}

export const created = (fields: object = {}): StubAnswer => ({
  status: 201,
  body: JSON.stringify({
    sid: SID,
    status: 'queued',
    num_segments: '2',
    error_code: null,
    price: null,
    ...fields,
  }),
});
export const refused = (code: number, status = 400): StubAnswer => ({
  status,
  body: JSON.stringify({ code, message: `The 'To' number ${PHONE} is bad`, more_info: 'https://…', status }),
});

/** Twilio's rule, written down a second time: https://www.twilio.com/docs/usage/webhooks/webhooks-security */
export function sign(call: UnsignedCall): WebhookRequest {
  const {
    method = 'POST',
    url = INBOUND,
    door = 'inbound',
    contentType = 'application/x-www-form-urlencoded',
  } = call;
  const body = Buffer.from(call.body);
  let signed = url;
  const signsFields = method === 'POST' && !url.includes('bodySHA256');
  const fields = signsFields ? parseQuery(body.toString('utf8'), '&', '=', { maxKeys: 0 }) : {};
  for (const name of Object.keys(fields).sort()) {
    const values = new Set([fields[name] ?? ''].flat());
    for (const value of [...values].sort()) signed += name + value;
  }
  const signature = createHmac('sha1', TOKEN).update(signed).digest('base64');
  return {
    method,
    door,
    url,
    headers: { 'content-type': contentType, 'x-twilio-signature': signature },
    body,
  };
}

export const form = (fields: Record<string, string | string[]>): string => new URLSearchParams(
  Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
).toString(); // prettier-ignore

export const inbound = (fields: Record<string, string | string[]> = {}): UnsignedCall => ({
  body: form({
    ToCountry: '',
    MessageSid: SID,
    SmsSid: SID,
    SmsMessageSid: SID,
    AccountSid: ACCOUNT,
    NumMedia: '0',
    NumSegments: '1',
    SmsStatus: 'received',
    FromCity: '',
    From: PHONE,
    To: '+12025550123',
    Body: '5',
    ApiVersion: '2010-04-01',
    ...fields,
  }),
});

export const status = (fields: Record<string, string> = {}, url = STATUS): UnsignedCall => ({
  url,
  door: 'status',
  body: form({
    MessageSid: SID,
    SmsSid: SID,
    MessageStatus: 'delivered',
    To: PHONE,
    From: 'Surveys',
    ...fields,
  }),
});
