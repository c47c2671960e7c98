import { createHmac } from 'node:crypto';
import { start } from '#gateway/main';
import { openProcess } from '#store/process';
import type { Shot } from './load.js';

const TOKEN = '0123456789abcdef0123456789abcdef';
const ACCOUNT = `AC${'0'.repeat(32)}`;
const PUBLIC_URL = 'https://opyt.example';
const SECRET = Buffer.alloc(32, 7).toString('base64');

/** The gateway as it runs, on a free port. */
export async function startOurs(databaseUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const running = await openProcess('gateway', {
    DATABASE_URL: databaseUrl,
    VIDHUK_SECRET_KEY: SECRET,
    VIDHUK_GATEWAY_PORT: '0',
    VIDHUK_PUBLIC_URL: PUBLIC_URL,
    VIDHUK_LOG_LEVEL: 'error',
    TWILIO_ACCOUNT_SID: ACCOUNT,
    TWILIO_AUTH_TOKEN: TOKEN,
    TWILIO_FROM: '+380500000000',
  });
  const gateway = await start(running);
  return { url: gateway.url, close: () => gateway.close().then(() => running.close()) };
}

/** What Twilio signs a call to this path with. */
export function twilioSignature(path: string, fields: Readonly<Record<string, string>>): Buffer {
  const sorted = Object.keys(fields).sort().map((name) => name + fields[name]);
  return createHmac('sha1', TOKEN).update(PUBLIC_URL + path + sorted.join('')).digest();
} // prettier-ignore

/** Twilio's call that a message of ours was delivered. */
export function twilioReceipt(messageId: string, round: number): Shot {
  const path = `/hooks/twilio/status?m=${messageId}`;
  const sid = `SM${round}${messageId}`.padEnd(34, '0');
  const fields = {
    SmsSid: sid, SmsStatus: 'delivered', MessageStatus: 'delivered', To: '+380501234567', MessageSid: sid,
    AccountSid: ACCOUNT, From: '+380500000000', ApiVersion: '2010-04-01',
  }; // prettier-ignore
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-twilio-signature': twilioSignature(path, fields).toString('base64'),
  };
  return { method: 'POST', path, headers, body: new URLSearchParams(fields).toString() };
}
