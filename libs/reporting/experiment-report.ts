import type { CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import { difference, type Arm, type Difference } from './difference.js';
import { wilson, type Interval } from './intervals.js';
import { visitPathCount, type PathCount } from './path.sql.js';
import { returnedCount, type ReturnedCount } from './returned.sql.js';
import type { ReportQuestion } from './question.js';

export interface ExperimentArm extends Arm {
  /** Key of the invite text; `control` and `invited` where people who were not asked are compared. */
  readonly name: string;
  /** Cases that may still change. */
  readonly open: number;
  readonly share: number | null;
  readonly interval: Interval | null;
  /** Against the first arm; null for the first one and where there is nothing to compare. */
  readonly difference: Difference | null;
}

export interface Experiment {
  readonly campaign: string;
  /**
   * `RR2`: which text is answered more. `returned/30d`: share of visits after which the same person came again within
   * 30 days, of those invited and of those kept unasked: the one outcome that is known of both.
   */
  readonly outcome: 'RR2' | 'returned/30d';
  readonly arms: readonly ExperimentArm[];
}

export interface ExperimentReport {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly experiments: readonly Experiment[];
}

/**
 * Texts compared with each other, and those invited with the control group. Both were assigned by a keyed hash of the
 * person, so a difference is the text's, or the invitation's, doing. `question.by` is not used.
 */
export async function reportExperiments(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<ExperimentReport> {
  const [paths, returned] = await Promise.all([
    visitPathCount(db, { ...question, by: ['campaign', 'variant'] }, now),
    returnedCount(db, question, now),
  ]);
  const experiments = [...variantsCompared(paths), ...controlsCompared(returned)];
  experiments.sort((a, b) => (a.campaign < b.campaign ? -1 : a.campaign > b.campaign ? 1 : 0));
  return { from: question.from, to: question.to, experiments };
}

type Counted = Arm & { readonly name: string; readonly open: number };

function variantsCompared(paths: readonly PathCount[]): Experiment[] {
  const campaigns = new Map<string, Map<string, Counted>>();
  for (const path of paths) {
    const [campaign, variant] = path.by;
    const { letter } = path;
    if (path.decision !== 'invited' || letter === 'NE' || !campaign || !variant) continue;
    const arms = campaigns.get(campaign) ?? new Map<string, Counted>();
    const arm = arms.get(variant) ?? { name: variant, n: 0, hits: 0, open: 0 };
    const answered = letter === 'I' || letter === 'P';
    arms.set(variant, {
      ...arm,
      n: arm.n + path.visits,
      hits: arm.hits + (answered ? path.visits : 0),
      open: arm.open + (path.open && !answered ? path.visits : 0),
    });
    campaigns.set(campaign, arms);
  }
  return [...campaigns]
    .filter(([, arms]) => arms.size > 1)
    .map(([campaign, arms]) => experiment(campaign, 'RR2', [...arms.values()].sort(byName)));
}

function controlsCompared(rows: readonly ReturnedCount[]): Experiment[] {
  const campaigns = new Map<string, Counted[]>();
  for (const { campaign, ...arm } of rows) campaigns.set(campaign, [...(campaigns.get(campaign) ?? []), arm]);
  return [...campaigns]
    .filter(([, arms]) => arms.some(({ name }) => name === 'control'))
    .map(([campaign, arms]) => experiment(campaign, 'returned/30d', arms.sort(byName)));
}

function experiment(
  campaign: string,
  outcome: Experiment['outcome'],
  counted: readonly Counted[],
): Experiment {
  const [first] = counted;
  const arms = counted.map((arm): ExperimentArm => ({
    ...arm,
    share: arm.n === 0 ? null : arm.hits / arm.n,
    interval: wilson(arm.hits, arm.n),
    difference: first === undefined || arm === first ? null : difference(first, arm, first.open + arm.open),
  }));
  return { campaign, outcome, arms };
}

function byName(a: Counted, b: Counted): number {
  return a.name < b.name ? -1 : 1;
}
