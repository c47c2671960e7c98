import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { WithFlagged } from './flag.sql.js';
import { withFlagged } from './flagged-report.js';
import { grouped } from './grouping.js';
import { messageSpent, type Spent } from './message.sql.js';
import { visitPathCount, type PathCount } from './path.sql.js';
import type { By, ReportQuestion } from './question.js';

export interface Spending {
  /** Messages a carrier accepted, also those it could not deliver later: they are paid for. */
  readonly messages: number;
  /** SMS parts as the carrier counted them, or as we did when it does not say. */
  readonly parts: number;
  /** Messages whose parts nobody counted. */
  readonly uncounted: number;
}

export interface CostGroup {
  readonly by: By;
  readonly invited: number;
  /** Complete and partial answers. */
  readonly answered: number;
  readonly sms: Spending;
  readonly viber: Spending;
  /** SMS parts by kind of message: what reminders and conversations add. */
  readonly partsByKind: Readonly<Record<string, number>>;
  /** Null while nobody answered. */
  readonly partsPerAnswer: number | null;
}

export interface CostReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly groups: readonly CostGroup[];
}

/**
 * What asking took, in messages and SMS parts: prices differ by contract and are not known here. Messages count with
 * the visit they are about, on the day it finished, whenever they went out.
 */
export async function reportCost(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<WithFlagged<CostReport>> {
  return withFlagged(db, question, async (view) =>
    costReport(question, await visitPathCount(view, question, now), await messageSpent(view, question, now)),
  );
}

function costReport(
  question: ReportQuestion,
  paths: readonly PathCount[],
  spent: readonly Spent[],
): CostReport {
  const rows = [
    ...paths.map((path) => ({ by: path.by, path })),
    ...spent.map((one) => ({ by: one.by, spent: one })),
  ];
  const groups = grouped(question.by, rows).map(({ by, rows: own }) =>
    costGroup(
      by,
      own.flatMap((row) => ('path' in row ? [row.path] : [])),
      own.flatMap((row) => ('spent' in row ? [row.spent] : [])),
    ),
  );
  return { from: question.from, to: question.to, groups };
}

function costGroup(by: By, paths: readonly PathCount[], spent: readonly Spent[]): CostGroup {
  const invited = paths.filter((path) => path.decision === 'invited');
  const answered = sum(invited.filter((path) => ['I', 'P'].includes(path.letter)).map((path) => path.visits)); // prettier-ignore
  const sms = spendingOf(spent.filter((one) => one.channel === 'sms'));
  const partsByKind: Record<string, number> = {};
  for (const { channel, kind, parts } of spent) {
    if (channel === 'sms') partsByKind[kind] = (partsByKind[kind] ?? 0) + parts;
  }
  return {
    by,
    invited: sum(invited.map((path) => path.visits)),
    answered,
    sms,
    viber: spendingOf(spent.filter((one) => one.channel === 'viber')),
    partsByKind,
    partsPerAnswer: answered === 0 ? null : sms.parts / answered,
  };
}

function spendingOf(spent: readonly Spent[]): Spending {
  return {
    messages: sum(spent.map((one) => one.messages)),
    parts: sum(spent.map((one) => one.parts)),
    uncounted: sum(spent.map((one) => one.uncounted)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
