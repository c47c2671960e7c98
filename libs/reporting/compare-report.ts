import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { Survey } from '#surveys/survey';
import { askedGroups, columnsToCount, surveysByIds } from './answer.sql.js';
import { comparedDays, unitAnswers, type AskedOf, type Unit } from './compare.sql.js';
import { compareUnits, type Comparison, type UnitService } from './comparison.js';
import type { Lasting, Named } from './disclosed-choices.js';
import { Disclosure, disclosedBy } from './disclosure.js';
import { SATISFIED } from './measure.js';
import { metricOf, type Metric } from './metric.js';
import { visitPathCount } from './path.sql.js';
import type { ReportQuestion } from './question.js';
import { wholeYears } from './reporting-period.js';

/** One measure compared over the units that may be shown. */
export interface ComparedMeasure {
  /** `RR2`, or the definition of a score. */
  readonly definition: string;
  /** Of a score: survey, question and scale; null for the response rate. */
  readonly metric: string | null;
  readonly question: string | null;
  /** Units with too few answers to be shown; they are in none of the figures. */
  readonly hidden: number;
  /** Null when no unit may be shown. */
  readonly comparison: Comparison | null;
}

export interface CompareReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly unit: Unit;
  readonly measures: readonly ComparedMeasure[];
}

// Fewer cases say more about chance, and about single people, than about a centre.
const FEWEST_CASES = 10;

/**
 * Centres, or employees, compared inside their service mix: response rates of centres, and the satisfied share of each
 * question on the scale of five. `question.by` is not used. A score that the scores report hides is hidden here, and
 * hidden units take no part, so that nothing about them follows from the others.
 */
export async function reportCompare(
  db: Queryable,
  question: ReportQuestion,
  unit: Unit,
  now: Date,
): Promise<CompareReport> {
  const rates = unit === 'centre' ? [await comparedRates(db, question, now)] : [];
  const scores: ComparedMeasure[] = [];
  const by: Named[] = unit === 'centre' ? ['centre'] : ['centre', 'employee'];
  const columns = await columnsToCount(db, wholeYears(question), disclosedBy({ ...question, by }), now);
  for (const [metric, surveyIds] of await metricsAsked(db, question, now)) {
    const asked = { unit, surveyIds, question: metric.question };
    scores.push(await comparedScore(db, question, metric, asked, { by, columns }));
  }
  return { from: question.from, to: question.to, unit, measures: [...rates, ...scores] };
}

/** RR2 by centre. Counts of cases are operational: only their number decides whether a rate is shown. */
async function comparedRates(db: Queryable, question: ReportQuestion, now: Date): Promise<ComparedMeasure> {
  const paths = await visitPathCount(db, { ...question, by: ['centre', 'service'] }, now);
  const rows = paths.flatMap((path): UnitService[] => {
    const { letter } = path;
    if (path.decision !== 'invited' || letter === 'NE') return [];
    const hits = letter === 'I' || letter === 'P' ? path.visits : 0;
    return [{ unit: path.by[0] ?? '', service: path.by[1] ?? null, n: path.visits, hits }];
  });
  const cases = new Map<string, number>();
  for (const { unit, n } of rows) cases.set(unit, (cases.get(unit) ?? 0) + n);
  const shown = rows.filter(({ unit }) => (cases.get(unit) ?? 0) >= FEWEST_CASES);
  const hidden = [...cases.values()].filter((n) => n < FEWEST_CASES).length;
  return { definition: 'RR2', metric: null, question: null, hidden, comparison: compareUnits(shown) };
}

/** The questions on the scale of five that were asked, each with the revisions of surveys that share its measure. */
async function metricsAsked(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<Map<Metric, string[]>> {
  const ids = (await askedGroups(db, { ...question, by: [] }, now)).map(({ surveyId }) => surveyId);
  const metrics = new Map<string, [Metric, string[]]>();
  for (const { id, content } of await surveysByIds(db, ids)) {
    const survey = content as Survey;
    for (const asked of survey.questions) {
      const metric = metricOf(survey, asked);
      if (metric.type !== 'scale' || metric.values.join() !== SATISFIED.values.join()) continue;
      const known = metrics.get(metric.id) ?? [metric, []];
      known[1].push(id);
      metrics.set(metric.id, known);
    }
  }
  return new Map(metrics.values());
}

async function comparedScore(
  db: Queryable,
  question: ReportQuestion,
  metric: Metric,
  asked: AskedOf,
  { by, columns }: { readonly by: readonly Named[]; readonly columns: readonly Lasting[] },
): Promise<ComparedMeasure> {
  const [rows, days] = await Promise.all([
    unitAnswers(db, question, asked, SATISFIED.hits),
    comparedDays(db, wholeYears(question), columns, asked),
  ]);
  const shown = new Disclosure(columns, days, question).shown({ ...question, by });
  const units = new Set(rows.map((row) => JSON.stringify(row.by)));
  const kept = rows
    .filter((row) => shown.has(JSON.stringify(row.by)))
    .map(({ by: names, ...row }) => ({ unit: names.join(' · '), ...row }));
  return {
    definition: SATISFIED.id,
    metric: metric.id,
    question: metric.question,
    hidden: [...units].filter((unit) => !shown.has(unit)).length,
    comparison: compareUnits(kept),
  };
}
