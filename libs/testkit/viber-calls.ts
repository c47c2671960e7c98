import { createHmac } from 'node:crypto';
import type { WebhookRequest } from '#channels/channel';
import { ViberBot } from '#channels/viber-bot/viber-bot';
import { PUBLIC_URL, type UnsignedCall } from './channel-suite.js';
import type { StubAnswer } from './stub-carrier.js';

export const TOKEN = 'bot-token-of-a-test';
export const USER = 'xY0/aBcDeFgHiJkLmNoPqQ==';
export const HOOK = `${PUBLIC_URL}/hooks/viber`;
/** Beyond 2^53: JSON.parse alone would make it …721000. */
export const MESSAGE_TOKEN = '5741311803571721087';
export const AT = 1_578_902_400_123;

export function make(baseUrl: string, options: { timeoutMs?: number; concurrency?: number } = {}): ViberBot {
  return new ViberBot(
    { authToken: TOKEN, senderName: 'ЦНАП', chatUri: 'cnap', baseUrl },
    { concurrency: 4, ...options },
  );
}

export const answered = (status: number, message = 'as told'): StubAnswer => ({
  status: 200,
  body: `{"status":${status},"status_message":"${message}","message_token":${MESSAGE_TOKEN},"chat_hostname":"SN_"}`,
});

export function sign(call: UnsignedCall): WebhookRequest {
  const { method = 'POST', url = HOOK, door = 'any', contentType = 'application/json' } = call;
  const body = Buffer.from(call.body);
  const signature = createHmac('sha256', TOKEN).update(body).digest('hex');
  return {
    method,
    door,
    url,
    headers: { 'content-type': contentType, 'x-viber-content-signature': signature },
    body,
  };
}

/** A call with a raw number as token, which JSON.stringify could not write. */
export function event(name: string, fields: object = {}): UnsignedCall {
  const body = JSON.stringify({
    event: name,
    timestamp: AT,
    chat_hostname: 'SN_',
    message_token: 0,
    ...fields,
  });
  return { body: body.replace('"message_token":0', `"message_token":${MESSAGE_TOKEN}`) };
}

export const user = { id: USER, name: 'Олена', language: 'uk-UA', country: 'UA', api_version: 10 };
export const message = (fields: object): UnsignedCall =>
  event('message', { sender: user, message: fields, silent: false });

export const json = (body: string): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;
