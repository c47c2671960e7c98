import { createToken } from '#access/tokens';
import { parseEnvironment } from '#config/environment';
import { createLogger } from '#config/logger';
import { start as startConsole } from '#console/main';
import { start as startGateway } from '#gateway/main';
import { systemClock } from '#kernel/clock';
import { newSecret } from '#kernel/sealing-key';
import type { Database } from '#store/database';
import type { RunningProcess } from '#store/process';
import { Builders } from '#testkit/builders';
import type { Target } from './doors.js';

const PUBLIC_URL = 'https://v.example.gov.ua';
const TWILIO = { account: `AC${'1'.repeat(32)}`, token: 'twilio-token-of-fuzz' };
const VIBER_TOKEN = 'viber-token-of-fuzz';
const TURBO_TOKEN = 'turbosms-token-of-fuzz';
const PEOPLE = 60;
const MARKS = [
  { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' } },
  { key: 'recommend', type: 'nps', text: { uk: 'Чи порадите нас?' } },
];

export interface House {
  readonly process: RunningProcess;
  readonly target: Target;
  /** What the processes logged as errors. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A gateway with three carriers and a console over a database with people, invitations and answers in it. */
export async function openHouse(database: Database, databaseUrl: string): Promise<House> {
  const complaints: string[] = [];
  const process = processOn(database, databaseUrl, complaints);
  const gateway = await startGateway(process);
  const console_ = await startConsole(process);
  const token = await createToken(database, { name: 'fuzz', role: 'admin', now: systemClock.real() });
  const target: Target = {
    gateway: gateway.url,
    console: console_.url,
    publicUrl: PUBLIC_URL,
    twilio: TWILIO,
    viberToken: VIBER_TOKEN,
    turboToken: TURBO_TOKEN,
    bearer: token.secret,
    codes: await settle(database),
  };
  const close = async (): Promise<void> => {
    await gateway.close();
    await console_.close();
  };
  return { process, target, complaints, close };
}

function processOn(database: Database, databaseUrl: string, complaints: string[]): RunningProcess {
  const secretKey = newSecret();
  const environment = parseEnvironment({
    DATABASE_URL: databaseUrl,
    VIDHUK_SECRET_KEY: secretKey,
    VIDHUK_PUBLIC_URL: PUBLIC_URL,
    VIDHUK_GATEWAY_PORT: '0',
    VIDHUK_CONSOLE_PORT: '0',
    TWILIO_ACCOUNT_SID: TWILIO.account,
    TWILIO_AUTH_TOKEN: TWILIO.token,
    TWILIO_FROM: '+380500000000',
    VIBER_AUTH_TOKEN: VIBER_TOKEN,
    VIBER_SENDER_NAME: 'fuzz',
    VIBER_CHAT_URI: 'fuzz',
    TURBOSMS_TOKEN: TURBO_TOKEN,
    TURBOSMS_SMS_SENDER: 'FUZZ',
  });
  const log = createLogger('fuzz', 'error', { write: (line) => void complaints.push(line.trim()) });
  return {
    name: 'fuzz',
    environment,
    log,
    clock: systemClock,
    database,
    secretKey,
    close: async () => undefined,
  };
}

/** People in every state; returns the codes of their invitations. */
async function settle(database: Database): Promise<string[]> {
  const build = new Builders(database, systemClock.now());
  const campaign = await build.campaign('fuzz', MARKS);
  for (let i = 0; i < PEOPLE; i++) {
    const started = i % 3 === 0;
    const { invitationId } = await build.path({
      campaign,
      facts: { sent: true, ...(i % 2 ? { delivered: true as const } : {}), ...(started ? { started: true as const } : {}) },
      ...(started ? { answers: { recommend: i % 11 } } : {}),
    });
    await build.message(invitationId ?? '', { state: 'accepted', attempt: 1, external_id: `SM${i}`, accepted_at: systemClock.now() });
  }
  const { rows } = await database.query<{ code: string }>('select code from invitation order by id');
  return rows.map(({ code }) => code);
} // prettier-ignore
