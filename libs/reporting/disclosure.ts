import type { CivilDate } from '#kernel/zone';
import { choicesOf, IMPLIED, type Choices, type Lasting, type Named } from './disclosed-choices.js';
import { DisclosureTable, type Cell, type Sum } from './disclosure-table.js';
import { CARRIED, flagsNamed, flagsPass } from './flag.sql.js';
import { GroupDays, type DayCount } from './group-days.js';
import { mondayOf, separable, wholeYears, type Period } from './reporting-period.js';
import type { Dimension, ReportQuestion } from './question.js';

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

/** Dimensions that decide what may be shown of a question: those it groups and filters by, and what they imply. */
export function disclosedBy(asked: Asked): Named[] {
  const named = [...asked.by, ...(Object.keys(asked.filter) as Dimension[]), ...flagsNamed(asked)];
  return [...new Set(named.flatMap((name) => [name, ...(IMPLIED[name] ?? [])]))];
}

/**
 * Which figures of one measure may be shown. Made from all answers of the period, whatever the question, so that a
 * filter shows nothing that the same report without it, grouped by the filter's dimension, would not show, and a figure
 * gets the same decision in every report.
 */
export class Disclosure {
  private readonly days: GroupDays;
  private readonly cells = new Map<string, PlacedCell[]>();

  /** `counts`: of the whole years the period touches, by `columns`; by how many of these, decides what is decided together. */
  constructor(
    private readonly columns: readonly Lasting[],
    private readonly counts: readonly DayCount[],
    private readonly period: Period,
  ) {
    this.days = new GroupDays(counts, columns.length);
  }

  /** The groups of a question that may be shown, each as JSON of its values. Throws AppError `report_too_fine`. */
  shown(asked: Asked): ReadonlySet<string> {
    const named = disclosedBy(asked);
    const choices = choicesOf(named, this.columns, {
      varies: (name) => this.varies(name),
      cells: (names) => this.cellsOf(names).length,
    });
    const { table, names, cells } = this.tableOf(choices);
    const mask = choices.maskOf(named);
    const groups = new Map<string, Set<number>>();
    for (const [cell, { by: values }] of cells.entries()) {
      if (!passes(names, values, asked)) continue;
      const key = JSON.stringify(asked.by.map((name) => values[names.indexOf(name)] ?? null));
      const group = groups.get(key) ?? new Set();
      groups.set(key, group.add(cell));
    }
    return new Set([...groups].filter(([, own]) => table.shows(own, mask)).map(([key]) => key));
  }

  private tableOf({ names, implied, turns, settled }: Choices): {
    table: DisclosureTable;
    names: readonly Named[];
    cells: readonly PlacedCell[];
  } {
    const cells = this.cellsOf(names);
    const before = settled && { masks: settled.masks, by: this.tableOf(settled.choices).table };
    const table = new DisclosureTable(cells, {
      implied,
      turns,
      ...(before && { settled: before }),
      veto: (sum) => this.cutsBlocks(sum, names, cells),
    });
    return { table, names, cells };
  }

  /** Over the whole years, as a figure that is all of the period need not be all of another. */
  private varies(name: Named): boolean {
    const column = this.columns.indexOf(name as Lasting);
    if (column >= 0) return this.counts.some(({ by }) => by[column] !== this.counts[0]?.by[column]);
    return this.cellsOf([name]).length > 1;
  }

  /** The cells in an order that does not depend on what else the answers were counted by. */
  private cellsOf(names: readonly Named[]): PlacedCell[] {
    const known = this.cells.get(names.join()) ?? this.gathered(names);
    this.cells.set(names.join(), known);
    return known;
  }

  private gathered(names: readonly Named[]): PlacedCell[] {
    const cells = new Map<string, { by: (string | null)[]; n: number; row: number }>();
    for (const [row, { by, day, n }] of this.counts.entries()) {
      if (day < this.period.from || day > this.period.to) continue;
      const values = names.map((name) => calendar[name]?.(day) ?? by[this.columns.indexOf(name as Lasting)] ?? null);
      const key = JSON.stringify(values);
      const cell = cells.get(key) ?? { by: values, n: 0, row };
      cell.n += n;
      cells.set(key, cell);
    }
    return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
  } // prettier-ignore

  /** Whether a figure's part of the period is not made of whole blocks of its group's days. */
  private cutsBlocks(
    { mask, by, cell }: Sum,
    names: readonly Named[],
    cells: readonly PlacedCell[],
  ): boolean {
    const kept = (name: Named): boolean => (mask & (1 << names.indexOf(name))) !== 0 && names.includes(name);
    const period = this.periodOf((name) => (kept(name) ? (by[names.indexOf(name)] ?? undefined) : undefined));
    const years = wholeYears(this.period);
    if (period.from === years.from && period.to === years.to) return false;
    const columns = this.columns.reduce((bits, name, place) => (kept(name) ? bits | (1 << place) : bits), 0);
    return !separable(period, this.days.blocksOf(cells[cell]?.row ?? 0, columns));
  }

  /** The part of the period that a figure is about: its day, week or month. */
  private periodOf(value: (name: Dimension) => string | undefined): Period {
    const [day, week, month] = [value('day'), value('week'), value('month')];
    const parts = [
      ...(day === undefined ? [] : [{ from: day, to: day }]),
      ...(week === undefined ? [] : [weekDays(week)]),
      ...(month === undefined ? [] : [{ from: `${month}-01`, to: `${month}-31` }]),
      this.period,
    ];
    return {
      from: parts.reduce((from, part) => (part.from > from ? part.from : from), ''),
      to: parts.reduce((to, part) => (part.to < to ? part.to : to), this.period.to),
    };
  }
}

/** A cell and one of the counts it is made of. */
interface PlacedCell extends Cell {
  readonly row: number;
}

function passes(names: readonly Named[], values: readonly (string | null)[], asked: Asked): boolean {
  const valueOf = (name: Named): string => values[names.indexOf(name)] ?? '';
  return (
    flagsPass(asked, (flag) => valueOf(flag) === CARRIED) &&
    Object.entries(asked.filter).every(([name, list]) => list.includes(valueOf(name as Named)))
  );
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
