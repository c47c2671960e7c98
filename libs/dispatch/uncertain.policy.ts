import type { SendOutcome } from '#channels/channel';
import { unreachable } from '#kernel/errors';

/** Real time after which a campaign that wants it so sends again what the carrier says it does not know. */
export const BELIEVED_AFTER_MS = 120_000;
/** Real time between two looks. */
export const NEXT_LOOK_MS = 60_000;
/** Real time after which a message of which nothing was learned is given up, or sent again if its campaign says so. */
export const ABANDONED_AFTER_MS = 3_600_000;

export type Finding =
  | { readonly to: 'accepted'; readonly externalId: string; readonly parts: number | null }
  | { readonly to: 'failed'; readonly reason: string; readonly vendorCode: string | null }
  | { readonly to: 'queued'; readonly by: 'lookup' | 'policy' }
  | { readonly to: 'abandoned' }
  | { readonly to: 'uncertain' };

/**
 * What becomes of an uncertain message. `answer`: what the carrier said when asked, undefined where one cannot ask.
 * Never sent again on a guess. That a carrier does not list a message is weak evidence (Twilio lists a queued one late),
 * so it is sent again only where the campaign says `onUncertain: resend`.
 */
export function findingOf(
  answer: SendOutcome | 'not_found' | undefined,
  sinceMs: number,
  onUncertain: 'abandon' | 'resend' | undefined,
): Finding {
  if (answer !== undefined && answer !== 'not_found') {
    switch (answer.outcome) {
      case 'accepted':
        return { to: 'accepted', externalId: answer.externalId, parts: answer.parts ?? null };
      case 'deferred':
        return { to: 'queued', by: 'lookup' };
      case 'rejected':
        return { to: 'failed', reason: `rejected_${answer.scope}`, vendorCode: answer.vendorCode ?? null };
      case 'blocked':
        return { to: 'failed', reason: answer.why, vendorCode: answer.vendorCode ?? null };
      case 'uncertain':
        break;
      default:
        return unreachable(answer);
    }
  }
  const unknownThere = answer === 'not_found' && sinceMs >= BELIEVED_AFTER_MS;
  if (unknownThere && onUncertain === 'resend') return { to: 'queued', by: 'lookup' };
  if (sinceMs < ABANDONED_AFTER_MS) return { to: 'uncertain' };
  return onUncertain === 'resend' ? { to: 'queued', by: 'policy' } : { to: 'abandoned' };
}
