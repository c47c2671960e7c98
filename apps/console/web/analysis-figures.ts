import { reportCompare, type CompareReport } from '#reporting/compare-report';
import { reportExperiments, type ExperimentReport } from '#reporting/experiment-report';
import { flaggedVisits, type Flagged } from '#reporting/flag.sql';
import { funnelReport, STEPS, type Step } from '#reporting/funnel-report';
import { wilson, type Interval } from '#reporting/intervals';
import { visitPathCount } from '#reporting/path.sql';
import { ratesReport, type RatesGroup } from '#reporting/rates-report';
import { reportScores, type ScoresGroup } from '#reporting/scores-report';
import { reportTrend, type TrendReport } from '#reporting/trend-report';
import type { Queryable } from '#store/database';
import type { Survey, Texts } from '#surveys/survey';
import type { AnalysisAsked } from './analysis-question.js';
import { newestSurveys, offeredFilters, type Offered } from './analysis.sql.js';

/** A step of the path with its share of the invited. */
export interface FunnelStep {
  readonly step: Step;
  readonly count: number;
  /** Null before "invited", and while nobody is. */
  readonly share: number | null;
  readonly interval: Interval | null;
}

/** Everything the analysis page shows. */
export interface AnalysisFigures {
  readonly whole: RatesGroup;
  readonly steps: readonly FunnelStep[];
  readonly rates: readonly RatesGroup[];
  readonly scores: ScoresGroup | null;
  readonly scoresBy: readonly ScoresGroup[];
  readonly trend: TrendReport;
  readonly compare: CompareReport;
  readonly experiments: ExperimentReport;
  /** Of the visits of the question, also those it leaves out. */
  readonly flagged: Flagged;
  readonly offered: Offered;
  /** Question texts by `survey/question`. */
  readonly texts: ReadonlyMap<string, Texts>;
}

/** `centres`: those the person sees; the question is narrowed to them already. `now`: civil time. */
export async function analysisFigures(
  db: Queryable,
  { question, group }: AnalysisAsked,
  centres: readonly string[] | null,
  now: Date,
): Promise<AnalysisFigures> {
  const by = { ...question, by: [group] };
  const [paths, scores, scoresBy, trend, compare, experiments, flagged, offered, surveys] = await Promise.all(
    [
      visitPathCount(db, by, now),
      reportScores(db, question, now),
      reportScores(db, by, now),
      reportTrend(db, question, now),
      reportCompare(db, question, 'centre', now),
      reportExperiments(db, question, now),
      flaggedVisits(db, question),
      offeredFilters(db, question, centres),
      newestSurveys(db),
    ],
  );
  const all = paths.map((row) => ({ ...row, by: [] }));
  const [whole] = ratesReport(question, all).groups;
  const [funnel] = funnelReport(question, all).groups;
  if (!whole || !funnel) throw new Error('a report without grouping has one group');
  return {
    whole,
    steps: stepsOf(funnel.steps),
    rates: ratesReport(by, paths).groups.filter(({ coverage }) => coverage.invited > 0),
    scores: scores.groups[0] ?? null,
    scoresBy: scoresBy.groups,
    trend, compare, experiments, flagged, offered,
    texts: textsOf(surveys),
  }; // prettier-ignore
}

function stepsOf(steps: Readonly<Record<Step, number>>): FunnelStep[] {
  const first = STEPS.indexOf('invited');
  return STEPS.map((step, place) => {
    const later = place > first && steps.invited > 0;
    return {
      step,
      count: steps[step],
      share: later ? steps[step] / steps.invited : null,
      interval: later ? wilson(steps[step], steps.invited) : null,
    };
  });
}

/** Question texts of survey contents by `survey/question`. */
export function textsOf(contents: readonly unknown[]): Map<string, Texts> {
  return new Map(
    (contents as Survey[]).flatMap(({ key, questions }) =>
      questions.map((asked) => [`${key}/${asked.key}`, asked.text] as const),
    ),
  );
}
