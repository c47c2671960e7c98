import type { Persistence, WebhookTrouble } from '../webhooks.js';

const POLICIES: Readonly<Record<string, readonly WebhookTrouble[]>> = {
  ct: ['connect'],
  '4xx': ['4xx'],
  '5xx': ['5xx'],
  rt: ['timeout'],
  all: ['connect', '4xx', '5xx', 'timeout'],
};
/** Twilio does not publish its pauses; these are short and grow. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000];

/**
 * How stubbornly Twilio calls this address: the fragment's `rc` retries (0 to 5, default 1) on the troubles of `rp`
 * (default `ct`, a failed connection), with `rt` or `tt` as the time limit, whichever is shorter.
 * twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
export function connectionOverrides(url: string): Persistence {
  const fragment = new URLSearchParams(/#(.*)$/s.exec(url)?.[1] ?? '');
  const retries = bounded(fragment.get('rc'), 0, 5, 1);
  const timeoutMs = Math.min(
    bounded(fragment.get('rt'), 100, 15_000, 15_000),
    bounded(fragment.get('tt'), 100, 15_000, 15_000),
  );
  const policies = (fragment.get('rp') ?? 'ct').split(',').flatMap((policy) => POLICIES[policy] ?? []);
  return { timeoutMs, pausesMs: PAUSES_MS.slice(0, retries), on: new Set(policies) };
}

function bounded(text: string | null, low: number, high: number, usual: number): number {
  const value = text === null || text === '' ? NaN : Number(text);
  return Number.isInteger(value) ? Math.min(high, Math.max(low, value)) : usual;
}
