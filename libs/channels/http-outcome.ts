import type { SendOutcome } from './channel.js';
import type { Answered, CarrierAnswer } from './http.js';

export type Unaccepted = Exclude<SendOutcome, { outcome: 'accepted' }>;

/** The outcome of a send that no answer decides. */
export function unansweredOutcome(answer: Exclude<CarrierAnswer, Answered>): Unaccepted {
  return { outcome: answer.kind === 'unsent' ? 'deferred' : 'uncertain', detail: answer.detail };
}

/**
 * The outcome of an answer whose body the channel does not understand, by its HTTP status alone. 429 says that the
 * request was not processed (RFC 6585); 408 and 5xx often come from a front end that cannot tell whether it was.
 */
export function statusOutcome(answer: Answered): Unaccepted {
  const { status } = answer;
  const detail = `HTTP ${status} without an understandable answer`;
  const vendorCode = `http_${status}`;
  if (status === 429) {
    const retryAfterMs = retryAfterOf(answer);
    return {
      outcome: 'deferred',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      vendorCode,
      detail: 'HTTP 429, too many requests',
    };
  }
  if (isUndecided(status)) return { outcome: 'uncertain', vendorCode, detail };
  if (status === 413) return { outcome: 'rejected', scope: 'content', vendorCode, detail };
  // A redirect, a refused sign-in or a missing path is about our account or address, whoever the message is for.
  if (status < 400 || [401, 402, 403, 404, 405, 407].includes(status)) {
    return { outcome: 'rejected', scope: 'sender', vendorCode, detail };
  }
  return { outcome: 'rejected', scope: 'content', vendorCode, detail };
}

/** Whether a status leaves open if the request was carried out. */
export function isUndecided(status: number): boolean {
  return status === 408 || status >= 500 || status < 300;
}

const RETRY_AFTER_AT_MOST_MS = 3_600_000;

/** `Retry-After` in milliseconds, at most an hour: seconds, or a date measured against the answer's own `Date`. */
export function retryAfterOf(answer: Answered): number | undefined {
  const header = answer.headers['retry-after'];
  if (header === undefined) return undefined;
  const ms = /^\s*\d+\s*$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - Date.parse(answer.headers.date ?? '');
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_AT_MOST_MS);
}
