import { z } from 'zod';
import { parseClockSpec, type VirtualClockSpec } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { isLoopback } from './loopback.js';
import { oidcConfig, oidcNames, type OidcConfig } from './oidc.js';

const port = z.coerce.number().int().min(0).max(65535);
const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' });
const secretKey = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').length === 32, { error: 'must be 32 bytes in base64' });
/** Keys apart by commas or blanks; none is an empty list. */
const secretKeys = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((key) => key !== ''))
  .pipe(z.array(secretKey));
/** Roles apart by commas or blanks. */
const roles = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((role) => role !== ''))
  .pipe(
    z.array(z.enum(['admin', 'analyst', 'operator'], { error: 'must be roles: admin, analyst, operator' })),
  );
const clock = z.string().transform((text, context) => {
  const spec = parseClockSpec(text);
  if (spec) return spec;
  context.addIssue({ code: 'custom', message: 'must look like 2020-01-13T08:00:00+01:00@60' });
  return z.NEVER;
});

/** Every name Vidhuk reads from its environment; docs/operations.md lists them for people. */
const schema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
  VIDHUK_DATA_DIR: z.string().default('./.vidhuk'),
  VIDHUK_PUBLIC_URL: url.optional(),
  VIDHUK_SECRET_KEY: secretKey.optional(),
  VIDHUK_PREVIOUS_SECRET_KEYS: secretKeys.default([]),
  VIDHUK_CONSOLE_URL: url.optional(),
  VIDHUK_REQUIRE_SECOND_FACTOR: roles.default([]),
  ...oidcNames,
  VIDHUK_METRICS_PORT: port.default(9464),
  VIDHUK_GATEWAY_PORT: port.default(8080),
  VIDHUK_CONSOLE_PORT: port.default(8081),
  VIDHUK_SANDBOX_PORT: port.default(8090),
  VIDHUK_CLOCK: clock.optional(),
  VIDHUK_DISPATCH_CONCURRENCY: z.coerce.number().int().min(1).max(4096).default(64),
  VIDHUK_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-zA-Z]{32}$/, 'must be AC and 32 characters')
    .optional(),
  TWILIO_AUTH_TOKEN: z.string().min(1).optional(),
  TWILIO_MESSAGING_SERVICE_SID: z.string().regex(/^MG/, 'must begin with MG').optional(),
  TWILIO_FROM: z.string().min(1).optional(),
  TWILIO_BASE_URL: url.optional(),
  VIBER_AUTH_TOKEN: z.string().min(1).optional(),
  VIBER_SENDER_NAME: z.string().min(1).max(28).optional(),
  VIBER_CHAT_URI: z.string().min(1).optional(),
  VIBER_BASE_URL: url.optional(),
  TURBOSMS_TOKEN: z.string().min(1).optional(),
  TURBOSMS_SMS_SENDER: z.string().min(1).optional(),
  TURBOSMS_VIBER_SENDER: z.string().min(1).optional(),
  TURBOSMS_BASE_URL: url.optional(),
});

type Raw = z.infer<typeof schema>;

export interface TwilioConfig {
  readonly accountSid: string;
  readonly authToken: string;
  readonly messagingServiceSid?: string;
  readonly from?: string;
  readonly baseUrl: string;
}
export interface ViberConfig {
  readonly authToken: string;
  readonly senderName: string;
  readonly chatUri: string;
  readonly baseUrl: string;
}
export interface TurboSmsConfig {
  readonly token: string;
  readonly smsSender?: string;
  readonly viberSender?: string;
  readonly baseUrl: string;
}

export interface Environment {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly publicUrl: string | undefined;
  readonly secretKey: string | undefined;
  /** Secrets of before: what they sealed can still be read. */
  readonly previousSecretKeys: readonly string[];
  /** Where people reach the console, without a slash at its end. */
  readonly consoleUrl: string | undefined;
  /** The roles that need a second factor to do anything. */
  readonly secondFactorFor: readonly ('admin' | 'analyst' | 'operator')[];
  readonly oidc: OidcConfig | undefined;
  readonly ports: { metrics: number; gateway: number; console: number; sandbox: number };
  readonly clock: VirtualClockSpec | undefined;
  readonly dispatchConcurrency: number;
  readonly logLevel: Raw['VIDHUK_LOG_LEVEL'];
  readonly twilio: TwilioConfig | undefined;
  readonly viber: ViberConfig | undefined;
  readonly turbosms: TurboSmsConfig | undefined;
}

/** The carriers that are switched on, by the name of their block: each block with an address is one. */
export function configuredCarriers(environment: Environment): { kind: string; baseUrl: string }[] {
  return Object.entries(environment).flatMap(([kind, block]: [string, unknown]) =>
    typeof block === 'object' && block !== null && 'baseUrl' in block
      ? [{ kind, baseUrl: String(block.baseUrl) }]
      : [],
  );
}

/**
 * Reads the environment once. Throws one AppError (`environment_invalid`) that lists every problem by name;
 * values never appear in it, since any of them may be a secret.
 */
export function parseEnvironment(env: Record<string, string | undefined>): Environment {
  const problems: string[] = [];
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, v]) => name in schema.shape && v !== ''),
  );
  for (const name of Object.keys(env)) {
    if (name.startsWith('VIDHUK_') && !(name in schema.shape))
      problems.push(`${name}: unknown name${suggest(name)}`);
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
    throw invalid(problems);
  }
  const environment = shape(parsed.data, problems);
  if (problems.length > 0) throw invalid(problems);
  return environment;
}

