import type { SeededRandom } from '#kernel/seeded-random';
import { sumsOf, type Partition } from './partition.js';

/** What figures of exactly the same answers share: one decision. None has fewer answers than may be shown. */
export interface FigureSet {
  readonly n: number;
  /** The turn that decides it. */
  readonly turn: number;
  state: 'open' | 'shown' | 'hidden';
  /** May not be shown for another reason than few answers. */
  vetoed: boolean;
  /** Follows from what earlier turns show. */
  given: boolean;
  /** Is the rest of a shown whole whose other parts are shown. */
  follows: boolean;
}

/** The figures of one choice of dimensions. */
export interface Figures {
  readonly mask: number;
  readonly partition: Partition;
  /** By figure; undefined for those of too few answers. */
  readonly sets: readonly (FigureSet | undefined)[];
}

/** Finds figures of the same answers, whatever they are grouped by. */
export class FigureSets {
  private readonly known = new Map<number, { check: number; set: FigureSet }[]>();
  private readonly marks: readonly [Float64Array, Float64Array];

  constructor(cells: number, random: SeededRandom) {
    // Sums of marks stay exact: 36 bits each, at most 2^17 of them; two of them keep chance out of reach.
    const mark = (): Float64Array => Float64Array.from({ length: cells }, () => random.below(2 ** 32) * 16 + random.below(16)); // prettier-ignore
    this.marks = [mark(), mark()];
  }

  /** The figures of a partition, the new ones among them open in this turn. */
  enter(mask: number, partition: Partition, fewest: number, turn: number): Figures {
    const [keys, checks] = this.marks.map((mark) => sumsOf(partition, mark));
    const sets = Array.from(partition.n, (n, figure) =>
      n < fewest ? undefined : this.setOf(keys?.[figure] ?? 0, checks?.[figure] ?? 0, n, turn),
    );
    return { mask, partition, sets };
  }

  private setOf(key: number, check: number, n: number, turn: number): FigureSet {
    const same = this.known.get(key) ?? [];
    const found = same.find((one) => one.check === check);
    if (found) return found.set;
    const set: FigureSet = { n, turn, state: 'open', vetoed: false, given: false, follows: false };
    this.known.set(key, [...same, { check, set }]);
    return set;
  }
}

/** Whether the reader has it as far as is decided yet. */
export function seen(set: FigureSet | undefined): boolean {
  return set !== undefined && set.state !== 'hidden';
}

/** Whether each figure of the finer choice lies in one of the coarser. */
export function refines(finer: number, coarser: number): boolean {
  return finer !== coarser && (coarser & ~finer) === 0;
}

/** The figure, of some others, that a part lies in. */
export function around(
  { partition: { first } }: Figures,
  part: number,
  { partition: { of } }: Figures,
): number {
  return of[first[part] ?? 0] ?? 0;
}
