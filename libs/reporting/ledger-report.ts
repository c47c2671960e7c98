import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { WithFlagged } from './flag.sql.js';
import { withFlagged } from './flagged-report.js';
import { grouped } from './grouping.js';
import { visitPathCount, type PathCount } from './path.sql.js';
import type { By, ReportQuestion } from './question.js';

export interface Decisions {
  readonly invited: number;
  readonly control: number;
  readonly not_invited: number;
}

export interface LedgerGroup {
  readonly by: By;
  readonly visits: number;
  readonly decisions: Decisions;
  /** Of the visits not invited, by reason; only reasons that occur. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Arrived, not decided yet; zero once planning has caught up. */
  readonly pending: number;
}

export interface LedgerReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly groups: readonly LedgerGroup[];
}

/**
 * The decision ledger. In every group visits = invited + control + not_invited + pending, and the reasons add up to
 * not_invited.
 */
export async function reportLedger(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<WithFlagged<LedgerReport>> {
  return withFlagged(db, question, async (view) =>
    ledgerReport(question, await visitPathCount(view, question, now)),
  );
}

export function ledgerReport(question: ReportQuestion, paths: readonly PathCount[]): LedgerReport {
  const groups = grouped(question.by, paths).map(({ by, rows }) => ({ by, ...ledger(rows) }));
  return { from: question.from, to: question.to, groups };
}

/** The ledger of one group of paths. */
export function ledger(rows: readonly PathCount[]): Omit<LedgerGroup, 'by'> {
  const decisions = { invited: 0, control: 0, not_invited: 0 };
  const reasons: Record<string, number> = {};
  let visits = 0;
  let pending = 0;
  for (const row of rows) {
    visits += row.visits;
    if (row.decision === null) pending += row.visits;
    else decisions[row.decision] += row.visits;
    if (row.reason !== null) reasons[row.reason] = (reasons[row.reason] ?? 0) + row.visits;
  }
  const ordered = Object.entries(reasons).sort(([a], [b]) => ledgerOrder(a) - ledgerOrder(b));
  return { visits, decisions, reasons: Object.fromEntries(ordered), pending };
}

/** Reasons in the order in which they apply; the first that applies to a visit is its reason. */
export const REASONS = [
  'outcome_excluded',
  'no_phone',
  'bad_phone',
  'not_mobile',
  'country_not_allowed',
  'no_consent',
  'no_campaign',
  'too_old',
  'opted_out',
  'not_sampled',
  'frequency_cap',
  'quota_full',
  'budget_exhausted',
  'window_missed',
] as const;

function ledgerOrder(reason: string): number {
  return (REASONS as readonly string[]).indexOf(reason);
}
