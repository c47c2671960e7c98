import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import { answerCount, askedGroups, surveysByIds } from './answer.sql.js';
import { grouped } from './grouping.js';
import { scoreOf, type Metric, type Score } from './metric.js';
import type { By, ReportQuestion } from './question.js';
import { ScoreTables, type GroupTally } from './score-tables.js';
import { FEWEST_ANSWERS, shownCells } from './suppression.js';

/** One question in one group. Hidden figures are null: too few answers, or others could be worked out from them. */
export interface ScoreEntry {
  readonly survey: string;
  readonly question: string;
  readonly type: Metric['type'];
  /** Names the exact measure; figures of two metrics are not comparable. */
  readonly metric: string;
  readonly hidden: boolean;
  readonly n: number | null;
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
export async function reportScores(db: Queryable, question: ReportQuestion): Promise<ScoresReport> {
  const [counts, asked] = await Promise.all([answerCount(db, question), askedGroups(db, question)]);
  const ids = new Set([...asked, ...counts].map((row) => row.surveyId));
  const surveys = await surveysByIds(db, [...ids]);
  const tables = new ScoreTables(surveys);
  for (const { by, surveyId } of asked) tables.expect(surveyId, by);
  for (const row of counts) tables.count(row);
  const entries = tables.all.flatMap(({ metric, rows }) => entriesOf(metric, rows));
  const groups = grouped(question.by, entries).map(({ by, rows }) => ({
    by,
    scores: rows.map((row) => row.entry),
  }));
  return { from: question.from, to: question.to, fewest: FEWEST_ANSWERS, groups };
}

function entriesOf(
  metric: Metric,
  rows: readonly GroupTally[],
): { by: (string | null)[]; entry: ScoreEntry }[] {
  const shown = shownCells(rows);
  const { survey, question, type, id } = metric;
  return rows.map(({ by, n, tally }, place) => {
    const score = shown[place] ? scoreOf(metric, n, tally) : undefined;
    const entry: ScoreEntry = {
      survey, question, type, metric: id, hidden: score === undefined, n: score?.n ?? null,
      mean: score?.mean ?? null, nps: score?.nps ?? null, shares: score?.shares ?? null,
    }; // prettier-ignore
    return { by, entry };
  });
}
