import type { CivilDate } from '#kernel/zone';
import { DisclosureTable, type Cell, type Sum } from './disclosure-table.js';
import { CARRIED, flagsNamed, flagsPass } from './flag.sql.js';
import { mondayOf, separable, type Period } from './reporting-period.js';
import type { Dimension, Flag, ReportQuestion } from './question.js';

/** Answers to one measure on one day, in one combination of the dimensions that are not of the calendar. */
export interface DayCount {
  readonly by: readonly (string | null)[];
  readonly day: CivilDate;
  readonly n: number;
}

/** Dimensions of reports, one that only comparisons have, and the flags, each a dimension of its own. */
export type Named = Dimension | 'employee' | Flag;
/** Dimensions that a report's answers are counted by for each day; the flags stand last. */
export type Lasting = Exclude<Dimension, 'day' | 'week' | 'month'> | Flag;

/** What a table of figures is grouped by, and which values and flags it keeps. */
interface Asked extends Pick<ReportQuestion, 'without' | 'only'> {
  readonly by: readonly Named[];
  readonly filter: Readonly<Partial<Record<Named, readonly string[]>>>;
}

/** Parts of the calendar, each as reports write it. */
const calendar: Readonly<Partial<Record<Named, (day: CivilDate) => string>>> = {
  day: (day) => day,
  week: isoWeek,
  month: (day) => day.slice(0, 7),
};
/** What a value of a dimension tells of another: a figure follows from its parts there as well. */
const implied: Readonly<Partial<Record<Named, readonly Dimension[]>>> = {
  employee: ['centre'],
  day: ['week', 'month'],
  variant: ['campaign'],
};

/** Dimensions that decide what may be shown of a question: those it groups and filters by, and what they imply. */
export function disclosedBy(question: Omit<ReportQuestion, 'from' | 'to'>): (Dimension | Flag)[] {
  const named = [...question.by, ...(Object.keys(question.filter) as Dimension[])];
  const all = [...new Set(named.flatMap((name) => [name, ...(implied[name] ?? [])]))];
  return [...all, ...flagsNamed(question)];
}

/** Those of the dimensions that are no part of the calendar: the ones that day counts are grouped by. */
export function lasting<D extends Named>(dimensions: readonly D[]): Exclude<D, 'day' | 'week' | 'month'>[] {
  return dimensions.filter(
    (name): name is Exclude<D, 'day' | 'week' | 'month'> => calendar[name] === undefined,
  );
}

/**
 * Which figures of one measure may be shown. Made from all answers of the period, whatever the question's filter, so
 * that a filter shows nothing that the same report without it, grouped by the filter's dimension, would not show.
 */
export class Disclosure {
  private readonly cells: Cell[];
  private readonly table: DisclosureTable;
  private readonly days = new Map<string, Map<CivilDate, number>>();

  /** `counts`: of the whole years the period touches, by `lasting(dimensions)`. */
  constructor(
    private readonly dimensions: readonly Named[],
    private readonly counts: readonly DayCount[],
    private readonly period: Period,
  ) {
    this.cells = this.cellsOf();
    const bit = (name: Named): number => {
      const place = dimensions.indexOf(name);
      return place < 0 ? 0 : 1 << place;
    };
    this.table = new DisclosureTable(this.cells, dimensions.length, {
      implied: dimensions.map((name) => (implied[name] ?? []).reduce((mask, other) => mask | bit(other), 0)),
      veto: (sum) => !separable(this.periodOf(sum), this.daysOf(sum)),
    });
  }

  /** The groups of a question that may be shown, each as JSON of its values. */
  shown(asked: Asked): ReadonlySet<string> {
    const { by } = asked;
    const places = by.map((name) => this.dimensions.indexOf(name));
    const groups = new Map<string, Set<number>>();
    for (const [cell, { by: values }] of this.cells.entries()) {
      if (!this.passes(values, asked)) continue;
      const key = JSON.stringify(places.map((place) => values[place] ?? null));
      const group = groups.get(key) ?? new Set();
      groups.set(key, group.add(cell));
    }
    return new Set([...groups].filter(([, cells]) => this.table.shows(cells)).map(([key]) => key));
  }

