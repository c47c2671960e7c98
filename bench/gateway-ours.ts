import { start } from '#gateway/main';
import { openProcess } from '#store/process';

export const TOKEN = '0123456789abcdef0123456789abcdef';
export const ACCOUNT = `AC${'0'.repeat(32)}`;
export const PUBLIC_URL = 'https://opyt.example';
export const SECRET = Buffer.alloc(32, 7).toString('base64');

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
