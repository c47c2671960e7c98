import { AppError } from '#kernel/errors';
import { Echelon } from './echelon.js';

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
  readonly cells: number[];
  n: number;
  shown: boolean;
  /** Must not be shown and must not follow from what is shown. */
  secret: boolean;
}

export interface TableRules {
  /** For each dimension the dimensions that its value implies (a day lies in one month), one bit each. */
  readonly implied?: readonly number[];
  /** Another reason than few answers why a sum may not be shown. */
  readonly veto?: (sum: Sum) => boolean;
}

// Multiplications for one table; a few seconds.
const MOST_WORK = 2e9;
const MOST_CELLS = 20_000;

/**
 * Which figures of a table and of its margins may be shown so that none of fewer than ten answers, and none that was
 * vetoed, is shown or follows from those that are.
 *
 * Margins are decided from coarse to fine, each from itself and its own margins alone: so a figure gets the same
 * decision in every report of the same answers that has room for it, whatever else that report is grouped by. Three
 * rules, in order:
 * 1. secret figures are hidden, and so is every part of a hidden figure;
 * 2. where hidden parts of a shown figure hold fewer than ten together, the smallest shown part is hidden too;
 * 3. as long as a secret figure is a linear combination of shown ones, the smallest shown one near it is hidden.
 * A reader is taken to know which groups gave no answer at all (counts are not secret), so zeros protect nothing.
 *
 * Throws AppError `report_too_fine` when the table is too large to be checked.
 */
export class DisclosureTable {
  private readonly sums = new Map<string, Sum>();
  private readonly byMask = new Map<number, Sum[]>();
  private readonly masks: number[];
  private left = MOST_WORK;

  constructor(
    private readonly cells: readonly Cell[],
    width: number,
    { implied = [], veto = () => false }: TableRules = {},
    private readonly fewest = FEWEST_ANSWERS,
  ) {
    if (cells.length > MOST_CELLS) throw tooFine();
    const closed = (mask: number): boolean =>
      Array.from({ length: width }, (_, d) => d).every(
        (d) => (mask & (1 << d)) === 0 || ((implied[d] ?? 0) & ~mask) === 0,
      );
    this.masks = Array.from({ length: 2 ** width }, (_, mask) => mask).filter(closed);
    this.masks.sort((a, b) => bits(a) - bits(b) || a - b);
    for (const mask of this.masks) this.byMask.set(mask, this.gather(mask));
    for (const sum of this.sums.values()) sum.secret = sum.n < fewest || veto(sum);
    for (const mask of this.masks) this.decide(mask);
  }

  /** Whether the figure of exactly these cells may be shown: as a sum of shown figures of one margin. */
  shows(cells: ReadonlySet<number>): boolean {
    const filled = [...cells].filter((cell) => (this.cells[cell]?.n ?? 0) > 0);
    if (filled.length === 0) return false;
    return this.masks.some((mask) => {
      const used = new Set(filled.map((cell) => this.sumOf(cell, mask)));
      return [...used].every((sum) => sum?.shown && sum.cells.every((cell) => this.outside(cell, cells)));
    });
  }

  private outside(cell: number, cells: ReadonlySet<number>): boolean {
    return cells.has(cell) || this.cells[cell]?.n === 0;
  }

  private sumOf(cell: number, mask: number): Sum | undefined {
    return this.sums.get(keyOf(this.cells[cell]?.by ?? [], mask));
  }

  private gather(mask: number): Sum[] {
    const own = new Map<string, Sum>();
    for (const [place, cell] of this.cells.entries()) {
      const key = keyOf(cell.by, mask);
      const by = cell.by.map((value, d) => (mask & (1 << d) ? value : null));
      const sum = own.get(key) ?? { mask, by, cells: [], n: 0, shown: false, secret: false };
      sum.cells.push(place);
      sum.n += cell.n;
      own.set(key, sum);
    }
    for (const [key, sum] of own) this.sums.set(key, sum);
    return [...own.values()];
  }

  private decide(mask: number): void {
    const own = this.byMask.get(mask) ?? [];
    const coarser = this.masks.filter((other) => other !== mask && (other & ~mask) === 0);
    for (const sum of own) {
      const wholes = coarser.map((other) => this.sumOf(sum.cells[0] ?? 0, other));
      sum.shown = !sum.secret && wholes.every((whole) => whole?.shown);
    }
    const settled = coarser.flatMap((other) => this.byMask.get(other) ?? []);
    for (;;) {
      this.coverRests(settled, own, mask);
      const given = this.derivations(settled, own);
      if (given.size === 0) return;
      for (const sum of given) sum.shown = false;
    }
  }

  /** Rule 2, until it holds for every shown whole. */
  private coverRests(settled: readonly Sum[], own: readonly Sum[], mask: number): void {
    const parts = new Map<Sum, Sum[]>();
    for (const whole of settled) if (whole.shown) parts.set(whole, []);
    for (const part of own) {
      for (const other of this.masks) {
        if (other === mask || (other & ~mask) !== 0) continue;
        const whole = this.sumOf(part.cells[0] ?? 0, other);
        if (whole?.shown) parts.get(whole)?.push(part);
      }
    }
    let changed = true;
    while (changed) {
      changed = false;
      for (const family of parts.values()) {
        const rest = family.reduce((n, part) => n + (part.shown ? 0 : part.n), 0);
        const next = rest > 0 && rest < this.fewest ? smallestShown(family) : undefined;
        if (next) next.shown = false;
        changed ||= next !== undefined;
      }
    }
  }

  /** Rule 3, once: for each secret figure that follows from shown ones, the shown one to hide. */
  private derivations(settled: readonly Sum[], own: readonly Sum[]): Set<Sum> {
    const unknown = own.filter((sum) => !sum.shown && sum.n > 0);
    const column = new Map(unknown.flatMap((sum, index) => sum.cells.map((cell) => [cell, index])));
    const given = settled.filter((sum) => sum.shown);
    // A hidden margin stays hidden whatever it was hidden for: others may rest on it.
    const secret = [
      ...unknown.filter((sum) => sum.secret),
      ...settled.filter((sum) => !sum.shown && sum.n > 0),
    ];
    this.left -= given.length * unknown.length * (given.length + secret.length);
    if (this.left < 0) throw tooFine();
    const vector = (sum: Sum): Float64Array => {
      const row = new Float64Array(unknown.length);
      for (const cell of sum.cells) {
        const index = column.get(cell);
        if (index !== undefined) row[index] = 1;
      }
      return row;
    };
    const echelon = new Echelon(given.map(vector));
    const culprits = new Set<Sum>();
    for (const sum of secret) {
      const used = echelon.combination(vector(sum));
      const near = used && smallestShown(touching([sum, ...used.flatMap((i) => given[i] ?? [])], own));
      if (near) culprits.add(near);
    }
    return culprits;
  }
}

function touching(sums: readonly Sum[], own: readonly Sum[]): Sum[] {
  const touched = new Set(sums.flatMap((sum) => sum.cells));
  return own.filter(({ cells }) => touched.has(cells[0] ?? -1));
}

function smallestShown(sums: readonly Sum[]): Sum | undefined {
  let least: Sum | undefined;
  for (const sum of sums) if (sum.shown && (least === undefined || sum.n < least.n)) least = sum;
  return least;
}

function keyOf(by: readonly (string | null)[], mask: number): string {
  return `${mask} ${JSON.stringify(by.filter((_, dimension) => mask & (1 << dimension)))}`;
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

function tooFine(): AppError {
  return new AppError(
    'report_too_fine',
    'So many small groups cannot be shown safely: ask for fewer groups or a longer span.',
  );
}