  private passes(values: readonly (string | null)[], asked: Asked): boolean {
    const valueOf = (name: Named): string => values[this.dimensions.indexOf(name)] ?? '';
    return (
      flagsPass(asked, (flag) => valueOf(flag) === CARRIED) &&
      Object.entries(asked.filter).every(([name, list]) => list.includes(valueOf(name as Named)))
    );
  }

  private cellsOf(): Cell[] {
    const names: readonly Named[] = lasting(this.dimensions);
    const cells = new Map<string, { by: (string | null)[]; n: number }>();
    for (const { by, day, n } of this.counts) {
      if (day < this.period.from || day > this.period.to) continue;
      const values = this.dimensions.map((name) => calendar[name]?.(day) ?? by[names.indexOf(name)] ?? null);
      const cell = cells.get(JSON.stringify(values)) ?? { by: values, n: 0 };
      cell.n += n;
      cells.set(JSON.stringify(values), cell);
    }
    return [...cells.values()];
  }

  /** The part of the period that a sum is about: its day, week or month. */
  private periodOf(sum: Sum): Period {
    let { from, to } = this.period;
    for (const [day, of] of this.daysNamed(sum)) {
      if (!of) continue;
      if (day > from) from = day;
      if (of < to) to = of;
    }
    return { from, to };
  }

  private daysNamed(sum: Sum): [CivilDate, CivilDate | undefined][] {
    const value = (name: Dimension): string | undefined => {
      const place = this.dimensions.indexOf(name);
      return place >= 0 && sum.mask & (1 << place) ? (sum.by[place] ?? undefined) : undefined;
    };
    const [day, week, month] = [value('day'), value('week'), value('month')];
    const inWeek = week === undefined ? undefined : weekDays(week);
    return [
      [day ?? '', day],
      [inWeek?.from ?? '', inWeek?.to],
      [`${month}-01`, month && `${month}-31`],
    ];
  }

  /** Answers by day of a sum's group, without regard to its part of the calendar. Gathered once for each margin. */
  private daysOf(sum: Sum): ReadonlyMap<CivilDate, number> {
    const names = lasting(this.dimensions);
    const kept = names.map((name) => (sum.mask & (1 << this.dimensions.indexOf(name))) !== 0);
    const margin = JSON.stringify(kept);
    if (!this.days.has(margin)) {
      this.days.set(margin, new Map());
      for (const { by, day, n } of this.counts) {
        const key = margin + JSON.stringify(by.filter((_, place) => kept[place]));
        const group = this.days.get(key) ?? new Map<CivilDate, number>();
        this.days.set(key, group.set(day, (group.get(day) ?? 0) + n));
      }
    }
    const values = names.map((name) => sum.by[this.dimensions.indexOf(name)] ?? null);
    return this.days.get(margin + JSON.stringify(values.filter((_, place) => kept[place]))) ?? new Map();
  }
}

/** ISO 8601 week of a day, as `2026-W10`: the week belongs to the year of its Thursday. */
export function isoWeek(day: CivilDate): string {
  const thursday = Date.parse(`${mondayOf(day)}T00:00:00Z`) + 3 * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY_MS));
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** First and last day of an ISO week. */
export function weekDays(week: string): Period {
  const [year = '', number = ''] = week.split('-W');
  const monday = Date.parse(`${mondayOf(`${year}-01-04`)}T00:00:00Z`) + (Number(number) - 1) * 7 * DAY_MS;
  const dayAt = (at: number): CivilDate => new Date(at).toISOString().slice(0, 10);
  return { from: dayAt(monday), to: dayAt(monday + 6 * DAY_MS) };
}

const DAY_MS = 86_400_000;
