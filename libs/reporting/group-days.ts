import type { CivilDate } from '#kernel/zone';
import { coded, refined, undivided, type Coded, type Partition } from './partition.js';

/** Answers to one measure on one day, in one combination of the dimensions that are not of the calendar. */
export interface DayCount {
  readonly by: readonly (string | null)[];
  readonly day: CivilDate;
  readonly n: number;
}

/** The answers of groups by day, for any choice of the columns that day counts have. */
export class GroupDays {
  private readonly rows: Coded;
  private readonly choices = new Map<
    number,
    { partition: Partition; starts: Int32Array; members: Int32Array }
  >();

  constructor(
    private readonly counts: readonly DayCount[],
    columns: number,
  ) {
    this.rows = coded(counts, columns);
  }

  /** Answers by day of the group that a row belongs to. `columns`: those that make the group, one bit each. */
  of(row: number, columns: number): ReadonlyMap<CivilDate, number> {
    const { partition, starts, members } = this.chosen(columns);
    const group = partition.of[row] ?? 0;
    const days = new Map<CivilDate, number>();
    for (const member of members.subarray(starts[group], starts[group + 1])) {
      const { day = '', n = 0 } = this.counts[member] ?? {};
      days.set(day, (days.get(day) ?? 0) + n);
    }
    return days;
  }

  private chosen(columns: number): { partition: Partition; starts: Int32Array; members: Int32Array } {
    const known = this.choices.get(columns);
    if (known) return known;
    const last = 31 - Math.clz32(columns);
    const partition = last < 0 ? undivided(this.rows) : refined(this.chosen(columns & ~(1 << last)).partition, this.rows, last); // prettier-ignore
    const starts = new Int32Array(partition.figures + 1);
    for (let group = 0; group < partition.figures; group++) {
      starts[group + 1] = (starts[group] ?? 0) + (partition.size[group] ?? 0);
    }
    const filled = starts.slice();
    const members = new Int32Array(partition.of.length);
    for (const [row, group] of partition.of.entries()) {
      members[filled[group] ?? 0] = row;
      filled[group] = (filled[group] ?? 0) + 1;
    }
    const made = { partition, starts, members };
    this.choices.set(columns, made);
    return made;
  }
}
