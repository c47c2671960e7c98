import { addDuration } from '#kernel/zone';
import type { CampaignRules } from './definitions.js';
import type { MessageKind } from './message-kinds.js';
import type { MessageState } from './transitions.js';

export type ChannelName = 'sms' | 'viber';

/** What dispatch looks at when a message's follow-up is due. */
export interface FollowUpCase {
  readonly kind: MessageKind;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly channel: ChannelName;
  readonly acceptedAt: Date | null;
  /** The invitation's channels that no invite went to yet and that could be used in time, in order. */
  readonly untried: readonly ChannelName[];
  /** Another invite of the invitation waits, is on its way or arrived. */
  readonly otherInvite: boolean;
  /** Another invite of the invitation failed. */
  readonly failedBefore: boolean;
  /** A later invite or reminder does: what follows is counted from that one. */
  readonly newer: boolean;
  /** Reminders of the invitation that were not cancelled. */
  readonly reminders: number;
  readonly facts: {
    /** Answered, refused, cancelled, or known to be someone else. */
    readonly over: boolean;
    readonly cancelled: boolean;
    readonly started: boolean;
    /** Delivered, seen or opened. */
    readonly reached: boolean;
    readonly expiresAt: Date;
  };
}

export type FollowUp =
  | { readonly do: 'nothing' }
  | { readonly do: 'wait'; readonly until: Date }
  | { readonly do: 'fallback'; readonly channel: ChannelName }
  | { readonly do: 'remind'; readonly ordinal: number }
  /** Another invite stands: what follows is counted from that one. */
  | { readonly do: 'revisit' }
  /** No channel is left: the invitation reached nobody. */
  | { readonly do: 'undelivered' }
  /** Its only invite was cancelled before anything was tried. */
  | { readonly do: 'cancel'; readonly reason: string };

const NOTHING: FollowUp = { do: 'nothing' };
const REVISIT: FollowUp = { do: 'revisit' };

/**
 * What follows an invite or reminder now. This is the only owner of fallback: neither the settling of a rejection
 * nor a carrier's receipt sends anything on another channel itself, so one person never gets both for one cause.
 */
export function followUpOf(look: FollowUpCase, rules: CampaignRules, zone: string, now: Date): FollowUp {
  if (look.state === 'cancelled') return afterCancelling(look);
  if (look.facts.over || look.facts.expiresAt <= now) return NOTHING;
  if (look.state === 'failed') return afterFailure(look);
  if (look.state !== 'accepted' && look.state !== 'delivered') return NOTHING;
  const acceptedAt = look.acceptedAt ?? now;
  const reached = look.facts.reached || look.facts.started || look.state === 'delivered';
  const [next] = look.untried;
  if (look.kind === 'invite' && !reached && next && !look.otherInvite && rules.fallbackAfter) {
    const due = addDuration(acceptedAt, rules.fallbackAfter, zone);
    return due <= now ? { do: 'fallback', channel: next } : { do: 'wait', until: due };
  }
  return reminderAfter(look, rules, zone, acceptedAt, now);
}

/**
 * A fallback that was not needed in the end hands back to the invite it was for. Where another channel had been tried and
 * failed, nobody was reached; otherwise nothing ever happened.
 */
function afterCancelling(look: FollowUpCase): FollowUp {
  if (look.facts.cancelled) return NOTHING;
  if (look.otherInvite) return look.facts.over ? NOTHING : REVISIT;
  return look.failedBefore ? { do: 'undelivered' } : { do: 'cancel', reason: look.reason ?? 'expired' };
}

function afterFailure(look: FollowUpCase): FollowUp {
  if (look.kind !== 'invite') return NOTHING;
  if (look.otherInvite) return REVISIT;
  // A person who blocked us on one channel said no; writing on the other would be rude.
  if (look.reason === 'opted_out') return NOTHING;
  const [next] = look.untried;
  return next ? { do: 'fallback', channel: next } : { do: 'undelivered' };
}

function reminderAfter(
  look: FollowUpCase,
  rules: CampaignRules,
  zone: string,
  acceptedAt: Date,
  now: Date,
): FollowUp {
  const { reminder } = rules;
  if (!reminder || look.newer || look.facts.started || look.reminders >= reminder.max) return NOTHING;
  const due = addDuration(acceptedAt, reminder.after, zone);
  if (due >= look.facts.expiresAt) return NOTHING;
  return due <= now ? { do: 'remind', ordinal: look.reminders + 1 } : { do: 'wait', until: due };
}

/**
 * When to look first at a message just accepted; null when nothing can follow it. Days have 24 hours here, the look
 * itself counts them on the centre's calendar and waits on if it came early.
 */
export function firstLook(
  message: { kind: MessageKind; channel: string; channels: readonly string[] | null },
  rules: CampaignRules | undefined,
  now: Date,
): Date | null {
  if (!rules || (message.kind !== 'invite' && message.kind !== 'reminder')) return null;
  const last = message.channels?.at(-1) === message.channel;
  if (message.kind === 'invite' && !last && rules.fallbackAfter) return after(now, rules.fallbackAfter);
  return rules.reminder && rules.reminder.max > 0 ? after(now, rules.reminder.after) : null;
}

// Asked for every message sent, of a handful of durations; calendars are slow. Measured from a short month, so that
// a look never comes late.
const FEBRUARY = new Date('2026-02-01T00:00:00Z');
const lengths = new Map<string, number>();

function after(now: Date, duration: string): Date {
  let ms = lengths.get(duration);
  if (ms === undefined) {
    ms = addDuration(FEBRUARY, duration, 'UTC').getTime() - FEBRUARY.getTime();
    lengths.set(duration, ms);
  }
  return new Date(now.getTime() + ms);
}
