import { addDays, type CivilDate } from '#kernel/zone';
import { FEWEST_ANSWERS } from './disclosure-table.js';

export interface Period {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

/** Answers of one group by the day of the visit, over the whole years that a period touches. */
export type DayCounts = ReadonlyMap<CivilDate, number>;

/** The whole calendar years that a period touches. */
export function wholeYears({ from, to }: Period): Period {
  return { from: `${from.slice(0, 4)}-01-01`, to: `${to.slice(0, 4)}-12-31` };
}

/** The whole calendar months that a period touches. */
export function wholeMonths({ from, to }: Period): Period {
  return { from: `${from.slice(0, 7)}-01`, to: lastOfMonth(to) };
}

/**
 * Whether a group's figure over `period` can stand beside its figures over every other period that this rule lets
 * through, without telling by subtraction what fewer than ten people answered: it takes whole blocks only.
 */
export function separable({ from, to }: Period, blocks: readonly (readonly CivilDate[])[]): boolean {
  return blocks.every((block) => {
    const inside = block.filter((day) => day >= from && day <= to).length;
    return inside === 0 || inside === block.length;
  });
}

/**
 * The days of a group in blocks that do not depend on what is asked; whatever is added and subtracted, blocks come out
 * whole. A month of ten answers or more is a block, cut further into weeks and these into days as long as each piece
 * keeps ten. The thin months of a year are one block together; when even that has fewer than ten, the first month of
 * the year that has them joins it, so that a new month can be seen with the year before it can be seen alone.
 */
export function blocksOf(days: DayCounts): CivilDate[][] {
  const years = new Map<string, Map<string, CivilDate[]>>();
  for (const day of [...days.keys()].sort()) {
    if (!days.get(day)) continue;
    const months = years.get(day.slice(0, 4)) ?? new Map<string, CivilDate[]>();
    months.set(day.slice(0, 7), [...(months.get(day.slice(0, 7)) ?? []), day]);
    years.set(day.slice(0, 4), months);
  }
  return [...years.values()].flatMap((months) => blocksOfYear([...months.values()], days));
}

function blocksOfYear(months: readonly CivilDate[][], days: DayCounts): CivilDate[][] {
  const thin = months.filter((month) => total(month, days) < FEWEST_ANSWERS).flat();
  const heavy = months.filter((month) => total(month, days) >= FEWEST_ANSWERS);
  const short = thin.length > 0 && total(thin, days) < FEWEST_ANSWERS;
  const together = [...thin, ...(short ? (heavy[0] ?? []) : [])];
  const others = (short ? heavy.slice(1) : heavy).flatMap((month) => blocksOfMonth(month, days));
  return together.length > 0 ? [together, ...others] : others;
}

function blocksOfMonth(month: readonly CivilDate[], days: DayCounts): CivilDate[][] {
  const weeks = new Map<string, CivilDate[]>();
  for (const day of month) weeks.set(mondayOf(day), [...(weeks.get(mondayOf(day)) ?? []), day]);
  return merged([...weeks.values()], days).flatMap((week) =>
    merged(
      week.map((day) => [day]),
      days,
    ),
  );
}

/** Neighbours put together, from the left, until each holds ten answers; what is left at the end joins the last. */
function merged(pieces: readonly CivilDate[][], days: DayCounts): CivilDate[][] {
  const blocks: CivilDate[][] = [];
  let open: CivilDate[] = [];
  for (const piece of pieces) {
    open = [...open, ...piece];
    if (total(open, days) < FEWEST_ANSWERS) continue;
    blocks.push(open);
    open = [];
  }
  const last = blocks.pop();
  return last ? [...blocks, [...last, ...open]] : [open];
}

function total(some: readonly CivilDate[], days: DayCounts): number {
  return some.reduce((n, day) => n + (days.get(day) ?? 0), 0);
}

// Asked for the same days again and again, and calendars are slow.
const mondays = new Map<CivilDate, CivilDate>();

/** The Monday of a day's ISO week. */
export function mondayOf(day: CivilDate): CivilDate {
  const known = mondays.get(day) ?? addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
  mondays.set(day, known);
  return known;
}

function lastOfMonth(day: CivilDate): CivilDate {
  const next = addDays(`${day.slice(0, 7)}-28`, 4);
  return addDays(`${next.slice(0, 7)}-01`, -1);
}
