import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import { answerCount, answeredDays, askedGroups, columnsToCount, surveysByIds } from './answer.sql.js';
import { FEWEST_ANSWERS } from './disclosure-table.js';
import { Disclosure, disclosedBy } from './disclosure.js';
import type { WithFlagged } from './flag.sql.js';
import { withFlagged } from './flagged-report.js';
import { grouped } from './grouping.js';
import { scoreOf, type Metric, type Score } from './metric.js';
import type { By, ReportQuestion } from './question.js';
import { wholeYears } from './reporting-period.js';
import { ScoreTables, type GroupTally } from './score-tables.js';

/**
 * One question in one group. Hidden figures are null: too few answers, others could be worked out from them, or the
 * period cuts through days with too few.
 */
export interface ScoreEntry {
  readonly survey: string;
  readonly question: string;
  readonly type: Metric['type'];
  /** Names the exact measure; figures of two metrics are not comparable. */
  readonly metric: string;
  readonly hidden: boolean;
  readonly n: number | null;
  readonly satisfied: Score['satisfied'];
  readonly mean: Score['mean'];
  readonly nps: Score['nps'];
  readonly shares: Score['shares'] | null;
}

export interface ScoresGroup {
  readonly by: By;
  readonly scores: readonly ScoreEntry[];
}

export interface ScoresReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  /** Scores of fewer answers are hidden, and as many others as keep them from being worked out. */
  readonly fewest: number;
  readonly groups: readonly ScoresGroup[];
}

/**
 * Scores of each question by group: answers given in time, whoever gave them, complete or not. A group is there when
 * it has invited visits, so a hidden score does not tell whether it rests on nine answers or on none. Throws
 * AppError `report_too_fine` when so many groups are small that hiding cannot be checked.
 */
export async function reportScores(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<WithFlagged<ScoresReport>> {
  return withFlagged(db, question, (view) => scoresReport(view, question, now));
}

async function scoresReport(view: Queryable, question: ReportQuestion, now: Date): Promise<ScoresReport> {
  const counts = await answerCount(view, question, now);
  const asked = await askedGroups(view, question, now);
  const years = wholeYears(question);
  const columns = await columnsToCount(view, years, disclosedBy(question), now);
  const days = await answeredDays(view, years, columns, now);
  const ids = new Set([...asked, ...counts, ...days].map((row) => row.surveyId));
  const tables = new ScoreTables(await surveysByIds(view, [...ids]));
  for (const { by, surveyId } of asked) tables.expect(surveyId, by);
  for (const row of counts) tables.count(row);
  for (const row of days) tables.countDay(row);
  const entries = tables.all.flatMap(({ metric, rows, days: own }) => {
    const shown = new Disclosure(columns, own, question).shown(question);
    return rows.map((row) => ({ by: row.by, entry: entryOf(metric, row, shown) }));
  });
  const groups = grouped(question.by, entries).map(({ by, rows }) => ({
    by,
    scores: rows.map((row) => row.entry),
  }));
  return { from: question.from, to: question.to, fewest: FEWEST_ANSWERS, groups };
}

function entryOf(metric: Metric, { by, n, tally }: GroupTally, shown: ReadonlySet<string>): ScoreEntry {
  const score = shown.has(JSON.stringify(by)) ? scoreOf(metric, n, tally) : undefined;
  const { survey, question, type, id } = metric;
  return {
    survey, question, type, metric: id, hidden: score === undefined, n: score?.n ?? null,
    satisfied: score?.satisfied ?? null, mean: score?.mean ?? null, nps: score?.nps ?? null,
    shares: score?.shares ?? null,
  }; // prettier-ignore
}
