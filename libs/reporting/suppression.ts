import { AppError } from '#kernel/errors';
import { Echelon } from './echelon.js';

/** Fewest answers a published score may rest on (Picker Institute for NHS England, 2013). */
export const FEWEST_ANSWERS = 10;

/** A cell of a table: the values of its grouping dimensions and how many answers it holds. */
export interface Cell {
  readonly by: readonly (string | null)[];
  readonly n: number;
}

/** A figure of the table or of one of its margins: some of the cells, added up. */
interface Sum {
  /** Which dimensions it keeps, one bit each; all of them: a cell. */
  readonly mask: number;
  readonly cells: number[];
  n: number;
  shown: boolean;
}

/** The parts of one shown figure along further dimensions: they add up to it. */
interface Family {
  readonly whole: Sum;
  readonly parts: Sum[];
}

// Multiplications for one table; a few seconds.
const MOST_WORK = 2e9;
const MOST_CELLS = 20_000;

/**
 * Which cells may be shown so that no sum of fewer than ten answers is shown or can be worked out from this table
 * and its margins (the same report grouped by fewer of its dimensions). Small figures are hidden first. Then, as
 * long as a small one still follows from what is shown, another is hidden: the smallest of those it follows from.
 * "Follows" means by adding and subtracting: any linear combination is found, not only total minus the rest. Coarse
 * margins are settled before finer ones and are not touched again.
 *
 * Cells without answers are given too, with n = 0: they are hidden like other small ones, and a reader is assumed
 * not to know which is which. Throws AppError `report_too_fine` when a table is too large to be checked.
 */
export function shownCells(cells: readonly Cell[], fewest = FEWEST_ANSWERS): boolean[] {
  const width = cells[0]?.by.length ?? 0;
  if (cells.length > MOST_CELLS) throw tooFine();
  const sums = sumsOf(cells, width);
  const check = new Check(fewest);
  for (let level = 0; level <= width; level++) {
    const settled = [...sums.values()].filter((sum) => bits(sum.mask) < level);
    const current = [...sums.values()].filter((sum) => bits(sum.mask) === level);
    for (const sum of current) sum.shown = sum.n >= fewest;
    const families = familiesOf(cells, sums, current);
    let culprit: Sum | undefined;
    do {
      culprit = check.smallRest(families) ?? check.derivation(settled, current, level === width);
      if (culprit) culprit.shown = false;
    } while (culprit);
  }
  return cells.map((cell) => sums.get(keyOf(cell, 2 ** width - 1))?.shown ?? false);
}

/** Every figure of the table and its margins. */
function sumsOf(cells: readonly Cell[], width: number): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (let mask = 0; mask < 2 ** width; mask++) {
    for (const [place, cell] of cells.entries()) {
      const key = keyOf(cell, mask);
      const sum = sums.get(key) ?? { mask, cells: [], n: 0, shown: false };
      sum.cells.push(place);
      sum.n += cell.n;
      sums.set(key, sum);
    }
  }
  return sums;
}

function familiesOf(
  cells: readonly Cell[],
  sums: ReadonlyMap<string, Sum>,
  current: readonly Sum[],
): Family[] {
  const families = new Map<string, Family>();
  for (const part of current) {
    const cell = cells[part.cells[0] ?? 0];
    for (let mask = 0; cell && mask < part.mask; mask++) {
      const key = keyOf(cell, mask);
      const whole = sums.get(key);
      if ((mask & part.mask) !== mask || !whole?.shown) continue;
      const family = families.get(`${part.mask} ${key}`) ?? { whole, parts: [] };
      family.parts.push(part);
      families.set(`${part.mask} ${key}`, family);
    }
  }
  return [...families.values()];
}

/** Looks for what gives a small figure away; keeps count of its work. */
class Check {
  private left = MOST_WORK;

  constructor(private readonly fewest: number) {}

  /** Where a shown figure minus its shown parts leaves a few answers: the smallest of those parts. */
  smallRest(families: readonly Family[]): Sum | undefined {
    for (const { parts } of families) {
      const rest = parts.reduce((n, part) => n + (part.shown ? 0 : part.n), 0);
      if (rest > 0 && rest < this.fewest) return smallestShown(parts);
    }
    return undefined;
  }

  /**
   * A shown figure of the current level from which, with others, a small one follows; undefined when none does.
   * Small figures that follow from the settled levels alone are beyond help here.
   */
  derivation(settled: readonly Sum[], current: readonly Sum[], finest: boolean): Sum | undefined {
    const small = [...settled, ...current].filter((sum) => sum.n > 0 && sum.n < this.fewest);
    if (small.length === 0) return undefined;
    // A cell that is shown is known: only the hidden ones are asked about, which keeps the check small.
    const known = new Set(finest ? current.filter((sum) => sum.shown).flatMap((sum) => sum.cells) : []);
    const given = (finest ? settled : [...settled, ...current]).filter((sum) => sum.shown);
    const unknown = [...new Set([...given, ...small].flatMap((sum) => sum.cells))].filter(
      (cell) => !known.has(cell),
    );
    this.left -= given.length * unknown.length * (given.length + small.length);
    if (this.left < 0) throw tooFine();
    const column = new Map(unknown.map((cell, index) => [cell, index]));
    const echelon = new Echelon(given.map((sum) => vectorOf(sum, column)));
    for (const sum of small) {
      const used = echelon.combination(vectorOf(sum, column))?.flatMap((index) => given[index] ?? []);
      const culprit =
        used && smallestShown(finest ? touching([sum, ...used], current) : overlap(used, current));
      if (culprit) return culprit;
    }
    return undefined;
  }
}

function vectorOf({ cells }: Sum, column: ReadonlyMap<number, number>): Float64Array {
  const row = new Float64Array(column.size);
  for (const cell of cells) {
    const index = column.get(cell);
    if (index !== undefined) row[index] = 1;
  }
  return row;
}

function overlap(used: readonly Sum[], current: readonly Sum[]): Sum[] {
  const own = new Set(current);
  return used.filter((sum) => own.has(sum));
}

function touching(sums: readonly Sum[], current: readonly Sum[]): Sum[] {
  const touched = new Set(sums.flatMap((sum) => sum.cells));
  return current.filter(({ cells }) => touched.has(cells[0] ?? -1));
}

function smallestShown(sums: readonly Sum[]): Sum | undefined {
  let least: Sum | undefined;
  for (const sum of sums) if (sum.shown && (least === undefined || sum.n < least.n)) least = sum;
  return least;
}

function keyOf({ by }: Cell, mask: number): string {
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
