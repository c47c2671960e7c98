import { Temporal } from 'temporal-polyfill';
import type { Dimension } from '#kernel/dimensions';
import { compareNullsLast } from '#kernel/ordering';
import { civilDate, type CivilDate } from '#kernel/zone';
import { REASONS, type Reason } from '../decide.js';
import type { SimulatedVisit } from './replay.js';

export interface LedgerGroup {
  /** Null where a visit has no such thing: one that nobody invited has no variant. */
  readonly by: Readonly<Partial<Record<Dimension, string | null>>>;
  readonly visits: number;
  readonly decisions: Readonly<Record<'invited' | 'control' | 'not_invited', number>>;
  /** Of the visits not invited; only reasons that occur, in the order in which they apply. */
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
}

/** Text and language that an invited visit would get. */
export type WordingOf = (simulated: SimulatedVisit) => { variant: string; locale: string } | undefined;

interface Tally {
  readonly values: readonly (string | null)[];
  visits: number;
  readonly decisions: { invited: number; control: number; not_invited: number };
  readonly reasons: Map<Reason, number>;
}

/**
 * The ledger of a simulation by group, values ascending and "none" last. In every group visits = invited + control +
 * not_invited, and the groups add up to all visits whatever the dimensions.
 */
export function ledgerGroups(
  simulated: Iterable<SimulatedVisit>,
  by: readonly Dimension[],
  wordingOf: WordingOf,
): LedgerGroup[] {
  const tallies = new Map<string, Tally>();
  for (const one of simulated) {
    const values = valuesOf(one, by, wordingOf);
    const key = JSON.stringify(values);
    let tally = tallies.get(key);
    if (!tally) tallies.set(key, (tally = emptyTally(values)));
    count(tally, one);
  }
  return [...tallies.values()]
    .sort((a, b) => compareNullsLast(a.values, b.values))
    .map(({ values, visits, decisions, reasons }) => ({
      by: Object.fromEntries(by.map((name, place) => [name, values[place] ?? null])),
      visits,
      decisions,
      reasons: Object.fromEntries(REASONS.flatMap((reason) => (reasons.has(reason) ? [[reason, reasons.get(reason)]] : []))),
    })); // prettier-ignore
}

function emptyTally(values: readonly (string | null)[]): Tally {
  return { values, visits: 0, decisions: { invited: 0, control: 0, not_invited: 0 }, reasons: new Map() };
}

function count(tally: Tally, { decision }: SimulatedVisit): void {
  tally.visits++;
  tally.decisions[decision.decision]++;
  if (decision.decision !== 'not_invited') return;
  tally.reasons.set(decision.reason, (tally.reasons.get(decision.reason) ?? 0) + 1);
}

function valuesOf(one: SimulatedVisit, by: readonly Dimension[], wordingOf: WordingOf): (string | null)[] {
  const { visit, decision } = one;
  const day = (): CivilDate => civilDate(visit.finishedAt, visit.centre.zone);
  const read: Record<Dimension, () => string | null> = {
    centre: () => visit.centre.code,
    service: () => visit.serviceCode,
    campaign: () => decision.campaign?.key ?? null,
    channel: () => (decision.decision === 'invited' ? decision.channel : null),
    variant: () => wordingOf(one)?.variant ?? null,
    language: () => wordingOf(one)?.locale ?? visit.language,
    day,
    week: () => isoWeek(day()),
    month: () => day().slice(0, 7),
  };
  return by.map((name) => read[name]());
}

/** `2026-W01`: the week of ISO 8601, which begins on Monday. */
function isoWeek(day: CivilDate): string {
  const { yearOfWeek, weekOfYear } = Temporal.PlainDate.from(day);
  return `${yearOfWeek}-W${String(weekOfYear).padStart(2, '0')}`;
}
