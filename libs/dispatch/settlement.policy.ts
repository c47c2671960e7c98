import type { SendOutcome } from '#channels/channel';
import type { Clock } from '#kernel/clock';
import { unreachable } from '#kernel/errors';
import { backoffMs } from './backoff.policy.js';
import type { TextRefusal } from './composer.js';
import type { MessageKind } from './message-kinds.js';
import type { MessageState } from './transitions.js';

/** What the carrier said, or what kept us from asking it. */
export type AttemptEnd =
  | SendOutcome
  /** Not sent: the text or the address could not be made. It would fail again. */
  | { readonly outcome: 'unwritable'; readonly detail: string; readonly reason?: TextRefusal }
  /** Not sent: the process stops, or the lease was too short for another request. */
  | { readonly outcome: 'given_back' };

/** What a settlement needs to know of the message. */
export interface Attempted {
  readonly id: string;
  readonly attempt: number;
  readonly kind: MessageKind;
}

/** The row after one attempt; null where there is nothing to say. Always of one shape: there are many of them. */
export interface Settlement {
  readonly id: string;
  readonly attempt: number;
  readonly state: Extract<MessageState, 'accepted' | 'queued' | 'failed' | 'uncertain'>;
  /** As the attempt's row has it. */
  readonly outcome: 'accepted' | 'rejected' | 'deferred' | 'blocked' | 'uncertain';
  readonly externalId: string | null;
  readonly parts: number | null;
  readonly reason: string | null;
  readonly vendorCode: string | null;
  readonly detail: string | null;
  /** Civil; when a queued message is tried again. */
  readonly dueAt: Date | null;
  /** Civil; when dispatch looks at the message again. */
  readonly followUpAt: Date | null;
  /** What else has to be done. */
  readonly effect: 'suppress' | 'stop_sender' | null;
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
  followUpAt: Date | null = null,
): Settlement {
  const { id, attempt } = message;
  switch (end.outcome) {
    case 'accepted': {
      const { externalId, parts = null } = end;
      return { id, attempt, state: 'accepted', outcome: 'accepted', externalId, parts, reason: null, vendorCode: null, detail: null, dueAt: null, followUpAt, effect: null }; // prettier-ignore
    }
    case 'deferred': {
      const dueAt = clock.after(backoffMs(id, attempt, end.retryAfterMs));
      // Should the person answer before the repetition, this attempt is what says that they may have had it.
      const outcome = end.perhapsSent === true ? 'uncertain' : 'deferred';
      return settlement(message, end, { state: 'queued', outcome, dueAt });
    }
    case 'given_back':
      return settlement(message, { detail: 'given back unsent' }, { state: 'queued', outcome: 'deferred' });
    case 'uncertain': {
      const followUp = clock.after(FIRST_LOOK_MS);
      return settlement(message, end, { state: 'uncertain', outcome: 'uncertain', reason: 'unknown_outcome', followUpAt: followUp }); // prettier-ignore
    }
    case 'blocked': {
      const effect = end.why === 'opted_out' ? 'suppress' : null;
      return settlement(message, end, { ...failure(message, end.why, clock), outcome: 'blocked', effect });
    }
    case 'rejected':
      if (end.scope === 'sender') return senderRefused(message, end, clock);
      return settlement(message, end, failure(message, `rejected_${end.scope}`, clock));
    case 'unwritable':
      return settlement(message, end, failure(message, end.reason ?? 'unwritable', clock));
    default:
      return unreachable(end);
  }
}

type Told = { readonly detail: string; readonly vendorCode?: string };
type Decided = Pick<Settlement, 'state' | 'outcome'> & Partial<Settlement>;

function settlement({ id, attempt }: Attempted, told: Told, decided: Decided): Settlement {
  const { detail, vendorCode = null } = told;
  const nothing = {
    externalId: null,
    parts: null,
    reason: null,
    dueAt: null,
    followUpAt: null,
    effect: null,
  };
  return { ...nothing, id, attempt, detail, vendorCode, ...decided };
}

function failure(message: Attempted, reason: string, clock: Clock): Decided {
  const followUpAt = message.kind === 'invite' ? clock.now() : null;
  return { state: 'failed', outcome: 'rejected', reason, followUpAt };
}

/** Our account is at fault, not the message: it waits, and the sender stops until a probe or a person clears it. */
function senderRefused(message: Attempted, told: Told, clock: Clock): Settlement {
  const dueAt = clock.after(backoffMs(message.id, message.attempt));
  return settlement(message, told, { state: 'queued', outcome: 'rejected', reason: 'rejected_sender', dueAt, effect: 'stop_sender' }); // prettier-ignore
}

/**
 * What becomes of a message that our account was refused for now, and `before` times already: at the third time it is
 * at fault itself and fails, or it would stop the sender for ever.
 */
export function refusedAgain(refused: Settlement, kind: MessageKind, before: number, now: Date): Settlement {
  if (before + 1 < SENDER_REFUSALS) return refused;
  return {
    ...refused,
    state: 'failed',
    dueAt: null,
    effect: null,
    followUpAt: kind === 'invite' ? now : null,
  };
}
