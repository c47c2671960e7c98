/** The cells of a table that have answers, with the number of their value in every dimension. */
export interface Coded {
  /** How many answers each cell holds. */
  readonly n: Float64Array;
  readonly dimensions: readonly { readonly values: Int32Array; readonly width: number }[];
}

/** The figures of one choice of dimensions: every cell lies in exactly one. */
export interface Partition {
  /** The figure of each cell. */
  readonly of: Int32Array;
  readonly figures: number;
  /** By figure: answers, cells, and the first of the cells. */
  readonly n: Float64Array;
  readonly size: Int32Array;
  readonly first: Int32Array;
}

/** Numbers the values that cells have in each of so many dimensions. */
export function coded(cells: readonly { by: readonly (string | null)[]; n: number }[], count: number): Coded {
  const dimensions = Array.from({ length: count }, (_, d) => {
    const known = new Map<string | null, number>();
    const values = Int32Array.from(cells, ({ by }) => {
      const value = by[d] ?? null;
      const number = known.get(value) ?? known.size;
      known.set(value, number);
      return number;
    });
    return { values, width: known.size };
  });
  return { n: Float64Array.from(cells, ({ n }) => n), dimensions };
}

/** All cells as one figure. */
export function undivided({ n }: Coded): Partition {
  return counted(new Int32Array(n.length), n.length > 0 ? 1 : 0, n);
}

// Near 2^32 divided by the golden ratio: spreads neighbouring keys over a table (Knuth, TAOCP 6.4).
const SPREAD = 0x9e3779b1;

/** A partition whose figures are cut further by one dimension. */
export function refined({ of: coarse }: Partition, { n, dimensions }: Coded, dimension: number): Partition {
  const { values, width } = dimensions[dimension] ?? { values: coarse, width: 1 };
  const bits = Math.ceil(Math.log2(coarse.length + 2)) + 1;
  const keys = new Float64Array(2 ** bits).fill(-1);
  const numbers = new Int32Array(2 ** bits);
  const of = new Int32Array(coarse.length);
  let figures = 0;
  for (let cell = 0; cell < of.length; cell++) {
    const key = (coarse[cell] ?? 0) * width + (values[cell] ?? 0);
    let slot = Math.imul(key, SPREAD) >>> (32 - bits);
    while (keys[slot] !== key && keys[slot] !== -1) slot = (slot + 1) & (2 ** bits - 1);
    if (keys[slot] === -1) {
      keys[slot] = key;
      numbers[slot] = figures++;
    }
    of[cell] = numbers[slot] ?? 0;
  }
  return counted(of, figures, n);
}

function counted(of: Int32Array, figures: number, n: Float64Array): Partition {
  const size = new Int32Array(figures);
  const first = new Int32Array(figures);
  for (let cell = of.length - 1; cell >= 0; cell--) {
    const figure = of[cell] ?? 0;
    size[figure] = (size[figure] ?? 0) + 1;
    first[figure] = cell;
  }
  return { of, figures, n: sumsOf({ of, figures }, n), size, first };
}

/** Adds up numbers of the cells by figure. */
export function sumsOf(
  { of, figures }: Pick<Partition, 'of' | 'figures'>,
  numbers: Float64Array,
): Float64Array {
  const sums = new Float64Array(figures);
  for (let cell = 0; cell < of.length; cell++) {
    const figure = of[cell] ?? 0;
    sums[figure] = (sums[figure] ?? 0) + (numbers[cell] ?? 0);
  }
  return sums;
}

/** The cells of a figure. */
export function cellsOf({ of }: Partition, figure: number): Int32Array {
  const cells: number[] = [];
  for (let cell = 0; cell < of.length; cell++) if (of[cell] === figure) cells.push(cell);
  return Int32Array.from(cells);
}

/** Whether all of these cells lie in a figure. */
export function contains({ of }: Partition, figure: number, cells: Int32Array): boolean {
  return cells.every((cell) => of[cell] === figure);
}
