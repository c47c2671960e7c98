import type { Environment } from '#config/environment';
import type { Clock } from '#kernel/clock';
import type { Range } from './chance.js';
import type { Bounds } from './phones/phone-book.js';
import type { VisitorHabits } from './visitors/habits.js';

/** The credentials the imitated carriers expect and sign with. */
export interface SandboxAccounts {
  readonly twilio: {
    readonly accountSid: string;
    readonly authToken: string;
    /** The number a Messaging Service sends from. */
    readonly serviceNumber: string;
  };
  readonly viber: { readonly authToken: string; readonly name: string; readonly chatUri: string };
  readonly turbosms: { readonly token: string; readonly webhookSecret: string };
}

/** Civil milliseconds from a message's acceptance to each step of its way. */
export interface Pace {
  readonly sentMs: Range;
  readonly deliveredMs: Range;
}

export interface SandboxOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Where our gateway's webhooks are; must be a loopback address. May be given later with `pointTo`. */
  readonly publicUrl?: string;
  readonly clock: Clock;
  readonly seed?: string;
  readonly accounts?: SandboxAccounts;
  /** Virtual visitors who answer by themselves; true for their usual habits. Default false. */
  readonly visitors?: boolean | Partial<VisitorHabits>;
  /** The phone that nobody answers for but the person who tries the sandbox. */
  readonly ownNumber?: string;
  readonly pace?: Partial<Pace>;
  readonly bounds?: Partial<Bounds>;
  /** Real milliseconds that our webhooks have to answer, instead of each carrier's own; for tests where all share a process. */
  readonly patienceMs?: number;
  /** False: nothing happens later by itself, only in `runDue`; for tests with a stepped clock. */
  readonly selfRunning?: boolean;
  /** Told of every fault of the sandbox's own; carriers' callbacks that fail are on the page instead. */
  readonly failed?: (thrown: unknown) => void;
}

export const defaultPace: Pace = { sentMs: [200, 900], deliveredMs: [1000, 6000] };
export const OWN_NUMBER = '+380500000001';

/** Made up, and good for nothing outside the sandbox. */
export const sandboxAccounts: SandboxAccounts = {
  twilio: {
    accountSid: 'AC5a4db0x0000000000000000000000001',
    authToken: 'sandbox-twilio-token',
    serviceNumber: '+447700900000',
  },
  viber: { authToken: 'sandbox-viber-token', name: 'Відгук', chatUri: 'vidhuk-sandbox' },
  turbosms: { token: 'sandbox-turbosms-token', webhookSecret: 'sandbox-turbosms-token' },
};

/** The accounts of an environment, so that a sandbox signs as the carriers it stands in for would. */
export function accountsOf(environment: Environment): SandboxAccounts {
  const { twilio, viber, turbosms } = environment;
  return {
    twilio: { ...sandboxAccounts.twilio, ...pick(twilio, 'accountSid', 'authToken') },
    viber: {
      authToken: viber?.authToken ?? sandboxAccounts.viber.authToken,
      name: viber?.senderName ?? sandboxAccounts.viber.name,
      chatUri: viber?.chatUri ?? sandboxAccounts.viber.chatUri,
    },
    turbosms: turbosms ? { token: turbosms.token, webhookSecret: turbosms.token } : sandboxAccounts.turbosms,
  };
}

/** Environment settings that make Vidhuk send through a sandbox at this address. */
export function sandboxEnvironment(url: string): Record<string, string> {
  const { twilio, viber } = sandboxAccounts;
  return {
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_MESSAGING_SERVICE_SID: 'MG5a4db0x0000000000000000000000001',
    TWILIO_BASE_URL: url,
    VIBER_AUTH_TOKEN: viber.authToken,
    VIBER_SENDER_NAME: viber.name,
    VIBER_CHAT_URI: viber.chatUri,
    VIBER_BASE_URL: url,
  };
}

function pick<T extends object, K extends keyof T>(from: T | undefined, ...keys: K[]): Partial<Pick<T, K>> {
  if (!from) return {};
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