function invalid(problems: string[]): AppError {
  return new AppError('environment_invalid', `The environment has problems:\n  ${problems.join('\n  ')}`, {
    details: problems,
  });
}

function shape(raw: Raw, problems: string[]): Environment {
  const environment: Environment = {
    databaseUrl: raw.DATABASE_URL,
    dataDir: raw.VIDHUK_DATA_DIR,
    publicUrl: raw.VIDHUK_PUBLIC_URL?.replace(/\/+$/, ''),
    secretKey: raw.VIDHUK_SECRET_KEY,
    previousSecretKeys: raw.VIDHUK_PREVIOUS_SECRET_KEYS,
    consoleUrl: raw.VIDHUK_CONSOLE_URL?.replace(/\/+$/, ''),
    secondFactorFor: raw.VIDHUK_REQUIRE_SECOND_FACTOR,
    oidc: oidcConfig(raw, problems),
    ports: {
      metrics: raw.VIDHUK_METRICS_PORT,
      gateway: raw.VIDHUK_GATEWAY_PORT,
      console: raw.VIDHUK_CONSOLE_PORT,
      sandbox: raw.VIDHUK_SANDBOX_PORT,
    },
    clock: raw.VIDHUK_CLOCK,
    dispatchConcurrency: raw.VIDHUK_DISPATCH_CONCURRENCY,
    logLevel: raw.VIDHUK_LOG_LEVEL,
    twilio: twilio(raw, problems),
    viber: viber(raw, problems),
    turbosms: turbosms(raw, problems),
  };
  if (raw.DATABASE_URL !== undefined && raw.VIDHUK_SECRET_KEY === undefined) {
    problems.push(
      'VIDHUK_SECRET_KEY: required when DATABASE_URL is set (32 bytes, base64: openssl rand -base64 32)',
    );
  }
  if (
    raw.VIDHUK_SECRET_KEY !== undefined &&
    raw.VIDHUK_PREVIOUS_SECRET_KEYS.includes(raw.VIDHUK_SECRET_KEY)
  ) {
    problems.push('VIDHUK_PREVIOUS_SECRET_KEYS: holds VIDHUK_SECRET_KEY itself');
  }
  if (raw.VIDHUK_CLOCK) refuseRealCarriers(environment, problems);
  return environment;
}

function twilio(raw: Raw, problems: string[]): TwilioConfig | undefined {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = raw;
  if (!accountSid && !authToken) return undefined;
  if (!accountSid) problems.push('TWILIO_ACCOUNT_SID: required with TWILIO_AUTH_TOKEN');
  if (!authToken) problems.push('TWILIO_AUTH_TOKEN: required with TWILIO_ACCOUNT_SID');
  if (!raw.TWILIO_MESSAGING_SERVICE_SID && !raw.TWILIO_FROM) {
    problems.push('TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID: one is required with Twilio credentials');
  }
  return {
    accountSid: accountSid ?? '',
    authToken: authToken ?? '',
    ...(raw.TWILIO_MESSAGING_SERVICE_SID ? { messagingServiceSid: raw.TWILIO_MESSAGING_SERVICE_SID } : {}),
    ...(raw.TWILIO_FROM ? { from: raw.TWILIO_FROM } : {}),
    baseUrl: raw.TWILIO_BASE_URL ?? 'https://api.twilio.com',
  };
}

function viber(raw: Raw, problems: string[]): ViberConfig | undefined {
  if (!raw.VIBER_AUTH_TOKEN) return undefined;
  if (!raw.VIBER_SENDER_NAME) problems.push('VIBER_SENDER_NAME: required with VIBER_AUTH_TOKEN');
  if (!raw.VIBER_CHAT_URI) problems.push('VIBER_CHAT_URI: required with VIBER_AUTH_TOKEN');
  return {
    authToken: raw.VIBER_AUTH_TOKEN,
    senderName: raw.VIBER_SENDER_NAME ?? '',
    chatUri: raw.VIBER_CHAT_URI ?? '',
    baseUrl: raw.VIBER_BASE_URL ?? 'https://chatapi.viber.com',
  };
}

function turbosms(raw: Raw, problems: string[]): TurboSmsConfig | undefined {
  if (!raw.TURBOSMS_TOKEN) return undefined;
  if (!raw.TURBOSMS_SMS_SENDER && !raw.TURBOSMS_VIBER_SENDER) {
    problems.push('TURBOSMS_SMS_SENDER or TURBOSMS_VIBER_SENDER: one is required with TURBOSMS_TOKEN');
  }
  return {
    token: raw.TURBOSMS_TOKEN,
    ...(raw.TURBOSMS_SMS_SENDER ? { smsSender: raw.TURBOSMS_SMS_SENDER } : {}),
    ...(raw.TURBOSMS_VIBER_SENDER ? { viberSender: raw.TURBOSMS_VIBER_SENDER } : {}),
    baseUrl: raw.TURBOSMS_BASE_URL ?? 'https://api.turbosms.ua',
  };
}

/** A clock that runs fast would write to real people at the wrong hour, so every carrier must be loopback. */
function refuseRealCarriers(environment: Environment, problems: string[]): void {
  for (const { kind, baseUrl } of configuredCarriers(environment)) {
    if (!isLoopback(baseUrl)) {
      problems.push(`${kind.toUpperCase()}_BASE_URL: must be a loopback address while VIDHUK_CLOCK is set`);
    }
  }
}

/** The nearest known name within two edits, to catch a slip of the keyboard. */
function suggest(name: string): string {
  const near = Object.keys(schema.shape).find((known) => distance(known, name) <= 2);
  return near === undefined ? '' : `, did you mean ${near}?`;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
