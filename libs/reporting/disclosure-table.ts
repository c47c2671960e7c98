import { AppError } from '#kernel/errors';
import { seededRandom } from '#kernel/seeded-random';
import { coverRests } from './cover-rests.js';
import { equationsOf, hideCulprits } from './culprits.js';
import { FigureSets, refines, type Figures, type FigureSet } from './figures.js';
import { cellsOf, coded, refined, sumsOf, undivided, type Coded, type Partition } from './partition.js';
import { SmallGroups } from './small-groups.js';

/** Fewest answers a published score may rest on (Picker Institute for NHS England, 2013). */
export const FEWEST_ANSWERS = 10;

/** A cell of a table: the values of its dimensions and how many answers it holds. */
export interface Cell {
  readonly by: readonly (string | null)[];
  readonly n: number;
}

/** A figure of the table or of one of its margins: some of the cells, added up. */
export interface Sum {
  /** Which dimensions it keeps, one bit each; none: the total. */
  readonly mask: number;
  readonly by: readonly (string | null)[];
  /** One of its cells, by its place in the table. */
  readonly cell: number;
}

/** Choices of dimensions that are decided together, each one bit for a dimension. */
export interface Turn {
  readonly masks: readonly number[];
  /** Those whose small figures must not follow from this turn on. */
  readonly guarded: readonly number[];
}

export interface TableRules {
  /** For each dimension the dimensions that its value implies (a day lies in one month), one bit each. */
  readonly implied: readonly number[];
  readonly turns: readonly Turn[];
  /** Decided by another table of the same answers, before the first turn. */
  readonly settled?: { readonly masks: readonly number[]; readonly by: DisclosureTable };
  /** Another reason than few answers why a sum may not be shown. */
  readonly veto?: (sum: Sum) => boolean;
  readonly fewest?: number;
  /** Cells to be read for one turn, at most; about a hundred million in a second. */
  readonly mostWork?: number;
}

// What a random change adds up to in a figure that follows is a hundred times nearer to nothing than this. That one that
// does not follow comes as near by chance is a matter of one in millions, and then more is hidden than must be.
const NOTHING = 1e-7;
const MOST_ROUNDS = 40;
const MOST_WORK = 3e8;

/**
 * Which figures of a table and of its margins may be shown so that none of fewer than ten answers, none that was vetoed
 * and none that was hidden for their sake follows from all that are shown together, whatever they are grouped by.
 *
 * Choices of dimensions are decided in turns whose order does not depend on what is asked; those of one turn together,
 * and with all before. Figures of the same answers get one decision. Rules, in order:
 * 1. secret figures are hidden, and so is every part of a hidden figure, unless it follows from shown ones anyway;
 * 2. where hidden parts of a shown figure hold fewer than ten together, the smallest part that is open yet is hidden too;
 * 3. as long as a small figure of any choice of dimensions, decided or not, what is left of a shown figure without its
 *    large parts, or a figure hidden before is a linear combination of shown ones, an open one near it is hidden.
 * Rule 3 is tested by a random change of the cells that no shown figure notices: what follows from them does not either.
 * A reader is taken to know which cells gave no answer at all (counts are not secret), so zeros protect nothing.
 */
export class DisclosureTable {
  private readonly cells: Coded;
  /** The cell of each place of the table, −1 where it has no answers; and the other way round. */
  private readonly cellAt: Int32Array;
  private readonly placeOf: readonly number[];
  private readonly partitions = new Map<number, Partition>();
  private readonly entered = new Map<number, Figures>();
  private readonly decided = new Map<number, Figures>();
  private readonly refused = new Set<number>();
  private readonly guarded: number[] = [];
  /** By choice of dimensions, then by figure. */
  private readonly restsGuarded = new Map<number, Uint8Array>();
  private readonly random = seededRandom('disclosure');
  private readonly small: SmallGroups;
  private readonly sets: FigureSets;
  private readonly fewest: number;
  /** A random change of the cells that no figure notices which turns before the last have shown. */
  private unnoticed: Float64Array | undefined;
  private turn = 0;

  constructor(
    private readonly table: readonly Cell[],
    private readonly rules: TableRules,
  ) {
    this.fewest = rules.fewest ?? FEWEST_ANSWERS;
    this.placeOf = table.flatMap(({ n }, place) => (n > 0 ? [place] : []));
    this.cellAt = new Int32Array(table.length).fill(-1);
    for (const [cell, place] of this.placeOf.entries()) this.cellAt[place] = cell;
    this.cells = coded(table.filter(({ n }) => n > 0), rules.implied.length); // prettier-ignore
    this.small = new SmallGroups(this.placeOf.length, this.random);
    this.sets = new FigureSets(this.placeOf.length, this.random);
    if (rules.settled) this.takeOver(rules.settled);
  }

