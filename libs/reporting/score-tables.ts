import type { Survey } from '#surveys/survey';
import type { AnswerCount, AnsweredDay, StoredSurvey } from './answer.sql.js';
import type { DayCount } from './group-days.js';
import { metricOf, type Metric } from './metric.js';

/** The answers to one question in one group. */
export interface GroupTally {
  readonly by: (string | null)[];
  /** People who answered. */
  n: number;
  readonly tally: Map<string, number>;
}

interface Table {
  readonly metric: Metric;
  readonly groups: Map<string, GroupTally>;
  readonly days: DayCount[];
}

/** One table of groups for each metric; revisions of a survey that ask the same share theirs. */
export class ScoreTables {
  private readonly tables = new Map<string, Table>();
  /** Tables of each survey revision by question. */
  private readonly bySurvey = new Map<string, Map<string, Table>>();

  constructor(surveys: readonly StoredSurvey[]) {
    for (const { id, content } of surveys) {
      const survey = content as Survey;
      const own = new Map(
        survey.questions.map((question) => [question.key, this.tableOf(metricOf(survey, question))]),
      );
      this.bySurvey.set(id, own);
    }
  }

  /** The group was sent this survey: it has a place in each of its tables, answered or not. */
  expect(surveyId: string, by: (string | null)[]): void {
    for (const table of this.bySurvey.get(surveyId)?.values() ?? []) groupOf(table, by);
  }

  count({ by, surveyId, question, value, answers }: AnswerCount): void {
    const table = this.bySurvey.get(surveyId)?.get(question);
    if (!table) return;
    const group = groupOf(table, by);
    group.n += answers;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      group.tally.set(String(one), (group.tally.get(String(one)) ?? 0) + answers);
    }
  }

  countDay(row: AnsweredDay): void {
    this.bySurvey.get(row.surveyId)?.get(row.question)?.days.push(row);
  }

  get all(): { metric: Metric; rows: GroupTally[]; days: readonly DayCount[] }[] {
    return [...this.tables.values()].map(({ metric, groups, days }) => ({
      metric,
      rows: [...groups.values()],
      days,
    }));
  }

  private tableOf(metric: Metric): Table {
    const known = this.tables.get(metric.id) ?? { metric, groups: new Map<string, GroupTally>(), days: [] };
    this.tables.set(metric.id, known);
    return known;
  }
}

function groupOf({ groups }: Table, by: (string | null)[]): GroupTally {
  const key = JSON.stringify(by);
  const known = groups.get(key) ?? { by, n: 0, tally: new Map<string, number>() };
  groups.set(key, known);
  return known;
}
