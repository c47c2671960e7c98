import type { CivilDate } from '#kernel/zone';
import { coded, refined, undivided, type Coded, type Partition } from './partition.js';
import { blocksOf } from './reporting-period.js';

/** Answers to one measure on one day, in one combination of the dimensions that are not of the calendar. */
export interface DayCount {
  readonly by: readonly (string | null)[];
  readonly day: CivilDate;
  readonly n: number;
}

/** The groups of one choice of columns: where their rows stand, and their blocks of days as far as asked for. */
interface Chosen {
  readonly partition: Partition;
  readonly starts: Int32Array;
  readonly members: Int32Array;
  readonly blocks: Map<number, CivilDate[][]>;
}

/** The answers of groups by day, for any choice of the columns that day counts have. */
export class GroupDays {
  private readonly rows: Coded;
  private readonly choices = new Map<number, Chosen>();

  constructor(
    private readonly counts: readonly DayCount[],
    columns: number,
  ) {
    this.rows = coded(counts, columns);
  }

  /** The blocks of days of the group that a row belongs to. `columns`: those that make the group, one bit each. */
  blocksOf(row: number, columns: number): CivilDate[][] {
    const chosen = this.chosen(columns);
    const group = chosen.partition.of[row] ?? 0;
    const blocks = chosen.blocks.get(group) ?? blocksOf(this.daysOf(chosen, group));
    chosen.blocks.set(group, blocks);
    return blocks;
  }

  private daysOf({ starts, members }: Chosen, group: number): ReadonlyMap<CivilDate, number> {
    const days = new Map<CivilDate, number>();
    for (const member of members.subarray(starts[group], starts[group + 1])) {
      const { day = '', n = 0 } = this.counts[member] ?? {};
      days.set(day, (days.get(day) ?? 0) + n);
    }
    return days;
  }

  private chosen(columns: number): Chosen {
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
    const made = { partition, starts, members, blocks: new Map<number, CivilDate[][]>() };
    this.choices.set(columns, made);
    return made;
  }
}
