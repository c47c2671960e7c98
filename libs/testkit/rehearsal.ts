import { reportExperiments } from '#reporting/experiment-report';
import { reportQuestion } from '#reporting/question';
import { reportRates } from '#reporting/rates-report';
import { reportScores } from '#reporting/scores-report';
import type { Queryable } from '#store/database';
import type { Builders, Campaign } from './builders.js';
import { rehearse, type Behaviour } from './made-up-behaviour.js';

/** The truth that every run draws from. Probabilities, not results: a run's own shares differ by chance. */
const TRUTH: Behaviour = {
  answering: { 'kyiv-1': 0.22, 'lviv-1': 0.3, 'odesa-1': 0.12 },
  betterText: 0.06,
  satisfied: 0.93,
  promoters: 0.6,
  detractors: 0.15,
};

/** Whether each figure of the reports held its true value inside its 95 % interval, in one seeded run. */
export async function rehearsalRun(
  db: Queryable,
  build: Builders,
  campaign: Campaign,
  run: number,
  visits: number,
): Promise<Record<string, boolean>> {
  // A month of its own for each run: no run sees another.
  const month = `${1900 + run}-03`;
  await rehearse(db, build, campaign, { seed: `run-${run}`, month, visits, behaviour: TRUTH });
  const days = { from: `${month}-01`, to: `${month}-31` };
  const now = new Date(`${month}-31T12:00:00Z`);
  const later = new Date(now.getTime() + 30 * 86_400_000);
  const [all, byCentre, scores, experiments] = await Promise.all([
    reportRates(db, reportQuestion(days), later),
    reportRates(db, reportQuestion({ ...days, by: 'centre' }), later),
    reportScores(db, reportQuestion(days), now),
    reportExperiments(db, reportQuestion(days), later),
  ]);
  const found: Record<string, boolean> = {};
  const note = (name: string, truth: number, held?: { low: number | null; high: number | null } | null): void => {
    found[name] = typeof held?.low === 'number' && typeof held.high === 'number' && held.low <= truth && truth <= held.high;
  };
  const rates = Object.entries(TRUTH.answering).map(([centre, share]) => [centre, share + TRUTH.betterText / 2] as const);
  note('RR2', rates.reduce((sum, [, rate]) => sum + rate, 0) / rates.length, all.groups[0]?.interval);
  for (const [centre, rate] of rates)
    note(`RR2 of ${centre}`, rate, byCentre.groups.find(({ by }) => by.centre === centre)?.interval);
  const entries = scores.groups[0]?.scores ?? [];
  note('satisfied', TRUTH.satisfied, entries.find(({ question }) => question === 'quality')?.satisfied);
  note('loyalty', 100 * (TRUTH.promoters - TRUTH.detractors), entries.find(({ question }) => question === 'recommend')?.nps);
  const text = experiments.experiments.find(({ outcome }) => outcome === 'RR2')?.arms.find(({ name }) => name === 'text-b');
  note('difference of texts', TRUTH.betterText, text?.difference);
  return found;
} // prettier-ignore
