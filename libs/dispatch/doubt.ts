import { AppError } from '#kernel/errors';
import type { Queryable } from '#store/database';
import { messageResolve, type Resolution } from './uncertain.sql.js';

export const DOUBT_ACTIONS = ['resend', 'abandon'] as const;
export type DoubtAction = (typeof DOUBT_ACTIONS)[number];

/** What the audit log calls a person's decision. */
export const DOUBT_RECORDED: Readonly<Record<DoubtAction, string>> = {
  resend: 'message.resent',
  abandon: 'message.given_up',
};

/** How long the reason of a person who ends a doubt is, in characters without the spaces around it. */
export const DOUBT_REASON = { min: 5, max: 200 } as const;

/** The reason as it is kept. Throws AppError `reason_length` (400) for one that says nothing, or tells a story. */
export function doubtReason(given: string): string {
  const reason = given.trim();
  const { min, max } = DOUBT_REASON;
  if (reason.length >= min && reason.length <= max) return reason;
  throw new AppError('reason_length', `Say in ${min} to ${max} characters how it is known.`, { status: 400 });
}

/**
 * How a doubt ended without a person: the carrier was asked and said (`lookup`), said that it never came (`lookup_resend`),
 * or nothing was learned in time and the campaign had it sent again (`policy_resend`) or given up (`policy_abandon`).
 */
export type DoubtEnd = 'lookup' | 'lookup_resend' | 'policy_resend' | 'policy_abandon';

/** Told of each doubt that ended here. */
export interface DoubtObserver {
  doubtEnded(sender: string, how: DoubtEnd): void;
}

/** What was looked at when it was decided: should anything have happened since, nothing is done. */
export interface LookedAt {
  readonly id: string;
  readonly attempt: number;
  readonly notAfter: Date;
}

/**
 * A person's word on one message in doubt, who may know more than we do: by the carrier's own console, or by asking.
 * `resend` puts it back into the queue, where window, refusals and deadline are looked at as ever; `abandon` gives it up
 * now instead of within the hour. Throws AppError `message_state` (409) when it is not in doubt any more, and
 * `message_expired` (409) for one that is too late to be sent. Call it in a transaction with its audit entry.
 */
export async function decideDoubt(
  tx: Queryable,
  message: LookedAt,
  action: DoubtAction,
  now: Date,
): Promise<void> {
  if (action === 'resend' && message.notAfter <= now) {
    throw new AppError('message_expired', 'It is too late to send this message: it can only be given up.', { status: 409 }); // prettier-ignore
  }
  if (await messageResolve(tx, resolution(message, action, now), now)) return;
  throw new AppError('message_state', 'This message is not in doubt any more.', { status: 409 });
}

function resolution({ id, attempt }: LookedAt, action: DoubtAction, now: Date): Resolution {
  const nothing = { externalId: null, parts: null, vendorCode: null, followUpAt: null };
  const base = { id, attempt, by: 'operator' as const, reason: 'operator', ...nothing };
  return action === 'resend'
    ? { ...base, state: 'queued', dueAt: now }
    : { ...base, state: 'abandoned', dueAt: null };
}
