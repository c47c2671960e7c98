import { addDays, type CivilDate } from '#kernel/zone';
import type { Span } from './measure.sql.js';
import type { ReportQuestion } from './question.js';
import { CENTRE_BIT, neededBits } from './rollup-shape.js';

/** What is kept of the days of a question: days, and first days of whole months, all of them right at this moment. */
export interface Kept {
  readonly days: readonly CivilDate[];
  readonly months: readonly CivilDate[];
}

/** Where the parts of a question are counted: every day of its span is in exactly one of the three. */
export interface CountingPlan {
  /** First days of months. */
  readonly months: readonly CivilDate[];
  readonly days: readonly CivilDate[];
  readonly tables: readonly Span[];
}

// Which dimensions are kept together, the fastest to read first; a sum of the bits of ROLLUP_DIMENSIONS. The last keeps
// all. Each of the others is made by adding up a wider one.
export const KEPT_TOGETHER: Readonly<Record<'d' | 'm', readonly number[]>> = {
  d: [0, 1, 2, 60, 63],
  m: [0, 1, 2, 60, 3, 61, 62, 63],
};

// Longer than links are valid, much shorter than what tables hold.
const FEW_DAYS = 21;

/** The roll-up with the fewest rows that keeps every dimension the question groups or filters by. */
export function keptFor(question: ReportQuestion, grain: 'd' | 'm'): number {
  const needed = neededBits(question);
  return KEPT_TOGETHER[grain].find((kept) => (kept & needed) === needed) ?? 63;
}

/**
 * Whether the server adds rows of this width up. Rows that tell at most centres apart have a few dozen numbers each, and the
 * process that asks takes a tenth of the server's time for them; others have so many that reading them takes longer than adding up.
 */
export function addedUpByServer(kept: number): boolean {
  return (kept & ~CENTRE_BIT) !== 0;
}

/**
 * Whether the rows of days are worth looking up by key. Left alone, the planner reads whole tables of a year for the days whose
 * links are still valid.
 */
export function fewDays(spans: readonly Span[]): boolean {
  return spans.every(({ from, to }) => to <= addDays(from, FEW_DAYS));
}

/** Whole months from the monthly roll-up unless days or weeks are asked for, other kept days from the daily, the rest from the tables. */
export function countingPlan(question: ReportQuestion, kept: Kept): CountingPlan {
  const byDay = (['day', 'week'] as const).some(
    (name) => question.by.includes(name) || question.filter[name] !== undefined,
  );
  const keptDays = new Set(kept.days);
  const months = byDay ? [] : kept.months.filter((month) => isWhole(month, question, keptDays));
  const inMonths = new Set(months.flatMap(daysOf));
  const days = [...keptDays].filter((day) => !inMonths.has(day)).sort();
  return { months, days, tables: gaps(question, [...inMonths, ...days].sort()) };
}

function isWhole(month: CivilDate, { from, to }: Span, keptDays: ReadonlySet<CivilDate>): boolean {
  const days = daysOf(month);
  return month >= from && (days.at(-1) ?? '') <= to && days.every((day) => keptDays.has(day));
}

/** The days of a month given by its first day. */
export function daysOf(month: CivilDate): CivilDate[] {
  const days: CivilDate[] = [];
  for (let day = month; day.slice(0, 7) === month.slice(0, 7); day = addDays(day, 1)) days.push(day);
  return days;
}

/** What is left of a span without the given days, which are in order. */
function gaps({ from, to }: Span, without: readonly CivilDate[]): Span[] {
  const found: Span[] = [];
  let next = from;
  for (const day of without) {
    if (day > next) found.push({ from: next, to: addDays(day, -1) });
    next = addDays(day, 1);
  }
  if (next <= to) found.push({ from: next, to });
  return found;
}
