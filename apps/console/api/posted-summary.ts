import { REJECT_REASONS } from '#intake/read/visit-record';
import type { PostedSummary } from '#intake/visit-intake';

/** The answer names this many rejected records; the counts name all. */
const MOST_REJECTS = 1000;

export const NOTHING_POSTED: PostedSummary = {
  read: 0,
  accepted: 0,
  duplicates: 0,
  rejected: 0,
  visits: 0,
  reasons: Object.fromEntries(REJECT_REASONS.map((reason) => [reason, 0])) as PostedSummary['reasons'],
  rejects: [],
};

/** The sum of what came before and of the list that came next, whose indexes go on from there. */
export function added(before: PostedSummary, next: PostedSummary): PostedSummary {
  const rejects = next.rejects.map((reject) => ({ ...reject, index: reject.index + before.read }));
  const reasons = REJECT_REASONS.map((reason) => [reason, before.reasons[reason] + next.reasons[reason]]);
  return {
    read: before.read + next.read,
    accepted: before.accepted + next.accepted,
    duplicates: before.duplicates + next.duplicates,
    rejected: before.rejected + next.rejected,
    visits: before.visits + next.visits,
    reasons: Object.fromEntries(reasons) as PostedSummary['reasons'],
    rejects: [...before.rejects, ...rejects].slice(0, MOST_REJECTS),
  };
}
