import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Echelon } from './echelon.js';
import { shownCells, type Cell } from './suppression.js';

const line = (...counts: number[]): Cell[] => counts.map((n, i) => ({ by: [`g${i}`], n }));
const table = (rows: readonly (readonly number[])[]): Cell[] =>
  rows.flatMap((row, r) => row.map((n, c) => ({ by: [`r${r}`, `c${c}`], n })));

describe('one dimension', () => {
  test.each<[string, number[], boolean[]]>([
    ['nothing small, nothing hidden', [10, 50, 200], [true, true, true]],
    ['one small group takes the next smallest along', [9, 50, 20], [false, true, false]],
    ['small groups that hold ten together hide each other', [4, 6, 50], [false, false, true]],
    ['small groups that hold fewer together take another along', [4, 5, 50, 60], [false, false, false, true]],
    ['one small group alone', [3], [false]],
    ['a total under ten hides everything', [3, 4], [false, false]],
  ])('%s', (_, counts, expected) => {
    expect(shownCells(line(...counts))).toEqual(expected);
  });

  test('without grouping the total is shown from ten answers on', () => {
    expect(shownCells([{ by: [], n: 9 }])).toEqual([false]);
    expect(shownCells([{ by: [], n: 10 }])).toEqual([true]);
    expect(shownCells([])).toEqual([]);
  });
});

describe('two dimensions', () => {
  test('a small cell is protected along its row and its column', () => {
    const cells = table([
      [5, 20, 40],
      [30, 25, 60],
      [35, 45, 55],
    ]);
    const shown = shownCells(cells);
    expect(shown[0]).toBe(false);
    expect(shown.filter((cell) => !cell).length).toBeGreaterThanOrEqual(4);
    expect(recovered(cells, shown)).toEqual([]);
  });

  test('a cell that only a chain of rows and columns gives away is protected too', () => {
    // Two squares of hidden cells joined by one small cell: each row and column hides two, yet it follows.
    const cells = table([
      [5, 5, 90, 90, 90],
      [5, 5, 4, 90, 90],
      [90, 90, 6, 6, 90],
      [90, 90, 6, 6, 90],
      [90, 90, 90, 90, 90],
    ]);
    expect(recovered(cells, shownCells(cells))).toEqual([]);
  });

  test('a group too small to be shown by itself does not come back through its neighbours', () => {
    // Row 0 holds 5 in all: total minus the other rows would give it.
    const cells = table([
      [5, 0],
      [20, 30],
      [40, 50],
    ]);
    expect(recovered(cells, shownCells(cells))).toEqual([]);
  });
});

describe('for any table', () => {
  const size = fc.integer({ min: 1, max: 4 });
  const count = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 60 }));
  const anyTable = fc.tuple(size, size).chain(([height, width]) => {
    const row = fc.array(count, { minLength: width, maxLength: width });
    return fc.array(row, { minLength: height, maxLength: height }).map(table);
  });

  test('no small cell is shown and none follows from the cells and margins', () => {
    fc.assert(
      fc.property(anyTable, (cells) => {
        const shown = shownCells(cells);
        expect(cells.filter((cell, i) => shown[i] && cell.n < 10)).toEqual([]);
        expect(recovered(cells, shown)).toEqual([]);
        if (cells.every((cell) => cell.n >= 10)) expect(shown.every(Boolean)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('with gaps, nothing follows that the margins did not already tell', () => {
    fc.assert(
      fc.property(anyTable, (full) => {
        const cells = full.filter((cell) => cell.n > 0);
        const before = recovered(cells, cells.map(() => false)); // prettier-ignore
        expect(recovered(cells, shownCells(cells)).filter((name) => !before.includes(name))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

test('a table too large to be checked is refused', () => {
  const rows = Array.from({ length: 400 }, (_, r) =>
    Array.from({ length: 400 }, (__, c) => ((r + c) % 2 ? 5 : 12)),
  );
  expect(() => shownCells(table(rows))).toThrow(expect.objectContaining({ code: 'report_too_fine' }));
});

test('echelon form finds which rows a vector is made of', () => {
  const rows = () =>
    [
      [1, 1, 0],
      [0, 1, 1],
    ].map((row) => Float64Array.from(row));
  expect(new Echelon(rows()).combination(Float64Array.from([1, 2, 1]))).toEqual([0, 1]);
  expect(new Echelon(rows()).combination(Float64Array.from([1, 0, 0]))).toBeUndefined();
  expect(new Echelon(rows()).combination(Float64Array.from([0, 0, 0]))).toEqual([]);
});

/**
 * The attack: everything a reader has (shown cells; row, column and grand totals as far as each report by one
 * dimension shows them) solved for each small cell, row and column.
 */
function recovered(cells: readonly Cell[], shown: readonly boolean[]): string[] {
  const unit = (inside: (cell: Cell) => boolean): Float64Array =>
    Float64Array.from(cells.map((cell) => (inside(cell) ? 1 : 0)));
  const known = cells.filter((_, i) => shown[i]).map((cell) => unit((other) => other === cell));
  const small = cells
    .filter(({ n }) => n > 0 && n < 10)
    .map((cell) => ({ name: cell.by.join(), vector: unit((other) => other === cell) }));
  for (const dimension of [0, 1]) {
    const names = [...new Set(cells.map(({ by }) => by[dimension] ?? ''))];
    const sums = names.map((name) => ({ name, inside: (cell: Cell) => cell.by[dimension] === name }));
    const counts = sums.map(({ inside }) => cells.filter(inside).reduce((n, cell) => n + cell.n, 0));
    const margin = shownCells(counts.map((n, i) => ({ by: [names[i] ?? ''], n })));
    for (const [i, { name, inside }] of sums.entries()) {
      if (margin[i]) known.push(unit(inside));
      if (cells.some((cell) => inside(cell) && cell.n > 0) && (counts[i] ?? 0) < 10)
        small.push({ name, vector: unit(inside) });
    }
  }
  if (cells.reduce((n, cell) => n + cell.n, 0) >= 10) known.push(unit(() => true));
  const echelon = new Echelon(known);
  return small.flatMap(({ name, vector }) => (echelon.combination(vector) ? [name] : []));
}
