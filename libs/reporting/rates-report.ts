import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import { noCounts, type Counts } from './disposition.js';
import type { WithFlagged } from './flag.sql.js';
import { withFlagged } from './flagged-report.js';
import { grouped } from './grouping.js';
import { wilson } from './intervals.js';
import { ledger } from './ledger-report.js';
import { visitPathCount, type PathCount } from './path.sql.js';
import { eligible, eligibleShare, rates, unknown, type Rates } from './rates.js';
import type { By, ReportQuestion } from './question.js';

export interface Coverage {
  readonly visits: number;
  readonly invited: number;
  readonly control: number;
  readonly not_invited: number;
  readonly pending: number;
  /** Of the invited, those whose link can still be answered: while any are, the rates are provisional. */
  readonly open: number;
}

export interface RatesGroup {
  readonly by: By;
  readonly counts: Counts;
  /** Share of the unknown cases taken as eligible: E/(E+NE). */
  readonly e: number | null;
  readonly rates: Rates;
  /** Wilson, over the E+U cases RR2 is a share of. */
  readonly interval: { rate: 'RR2'; level: 0.95; low: number | null; high: number | null };
  readonly coverage: Coverage;
}

export interface RatesReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly groups: readonly RatesGroup[];
}

/**
 * Outcome rates of the invited visits. Each invited visit has one disposition, so in every group
 * invited = I+P+R+NC+O + UH+UO + NE. Visits that were not invited are coverage, never non-response.
 */
export async function reportRates(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<WithFlagged<RatesReport>> {
  return withFlagged(db, question, async (view) =>
    ratesReport(question, await visitPathCount(view, question, now)),
  );
}

export function ratesReport(question: ReportQuestion, paths: readonly PathCount[]): RatesReport {
  const groups = grouped(question.by, paths).map(({ by, rows }) => ratesGroup(by, rows));
  return { from: question.from, to: question.to, groups };
}

function ratesGroup(by: By, rows: readonly PathCount[]): RatesGroup {
  const counts = noCounts();
  let open = 0;
  for (const row of rows) {
    if (row.decision !== 'invited') continue;
    counts[row.letter] += row.visits;
    if (row.open) open += row.visits;
  }
  const { visits, decisions, pending } = ledger(rows);
  const interval = wilson(counts.I + counts.P, eligible(counts) + unknown(counts));
  return {
    by,
    counts,
    e: eligibleShare(counts),
    rates: rates(counts),
    interval: { rate: 'RR2', level: 0.95, low: interval?.low ?? null, high: interval?.high ?? null },
    coverage: { visits, ...decisions, pending, open },
  };
}
