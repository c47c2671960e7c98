import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { WithFlagged } from './flag.sql.js';
import { withFlagged } from './flagged-report.js';
import { grouped } from './grouping.js';
import { visitPathCount, type PathCount } from './path.sql.js';
import type { By, ReportQuestion } from './question.js';

/** In order. A visit that reached a step reached those before it, also where a receipt for one of them got lost. */
export const STEPS = [
  'visits',
  'eligible',
  'invited',
  'sent',
  'delivered',
  'opened',
  'started',
  'completed',
] as const;
export type Step = (typeof STEPS)[number];

export interface FunnelGroup {
  readonly by: By;
  readonly steps: Readonly<Record<Step, number>>;
}

export interface FunnelReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly groups: readonly FunnelGroup[];
}

/** Reasons that say the visit could not be asked at all; the others say that it was not chosen or did not fit. */
const NOT_ELIGIBLE = new Set([
  'outcome_excluded',
  'no_phone',
  'bad_phone',
  'not_mobile',
  'country_not_allowed',
  'no_consent',
  'no_campaign',
  'too_old',
  'opted_out',
]);

/**
 * How far visits came. `eligible`: could have been asked, whether chosen or not. `sent`: a carrier accepted a
 * message. `delivered`: a receipt says so, or the person did something with it. `opened`: the survey page said so
 * by itself, or an answer came; a fetched link is no sign. `started`: one answer. `completed`: nothing left to ask.
 */
export async function reportFunnel(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<WithFlagged<FunnelReport>> {
  return withFlagged(db, question, async (view) =>
    funnelReport(question, await visitPathCount(view, question, now)),
  );
}

export function funnelReport(question: ReportQuestion, paths: readonly PathCount[]): FunnelReport {
  const groups = grouped(question.by, paths).map(({ by, rows }) => ({ by, steps: stepsOf(rows) }));
  return { from: question.from, to: question.to, groups };
}

function stepsOf(rows: readonly PathCount[]): Record<Step, number> {
  const steps = Object.fromEntries(STEPS.map((step) => [step, 0])) as Record<Step, number>;
  for (const row of rows) {
    const furthest = STEPS.indexOf(furthestStep(row));
    for (const step of STEPS.slice(0, furthest + 1)) steps[step] += row.visits;
  }
  return steps;
}

function furthestStep({ decision, reason, facts }: PathCount): Step {
  if (decision === null) return 'visits';
  if (decision !== 'invited') return NOT_ELIGIBLE.has(reason ?? '') ? 'visits' : 'eligible';
  if (facts.completed) return 'completed';
  if (facts.started) return 'started';
  if (facts.opened) return 'opened';
  if (facts.delivered || facts.seen) return 'delivered';
  return facts.sent ? 'sent' : 'invited';
}
