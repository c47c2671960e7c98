import type { SeededRandom } from '#kernel/seeded-random';
import { sumsOf, type Partition } from './partition.js';

/** Some figures of a partition as equations over the cells. */
export interface Rows {
  readonly partition: Partition;
  /** By figure: 1 over its cells where it is one of the equations, 0 where it is not. */
  readonly weight: Float64Array;
}

// Far beyond what tables of answers need; what takes longer counts as unsolved.
const MOST_ROUNDS = 3000;
const PRECISION = 1e-11;
const REFINEMENTS = 3;

/**
 * Sums over figures, solved by conjugate gradients: each round reads every cell once for each partition, however the
 * figures overlap, where elimination would fill up (Saad, Iterative Methods for Sparse Linear Systems, 8.3).
 */
export class Equations {
  /** Cells read. */
  work = 0;

  constructor(
    private readonly rows: readonly Rows[],
    private readonly cells: number,
  ) {}

  /**
   * A change of the cells, at random, that leaves every figure as it is. What it leaves as it is too, beyond chance,
   * follows from the figures; undefined when it could not be found.
   */
  unnoticed(random: SeededRandom, most: number): Float64Array | undefined {
    const change = Float64Array.from({ length: this.cells }, () => 2 * random.next() - 1);
    const scale = Math.sqrt(this.cells);
    for (let round = 0; round < REFINEMENTS; round++) {
      const seen = this.normal(change);
      if (norm(seen) <= PRECISION * scale) return change;
      const part = this.solve(seen, this.work + most);
      for (let cell = 0; cell < change.length; cell++) change[cell] = (change[cell] ?? 0) - (part[cell] ?? 0);
    }
    return norm(this.normal(change)) <= 100 * PRECISION * scale ? change : undefined;
  }

  /** With what factors the figures add up to a sum that follows from them, as far as `most` cells lead. By rows, then by figure. */
  factors(sum: Float64Array, most: number): Float64Array[] {
    const solved = this.solve(sum, this.work + most);
    return this.rows.map(({ partition, weight }) =>
      sumsOf(partition, solved).map((sum, figure) => sum * (weight[figure] ?? 0)),
    );
  }

  /** Solves normal(x) = given, for a given sum of figures. */
  private solve(given: Float64Array, most: number): Float64Array {
    const found = new Float64Array(this.cells);
    const rest = given.slice();
    const step = given.slice();
    let left = dot(rest, rest);
    const enough = left * PRECISION ** 2;
    for (let round = 0; left > enough && round < MOST_ROUNDS && this.work < most; round++) {
      const image = this.normal(step);
      const length = left / dot(step, image);
      if (!Number.isFinite(length)) break;
      for (let cell = 0; cell < found.length; cell++) {
        found[cell] = (found[cell] ?? 0) + length * (step[cell] ?? 0);
        rest[cell] = (rest[cell] ?? 0) - length * (image[cell] ?? 0);
      }
      const next = dot(rest, rest);
      const turn = next / left;
      for (let cell = 0; cell < step.length; cell++)
        step[cell] = (rest[cell] ?? 0) + turn * (step[cell] ?? 0);
      left = next;
    }
    return found;
  }

  /** Means over the figures, given back to their cells, added up over all partitions. */
  private normal(numbers: Float64Array): Float64Array {
    const out = new Float64Array(numbers.length);
    this.work += numbers.length * this.rows.length;
    for (const { partition, weight } of this.rows) {
      const { of } = partition;
      const means = sumsOf(partition, numbers);
      for (let figure = 0; figure < means.length; figure++) means[figure] = (means[figure] ?? 0) * (weight[figure] ?? 0);
      for (let cell = 0; cell < of.length; cell++) out[cell] = (out[cell] ?? 0) + (means[of[cell] ?? 0] ?? 0);
    }
    return out;
  } // prettier-ignore
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let cell = 0; cell < a.length; cell++) sum += (a[cell] ?? 0) * (b[cell] ?? 0);
  return sum;
}

function norm(numbers: Float64Array): number {
  return Math.sqrt(dot(numbers, numbers));
}
