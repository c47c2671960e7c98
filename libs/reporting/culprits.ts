import { Echelon } from './echelon.js';
import { refines, seen, type Figures, type FigureSet } from './figures.js';
import { Equations } from './null-space.js';
import { cellsOf, contains } from './partition.js';

// Larger surroundings are left to the equations of all figures.
const MOST_AROUND = 400;
const MOST_SOUGHT_FAR = 3;

/** Cells that may still be read. */
export interface Budget {
  left: number;
}

/** The equations of all figures that are not hidden; those that add up from a finer choice without gaps are left out. */
export function equationsOf(
  all: readonly Figures[],
  cells: number,
): { equations: Equations; rows: Figures[] } {
  const complete = all.filter(({ sets }) => sets.every(seen));
  const rows = all.filter(
    ({ mask, sets }) => sets.some(seen) && !complete.some((finer) => refines(finer.mask, mask)),
  );
  const weighted = rows.map(({ partition, sets }) => ({
    partition,
    weight: Float64Array.from(sets, (set, figure) => (seen(set) ? 1 / (partition.size[figure] ?? 1) : 0)),
  }));
  return { equations: new Equations(weighted, cells), rows };
}

/**
 * Hides open figures so that groups of cells no longer follow, or fewer of them: of each combination that gives one the
 * smallest. Returns how many it hid. `round`: how often it was tried before; it hides more each time, as one
 * group may follow in many ways.
 */
export function hideCulprits(
  groups: readonly Int32Array[],
  all: readonly Figures[],
  cells: number,
  round: number,
  budget: Budget,
): number {
  const { equations, rows } = equationsOf(all, cells);
  let hidden = 0;
  const far: Int32Array[] = [];
  for (const group of groups) {
    const near = budget.left > 0 ? hideAround(group, all, budget) : 0;
    if (near === 0) far.push(group);
    hidden += near;
  }
  for (const group of far.slice(0, MOST_SOUGHT_FAR))
    hidden += hideFar(group, equations, rows, cells, 2 ** round, budget);
  return hidden;
}

/** Looks for combinations inside each shown figure that holds the group, from the narrowest. */
function hideAround(group: Int32Array, all: readonly Figures[], budget: Budget): number {
  const places = all.flatMap(({ partition, sets }) => {
    const figure = partition.of[group[0] ?? 0] ?? 0;
    const size = partition.size[figure] ?? 0;
    const holds = seen(sets[figure]) && size <= MOST_AROUND && contains(partition, figure, group);
    return holds ? [{ partition, figure, size }] : [];
  });
  places.sort((a, b) => a.size - b.size);
  for (const { partition, figure } of places) {
    const hidden = hideInside(cellsOf(partition, figure), group, all, budget);
    if (hidden > 0) return hidden;
  }
  return 0;
}

function hideInside(cells: Int32Array, group: Int32Array, all: readonly Figures[], budget: Budget): number {
  const members = new Set(group);
  for (let hidden = 0; ; hidden++) {
    const inside = figuresInside(cells, all);
    budget.left -= inside.length * Math.min(inside.length, cells.length) * cells.length;
    const echelon = new Echelon(
      inside.map(({ of, figure }) => Float64Array.from(cells, (cell) => (of[cell] === figure ? 1 : 0))),
    );
    const used = echelon.combination(Float64Array.from(cells, (cell) => (members.has(cell) ? 1 : 0))) ?? [];
    const open = used.flatMap((place) => inside[place]?.set ?? []).filter(({ state }) => state === 'open');
    const least = open.sort((a, b) => a.n - b.n)[0];
    if (!least) return hidden;
    least.state = 'hidden';
  }
}

/** The figures that are not hidden and have all their cells among these, each set once, the largest first. */
function figuresInside(cells: Int32Array, all: readonly Figures[]): { set: FigureSet; of: Int32Array; figure: number }[] {
  const found = new Map<FigureSet, { set: FigureSet; of: Int32Array; figure: number }>();
  for (const { partition: { of, size }, sets } of all) {
    const counts = new Map<number, number>();
    for (const cell of cells) counts.set(of[cell] ?? 0, (counts.get(of[cell] ?? 0) ?? 0) + 1);
    for (const [figure, count] of counts) {
      const set = sets[figure];
      if (set && seen(set) && count === size[figure]) found.set(set, { set, of, figure });
    }
  }
  return [...found.values()].sort((a, b) => b.set.n - a.set.n);
} // prettier-ignore

/** The open figures that weigh most in a combination of all that gives the group. */
function hideFar(
  group: Int32Array,
  equations: Equations,
  rows: readonly Figures[],
  cells: number,
  most: number,
  budget: Budget,
): number {
  const sum = new Float64Array(cells);
  for (const cell of group) sum[cell] = 1;
  const before = equations.work;
  const factors = equations.factors(sum, Math.max(0, budget.left));
  budget.left -= equations.work - before;
  const weights = new Map<FigureSet, number>();
  for (const [place, { sets }] of rows.entries()) {
    for (const [figure, set] of sets.entries()) {
      const weight = Math.abs(factors[place]?.[figure] ?? 0);
      if (set?.state === 'open' && weight > (weights.get(set) ?? 1e-6)) weights.set(set, weight);
    }
  }
  const heaviest = [...weights].sort(([a, x], [b, y]) => y - x || a.n - b.n).slice(0, most);
  for (const [set] of heaviest) set.state = 'hidden';
  return heaviest.length;
}
