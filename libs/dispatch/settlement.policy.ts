import type { SendOutcome } from '#channels/channel';
import type { Clock } from '#kernel/clock';
import { unreachable } from '#kernel/errors';
import { backoffMs } from './backoff.policy.js';
import type { MessageKind } from './message-kinds.js';
import type { MessageState } from './transitions.js';

/** What the carrier said, or what kept us from asking it. */
export type AttemptEnd =
  | SendOutcome
  /** Not sent: the text or the address could not be made. It would fail again. */
  | { readonly outcome: 'unwritable'; readonly detail: string }
  /** Not sent: the process stops, or the lease was too short for another request. */
  | { readonly outcome: 'given_back' };

/** What a settlement needs to know of the message. */
export interface Attempted {
  readonly id: string;
  readonly attempt: number;
  readonly kind: MessageKind;
}

/** The row after one attempt. */
export interface Settlement {
  readonly id: string;
  readonly attempt: number;
  readonly state: Extract<MessageState, 'accepted' | 'queued' | 'failed' | 'uncertain'>;
  /** As the attempt's row has it. */
  readonly outcome: 'accepted' | 'rejected' | 'deferred' | 'blocked' | 'uncertain';
  readonly externalId?: string;
  readonly parts?: number;
  readonly reason?: string;
  readonly vendorCode?: string;
  readonly detail?: string;
  /** Civil; when a queued message is tried again. */
  readonly dueAt?: Date;
  /** Civil; when dispatch looks at the message again. */
  readonly followUpAt?: Date;
  /** What else has to be done: nothing for nearly all. */
  readonly effect?: 'suppress' | 'stop_sender';
}

/** Real time until an uncertain message is first looked up: receipts usually tell before. */
export const FIRST_LOOK_MS = 30_000;
/** A message that our account was refused for this often is at fault itself: it must not stop the sender for ever. */
export const SENDER_REFUSALS = 3;

/**
 * Where an attempt's end leads, by transitions.ts. `followUpAt`: when to look at an accepted invite or reminder
 * for fallback and reminder; a failed one is looked at once.
 */
export function settlementOf(
  message: Attempted,
  end: AttemptEnd,
  clock: Clock,
  followUpAt?: Date,
): Settlement {
  const { id, attempt } = message;
  const detail = 'detail' in end ? { detail: end.detail } : {};
  const vendorCode =
    'vendorCode' in end && end.vendorCode !== undefined ? { vendorCode: end.vendorCode } : {};
  const told = { id, attempt, ...detail, ...vendorCode };
  switch (end.outcome) {
    case 'accepted':
      return {
        ...told,
        state: 'accepted',
        outcome: 'accepted',
        externalId: end.externalId,
        ...(end.parts === undefined ? {} : { parts: end.parts }),
        ...(followUpAt ? { followUpAt } : {}),
      };
    case 'deferred': {
      const dueAt = clock.after(backoffMs(id, attempt, end.retryAfterMs));
      return { ...told, state: 'queued', outcome: 'deferred', dueAt };
    }
    case 'given_back':
      return { ...told, state: 'queued', outcome: 'deferred', detail: 'given back unsent' };
    case 'uncertain':
      return {
        ...told,
        state: 'uncertain',
        outcome: 'uncertain',
        reason: 'unknown_outcome',
        followUpAt: clock.after(FIRST_LOOK_MS),
      };
    case 'blocked':
      return {
        ...failed(message, told, 'blocked', end.why, clock),
        ...(end.why === 'opted_out' ? { effect: 'suppress' as const } : {}),
      };
    case 'rejected':
      if (end.scope === 'sender') return senderRefused(message, told, clock);
      return failed(message, told, 'rejected', `rejected_${end.scope}`, clock);
    case 'unwritable':
      return failed(message, told, 'rejected', 'unwritable', clock);
    default:
      return unreachable(end);
  }
}

type Told = Pick<Settlement, 'id' | 'attempt' | 'detail' | 'vendorCode'>;

function failed(
  message: Attempted,
  told: Told,
  outcome: 'rejected' | 'blocked',
  reason: string,
  clock: Clock,
): Settlement {
  const followUp = message.kind === 'invite' ? { followUpAt: clock.now() } : {};
  return { ...told, state: 'failed', outcome, reason, ...followUp };
}

/** Our account is at fault, not the message: it waits, and the sender stops until a probe or a person clears it. */
function senderRefused(message: Attempted, told: Told, clock: Clock): Settlement {
  if (message.attempt >= SENDER_REFUSALS) return failed(message, told, 'rejected', 'rejected_sender', clock);
  const dueAt = clock.after(backoffMs(message.id, message.attempt));
  return {
    ...told,
    state: 'queued',
    outcome: 'rejected',
    reason: 'rejected_sender',
    dueAt,
    effect: 'stop_sender',
  };
}