  /**
   * Whether the figure of exactly these places may be shown in a report of these dimensions: as a sum of shown figures of
   * one margin. Throws AppError `report_too_fine` when what the report shows could not be decided.
   */
  shows(places: ReadonlySet<number>, mask: number): boolean {
    this.decideUpTo(mask);
    const cells = [...places].map((place) => this.cellAt[place] ?? -1).filter((cell) => cell >= 0);
    if (cells.length === 0) return false;
    return [...this.decided.values()].some(({ mask: margin, partition, sets }) => {
      if ((margin & ~mask) !== 0) return false;
      const used = [...new Set(cells.map((cell) => partition.of[cell] ?? 0))];
      const size = used.reduce((sum, figure) => sum + (partition.size[figure] ?? 0), 0);
      return size === cells.length && used.every((figure) => sets[figure]?.state === 'shown');
    });
  }

  /** The shown figures of a margin, each as JSON of its values. */
  shownOf(mask: number): ReadonlySet<string> {
    this.decideUpTo(mask);
    const { partition, sets } = this.decided.get(mask) ?? { partition: undefined, sets: [] };
    const shown = sets.flatMap((set, figure) => (set?.state === 'shown' ? [figure] : []));
    return new Set(shown.map((figure) => JSON.stringify(this.valuesOf(partition?.first[figure] ?? 0, mask))));
  }

  private decideUpTo(mask: number): void {
    for (let next = this.rules.turns[this.turn]; next && !this.decided.has(mask); next = this.rules.turns[this.turn]) {
      this.decide(next);
      this.turn++;
    }
    if (this.refused.has(mask) || !this.decided.has(mask)) throw tooFine();
  } // prettier-ignore

  private decide({ masks, guarded }: Turn): void {
    if (this.turn === 0) this.vetoTwins();
    for (const mask of guarded) this.small.addFrom(this.partitionOf(mask), this.fewest);
    this.guarded.push(...guarded);
    const own = masks.map((mask) => this.enter(mask));
    coverRests(own, [...this.decided.values()], this.fewest, this.turn);
    const change = this.mended();
    if (change) this.settle(own, change);
    else this.refuse(own);
  }

  /**
   * A figure of the same answers as one of another choice gets one decision with it, and must pass for both: what is all of
   * the other in this period need not be so in the next.
   */
  private vetoTwins(): void {
    const { veto, turns } = this.rules;
    if (!veto) return;
    const places = new Map<FigureSet, Sum[]>();
    for (const [turn, { masks }] of turns.entries()) {
      for (const mask of masks) {
        const { partition, sets } = this.figuresOf(mask, turn);
        for (const [figure, set] of sets.entries()) {
          if (!set) continue;
          const own = places.get(set) ?? [];
          own.push(this.sumOf(mask, partition.first[figure] ?? 0));
          places.set(set, own);
        }
      }
    }
    for (const [set, sums] of places) if (sums.length > 1 && set.turn >= 0) set.vetoed = sums.some(veto);
  }

  private sumOf(mask: number, cell: number): Sum {
    return { mask, by: this.valuesOf(cell, mask), cell: this.placeOf[cell] ?? 0 };
  }

  /** Takes in what another table has decided: hidden and shown, nothing is open. */
  private takeOver({ masks, by }: NonNullable<TableRules['settled']>): void {
    for (const mask of masks) {
      const shown = by.shownOf(mask);
      const figures = this.figuresOf(mask, -1);
      for (const [figure, set] of figures.sets.entries()) {
        if (!set) continue;
        const values = this.valuesOf(figures.partition.first[figure] ?? 0, mask).slice(0, by.rules.implied.length);
        set.state = shown.has(JSON.stringify(values)) ? 'shown' : 'hidden';
      }
      this.decided.set(mask, figures);
    }
    this.unnoticed = equationsOf([...this.decided.values()], this.placeOf.length).equations.unnoticed(this.random, MOST_WORK);
  } // prettier-ignore

  private enter(mask: number): Figures {
    const figures = this.figuresOf(mask, this.turn);
    const { partition, sets } = figures;
    const moved = this.unnoticed && sumsOf(partition, this.unnoticed);
    for (const [figure, set] of sets.entries()) {
      if (set?.turn !== this.turn) continue;
      const first = partition.first[figure] ?? 0;
      set.vetoed ||= this.rules.veto?.(this.sumOf(mask, first)) ?? false;
      set.given ||= moved !== undefined && Math.abs(moved[figure] ?? 0) < NOTHING;
      set.state = set.vetoed ? 'hidden' : set.given ? 'shown' : 'open';
    }
    this.decided.set(mask, figures);
    return figures;
  } // prettier-ignore

