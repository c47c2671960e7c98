import { addDays, type CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import { isoWeek, weekDays } from './disclosure.js';
import { watchForDrop, type Watch, type Week } from './drop-detection.js';
import { SATISFIED } from './measure.js';
import { visitPathCount, type PathCount } from './path.sql.js';
import type { ReportQuestion } from './question.js';
import { mondayOf } from './reporting-period.js';
import { reportScores } from './scores-report.js';

/** One weekly series: one definition, one measure. */
export interface Trend {
  /** `RR2`, or the definition of a score. */
  readonly definition: string;
  readonly metric: string | null;
  readonly question: string | null;
  readonly weeks: readonly {
    readonly week: string;
    readonly n: number | null;
    readonly hits: number | null;
  }[];
  /** Null when too little is known to look for a drop. */
  readonly watch: Watch | null;
}

export interface TrendReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly trends: readonly Trend[];
}

/**
 * Response rate and satisfied shares by ISO week, each watched for a drop. Weeks that are hidden (fewer than ten
 * answers) or cut by the ends of the period take no part in the watch, nor do weeks whose links can still be answered.
 */
export async function reportTrend(db: Queryable, question: ReportQuestion, now: Date): Promise<TrendReport> {
  const weekly = { ...question, by: ['week'] as const };
  const [paths, scores] = await Promise.all([visitPathCount(db, weekly, now), reportScores(db, weekly, now)]);
  const weeks = weeksOf(question);
  const rates = trendOf('RR2', null, null, weeks, ratesByWeek(paths), question);
  const series = new Map<string, { metric: string; question: string; weeks: Map<string, Counts> }>();
  for (const { by, scores: entries } of scores.groups) {
    for (const { metric, question: key, satisfied, n, type } of entries) {
      if (type !== 'scale') continue;
      const known = series.get(metric) ?? { metric, question: key, weeks: new Map<string, Counts>() };
      if (satisfied && n !== null) known.weeks.set(by.week ?? '', { n, hits: satisfied.count, open: 0 });
      series.set(metric, known);
    }
  }
  const measured = [...series.values()].map((one) =>
    trendOf(SATISFIED.id, one.metric, one.question, weeks, one.weeks, question),
  );
  return { from: question.from, to: question.to, trends: [rates, ...measured] };
}

interface Counts {
  n: number;
  hits: number;
  open: number;
}

function trendOf(
  definition: string,
  metric: string | null,
  key: string | null,
  weeks: readonly string[],
  counts: ReadonlyMap<string, Counts>,
  { from, to }: ReportQuestion,
): Trend {
  const whole = weeks.filter((week) => {
    const own = counts.get(week);
    const { from: monday, to: sunday } = weekDays(week);
    return own !== undefined && own.open === 0 && monday >= from && sunday <= to;
  });
  const watched = whole.map((week): Week => ({
    week,
    n: counts.get(week)?.n ?? 0,
    hits: counts.get(week)?.hits ?? 0,
  }));
  return {
    definition,
    metric,
    question: key,
    weeks: weeks.map((week) => ({
      week,
      n: counts.get(week)?.n ?? null,
      hits: counts.get(week)?.hits ?? null,
    })),
    watch: watchForDrop(watched),
  };
}

function ratesByWeek(paths: readonly PathCount[]): Map<string, Counts> {
  const weeks = new Map<string, Counts>();
  for (const path of paths) {
    const { letter } = path;
    if (path.decision !== 'invited' || letter === 'NE') continue;
    const answered = letter === 'I' || letter === 'P';
    const week = weeks.get(path.by[0] ?? '') ?? { n: 0, hits: 0, open: 0 };
    week.n += path.visits;
    if (answered) week.hits += path.visits;
    else if (path.open) week.open += path.visits;
    weeks.set(path.by[0] ?? '', week);
  }
  return weeks;
}

/** Every week of the period, also those without visits. */
function weeksOf({ from, to }: ReportQuestion): string[] {
  const weeks: string[] = [];
  for (let day = mondayOf(from); day <= to; day = addDays(day, 7)) weeks.push(isoWeek(day));
  return weeks;
}
