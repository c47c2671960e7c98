const NOTHING = 1e-9;

/** Rows in echelon form by Gauss, each remembering which of the given rows it was made of. */
export class Echelon {
  private readonly rows: { vector: Float64Array; pivot: number; of: Set<number> }[] = [];

  /** Changes the given rows. */
  constructor(given: readonly Float64Array[]) {
    for (const [index, vector] of given.entries()) {
      const of = this.reduce(vector);
      const pivot = vector.findIndex((value) => Math.abs(value) > NOTHING);
      if (pivot >= 0) this.rows.push({ vector, pivot, of: of.add(index) });
    }
  }

  /** Which given rows add up to the vector with some factors; undefined when none do. Changes the vector. */
  combination(vector: Float64Array): number[] | undefined {
    const used = this.reduce(vector);
    return vector.every((value) => Math.abs(value) <= NOTHING) ? [...used] : undefined;
  }

  /** Takes multiples of the rows off the vector, so that it is zero at every pivot. */
  private reduce(vector: Float64Array): Set<number> {
    const used = new Set<number>();
    for (const { vector: row, pivot, of } of this.rows) {
      const factor = (vector[pivot] ?? 0) / (row[pivot] ?? 1);
      if (Math.abs(factor) <= NOTHING) continue;
      for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - factor * (row[i] ?? 0);
      for (const index of of) used.add(index);
    }
    return used;
  }
}
