import { addDays, type CivilDate } from '#kernel/zone';
import { FEWEST_ANSWERS } from './disclosure-table.js';

export interface Period {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

/** Answers of one group by the day of the visit, over the whole months that a period touches. */
export type DayCounts = ReadonlyMap<CivilDate, number>;

/** The whole calendar months that a period touches. */
export function wholeMonths({ from, to }: Period): Period {
  return { from: `${from.slice(0, 7)}-01`, to: lastOfMonth(to) };
}

/**
 * Whether a group's figure over `period` can stand beside its figures over every other period that this rule lets
 * through, without telling by subtraction what fewer than ten people answered.
 *
 * The days of a group are cut into blocks that do not depend on what is asked, and a figure is made of whole blocks of
 * ten answers or more. A month of ten is a block, cut further into weeks and these into days as long as each piece
 * keeps ten; the months of a year with fewer are one block together. So whatever is added and subtracted, blocks come
 * out whole. `hasAll` says for a year whether nothing of the whole survey lies outside the period in it; it is asked
 * only about years with thin months.
 */
export function separable(period: Period, days: DayCounts, hasAll: (year: string) => boolean): boolean {
  const months = new Map<string, { inside: number; all: number }>();
  for (const [day, n] of days) {
    const month = months.get(day.slice(0, 7)) ?? { inside: 0, all: 0 };
    month.all += n;
    if (day >= period.from && day <= period.to) month.inside += n;
    months.set(day.slice(0, 7), month);
  }
  const thin = new Map<string, number>();
  for (const [month, { inside, all }] of months) {
    if (inside === 0) continue;
    if (all >= FEWEST_ANSWERS && inside < all && !atBlockEdges(period, month, days)) return false;
    if (all < FEWEST_ANSWERS && inside < all) return false;
    if (all < FEWEST_ANSWERS) thin.set(month.slice(0, 4), (thin.get(month.slice(0, 4)) ?? 0) + all);
  }
  return [...thin].every(([year, n]) => n >= FEWEST_ANSWERS && hasAll(year));
}

/** Whether the period takes only whole blocks of the month. */
function atBlockEdges({ from, to }: Period, month: string, days: DayCounts): boolean {
  return blocksOf(month, days).every((block) => {
    const inside = block.filter((day) => day >= from && day <= to).length;
    return inside === 0 || inside === block.length;
  });
}

/** The blocks of a month with at least ten answers: only days that have some. */
export function blocksOf(month: string, days: DayCounts): CivilDate[][] {
  const own: CivilDate[] = [];
  for (let day = `${month}-01`; day.startsWith(month); day = addDays(day, 1))
    if (days.get(day)) own.push(day);
  const weeks = new Map<string, CivilDate[]>();
  for (const day of own) weeks.set(mondayOf(day), [...(weeks.get(mondayOf(day)) ?? []), day]);
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
    if (open.reduce((n, day) => n + (days.get(day) ?? 0), 0) < FEWEST_ANSWERS) continue;
    blocks.push(open);
    open = [];
  }
  const last = blocks.pop();
  return last ? [...blocks, [...last, ...open]] : [open];
}

/** The Monday of a day's ISO week. */
export function mondayOf(day: CivilDate): CivilDate {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

function lastOfMonth(day: CivilDate): CivilDate {
  const next = addDays(`${day.slice(0, 7)}-28`, 4);
  return addDays(`${next.slice(0, 7)}-01`, -1);
}