  /**
   * What is left of a figure without its parts of ten answers and more must not follow either, where it is small and the
   * figure is known: shown, or not decided yet and following from what is shown. Returns whether there is any new.
   */
  private guardRests(change: Float64Array): boolean {
    const before = this.small.count;
    for (const mask of new Set([...this.decided.keys(), ...this.guarded])) {
      const partition = this.partitionOf(mask);
      const done = this.restsGuarded.get(mask) ?? new Uint8Array(partition.figures);
      const moved = sumsOf(partition, change);
      const known = moved.map((sum, figure) => (done[figure] === 0 && Math.abs(sum) < NOTHING ? 1 : 0));
      this.restsGuarded.set(mask, done.map((one, figure) => one || (known[figure] ?? 0)));
      if (!known.includes(1)) continue;
      for (const finer of this.guarded) {
        if (refines(finer, mask)) this.small.addRests(partition, known, this.partitionOf(finer), this.fewest);
      }
    }
    return this.small.count > before;
  } // prettier-ignore

  /** Hides until nothing follows that must not; the change that proves it, or undefined when it could not be found. */
  private mended(): Float64Array | undefined {
    const all = [...this.decided.values()];
    const budget = { left: this.rules.mostWork ?? MOST_WORK };
    for (let round = 0; round < MOST_ROUNDS && budget.left > 0; round++) {
      const { equations } = equationsOf(all, this.placeOf.length);
      const change = equations.unnoticed(this.random, budget.left);
      budget.left -= equations.work;
      const failing = change && this.failing(change);
      if (!failing) return undefined;
      if (failing.length === 0 && !this.guardRests(change)) return change;
      const found = failing.length > 0 ? failing : this.failing(change);
      if (found.length === 0) return change;
      if (hideCulprits(found, all, this.placeOf.length, round, budget) === 0) return undefined;
    }
    return undefined;
  }

  /** The groups that must not follow from what is shown or open, and do, though they did not before this turn. */
  private failing(change: Float64Array): Int32Array[] {
    const failing = this.small.balanced(change, NOTHING);
    for (const { partition, sets } of this.decided.values()) {
      const moved = sumsOf(partition, change);
      for (const [figure, set] of sets.entries()) {
        // A figure hidden in this turn for the sake of others is shown when it follows: it then tells nothing more.
        const held = set?.state === 'hidden' && !set.given && (set.vetoed || set.turn < this.turn);
        if (held && Math.abs(moved[figure] ?? 0) < NOTHING) failing.push(cellsOf(partition, figure));
      }
    }
    const before = this.unnoticed;
    return before ? failing.filter((cells) => Math.abs(cells.reduce((sum, cell) => sum + (before[cell] ?? 0), 0)) >= NOTHING) : failing;
  } // prettier-ignore

  private settle(own: readonly Figures[], change: Float64Array): void {
    for (const { partition, sets } of own) {
      const moved = sumsOf(partition, change);
      for (const [figure, set] of sets.entries()) {
        if (set?.turn === this.turn && !set.vetoed) set.state = Math.abs(moved[figure] ?? 0) < NOTHING ? 'shown' : 'hidden';
      }
    }
    this.unnoticed = change;
  } // prettier-ignore

  /** Nothing of a turn is shown when it could not be decided; later ones go on without it. */
  private refuse(own: readonly Figures[]): void {
    for (const { mask, sets } of own) {
      this.refused.add(mask);
      for (const set of sets) if (set?.turn === this.turn) set.state = 'hidden';
    }
  }

  /** The figures of a choice, the new sets among them open in this turn. */
  private figuresOf(mask: number, turn: number): Figures {
    const figures =
      this.entered.get(mask) ?? this.sets.enter(mask, this.partitionOf(mask), this.fewest, turn);
    this.entered.set(mask, figures);
    return figures;
  }

  private partitionOf(mask: number): Partition {
    const known = this.partitions.get(mask);
    if (known) return known;
    const told = this.rules.implied.reduce((bits, other, d) => (mask & (1 << d) ? bits | other : bits), 0);
    const last = 31 - Math.clz32(mask & ~told);
    const made = last < 0 ? undivided(this.cells) : refined(this.partitionOf(mask & ~(1 << last)), this.cells, last);
    this.partitions.set(mask, made);
    return made;
  } // prettier-ignore

  private valuesOf(cell: number, mask: number): (string | null)[] {
    const by = this.table[this.placeOf[cell] ?? 0]?.by ?? [];
    return by.map((value, d) => (mask & (1 << d) ? value : null));
  }
}

export function tooFine(): AppError {
  return new AppError(
    'report_too_fine',
    'So many small groups cannot be shown safely: ask for fewer groups or a longer span.',
  );
}
