import { SteppedClock } from '#kernel/clock';
import type { SandboxOptions } from '../options.js';
import { sandboxAccounts } from '../options.js';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import { ourSide, type OurSide } from './our-side.js';

/** A sandbox whose time only moves when told, with our side of the webhooks beside it. */
export interface SteeredSandbox extends RunningSandbox {
  readonly clock: SteppedClock;
  readonly ours: OurSide;
  /** Lets civil time pass and everything that falls into it happen, in order. */
  pass(ms: number, stepMs?: number): Promise<void>;
  /** A Twilio create call with the sandbox's own credentials. */
  twilio(
    form: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }>;
  /** A bot API call; tokens come back as digits. */
  viber(method: string, body: unknown, token?: string): Promise<Record<string, unknown>>;
  api<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
}

const STEP_MS = 1000;

export async function steeredSandbox(options: Partial<SandboxOptions> = {}): Promise<SteeredSandbox> {
  const { twilio, viber } = sandboxAccounts;
  const ours = await ourSide({ twilio: twilio.authToken, viber: viber.authToken });
  const clock = new SteppedClock(new Date('2026-01-13T10:00:00+02:00'));
  const running = await startSandbox({ port: 0, publicUrl: ours.url, clock, selfRunning: false, ...options });
  return {
    ...running,
    clock,
    ours,
    pass: async (ms, stepMs = STEP_MS) => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(Math.min(stepMs, ms - passed));
        await running.runDue();
      }
    },
    twilio: (form) => postTwilio(running.url, form),
    viber: async (method, body, token = viber.authToken) => {
      const response = await fetch(`${running.url}/pa/${method}`, {
        method: 'POST',
        headers: { 'x-viber-auth-token': token, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return JSON.parse(text.replace(/("message_token":)(\d+)/g, '$1"$2"')) as Record<string, unknown>;
    },
    api: async <T>(method: string, path: string, body?: unknown) => {
      const response = await fetch(`${running.url}/api${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return (text === '' ? {} : JSON.parse(text)) as T;
    },
    close: async () => {
      await running.close();
      await ours.close();
    },
  };
}

async function postTwilio(url: string, form: Record<string, string>) {
  const { accountSid, authToken } = sandboxAccounts.twilio;
  const response = await fetch(`${url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` },
    body: new URLSearchParams(form),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}
