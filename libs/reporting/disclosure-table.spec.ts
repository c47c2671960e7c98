import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { recoveredFrom, tableOf } from '#testkit/disclosure-tables';
import { DisclosureTable, type Cell } from './disclosure-table.js';
import { Echelon } from './echelon.js';

const line = (...counts: number[]): Cell[] => counts.map((n, i) => ({ by: [`g${i}`], n }));
const table = (rows: readonly (readonly number[])[]): Cell[] =>
  rows.flatMap((row, r) => row.map((n, c) => ({ by: [`r${r}`, `c${c}`], n })));
const cellsShown = (cells: readonly Cell[], width = 1): boolean[] => {
  const decided = tableOf(cells, width);
  return cells.map((_, cell) => decided.shows(new Set([cell]), 2 ** width - 1));
};

describe('one dimension', () => {
  test.each<[string, number[], boolean[]]>([
    ['nothing small, nothing hidden', [10, 50, 200], [true, true, true]],
    ['one small group takes the next smallest along', [9, 50, 20], [false, true, false]],
    ['small groups that hold ten together hide each other', [4, 6, 50], [false, false, true]],
    ['small groups that hold fewer together take another along', [4, 5, 50, 60], [false, false, false, true]],
    ['a group without answers protects nobody', [9, 0, 50, 60], [false, false, false, true]],
    ['one small group alone', [3], [false]],
    ['a total under ten hides everything', [3, 4], [false, false]],
  ])('%s', (_, counts, expected) => {
    expect(cellsShown(line(...counts))).toEqual(expected);
  });

  test('without grouping the total is shown from ten answers on', () => {
    expect(cellsShown([{ by: [], n: 9 }], 0)).toEqual([false]);
    expect(cellsShown([{ by: [], n: 10 }], 0)).toEqual([true]);
    expect(cellsShown([])).toEqual([]);
  });

  test('a filter of several groups is shown when each is, or when it is all of them', () => {
    const decided = tableOf(line(9, 50, 20, 30), 1);
    const shows = (...cells: number[]) => decided.shows(new Set(cells), 1);
    expect(shows(1, 3)).toBe(true);
    expect(shows(0, 1, 2, 3)).toBe(true);
    expect(shows(1, 2)).toBe(false); // with 1 alone it would give 2, and with the total then 0
    expect(shows(0, 2)).toBe(false);
    expect(shows()).toBe(false);
  });
});

describe('two dimensions', () => {
  test('a small cell is protected along its row and its column', () => {
    const cells = table([
      [5, 20, 40],
      [30, 25, 60],
      [35, 45, 55],
    ]);
    const shown = cellsShown(cells, 2);
    expect(shown[0]).toBe(false);
    expect(shown.filter((cell) => !cell).length).toBeGreaterThanOrEqual(4);
    expect(shown.filter(Boolean).length).toBeGreaterThanOrEqual(4);
  });

  test('a part of a hidden group is hidden, however many it holds, unless it follows anyway', () => {
    // Row 1 is hidden to protect row 0 (5 answers): its part in column 0 would give it. Its part in column 1, where row 0
    // has none, is what the third row leaves of the column.
    const cells = table([
      [5, 0],
      [15, 15],
      [40, 50],
    ]);
    expect(cellsShown(cells, 2)).toEqual([false, false, false, true, true, true]);
  });

  test('a dimension that follows from another is its margin', () => {
    // Variant x2 lies in campaign x: the campaign's figure minus x1 would give it.
    const cells = [
      { by: ['x', 'x1'], n: 30 },
      { by: ['x', 'x2'], n: 4 },
      { by: ['y', 'y1'], n: 12 },
    ];
    const decided = tableOf(cells, 2, { implied: [0, 1] });
    expect(cells.map((_, cell) => decided.shows(new Set([cell]), 3))).toEqual([false, false, true]);
    expect(decided.shows(new Set([0, 1]), 3)).toBe(true);
  });
});

test('a vetoed figure is hidden and protected like a small one', () => {
  const cells = line(40, 50, 60);
  const decided = tableOf(cells, 1, { veto: (sum) => sum.by[0] === 'g1' });
  expect(cells.map((_, cell) => decided.shows(new Set([cell]), 1))).toEqual([false, false, true]);
});

/**
 * The attack: every figure of every report by up to two of three dimensions, each with every filter of one value, of
 * all but one, or none, put together and solved for every small group that such a report could have.
 */
describe('for any answers', () => {
  const some = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 60 }));
  const sizes = [3, 3, 2] as const;
  const atoms = (count: fc.Arbitrary<number>) =>
    fc
      .array(count, { minLength: 18, maxLength: 18 })
      .map((counts) => counts.map((n, i) => ({ by: [`a${i % 3}`, `b${Math.floor(i / 3) % 3}`, `c${Math.floor(i / 9)}`], n })).filter(({ n }) => n > 0)); // prettier-ignore

  const sparse = fc.oneof(fc.constant(0), some);

  test.each([['in every combination', some], ['in some of the combinations', sparse]])('with answers %s nothing small is shown or follows from all reports and filters together', (_, count) => {
    fc.assert(
      fc.property(atoms(count), (cells) => expect(recovered(cells)).toEqual([])),
      { numRuns: 300 },
    );
  }); // prettier-ignore

  test('where no group is small nothing is hidden', () => {
    fc.assert(
      fc.property(atoms(some), (cells) => {
        const large = cells.map(({ by, n }) => ({ by, n: n + 10 }));
        expect(cellsShown(large, sizes.length)).toEqual(large.map(() => true));
      }),
      { numRuns: 50 },
    );
  });

  const pairs = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]] as const;

  function recovered(cells: readonly Cell[]): string[] {
    const table = tableOf(cells, sizes.length);
    const known: { cells: number[] }[] = [];
    const small = new Map<string, { name: string; cells: number[]; n: number }>();
    for (const kept of pairs) {
      const mask = kept.reduce<number>((bits, d) => bits | (1 << d), 0);
      for (const asked of boxes(kept)) {
        const inside = cells.flatMap(({ by }, cell) => kept.every((d, place) => asked[place]?.includes(by[d] ?? '')) ? [cell] : []);
        if (table.shows(new Set(inside), mask)) known.push({ cells: inside });
      }
      for (const [cell, { by, n }] of cells.entries()) {
        const name = kept.map((d) => by[d]).join();
        const group = small.get(name) ?? { name, cells: [], n: 0 };
        small.set(name, { name, cells: [...group.cells, cell], n: group.n + n });
      }
    }
    const sought = [...small.values()].filter(({ n }) => n < 10);
    return recoveredFrom(known, sought, cells.length).map(({ name }) => name);
  } // prettier-ignore

  /** Every choice of one value, two values or all values of each dimension. */
  function boxes(kept: readonly number[]): string[][][] {
    return kept.reduce<string[][][]>(
      (made, d) => {
        const values = Array.from({ length: sizes[d] ?? 0 }, (_, i) => `${'abc'[d]}${i}`);
        const lists = [values, ...values.map((one) => [one]), ...values.map((one) => values.filter((v) => v !== one))]; // prettier-ignore
        return made.flatMap((box) => lists.map((list) => [...box, list]));
      },
      [[]],
    );
  }
});

test('what takes too long to decide is refused; what was decided before stays', () => {
  const cells = table([
    [5, 20, 40],
    [30, 25, 60],
    [35, 45, 55],
  ]);
  const turns = [
    { masks: [0], guarded: [0, 1, 2, 3] },
    { masks: [1, 2, 3], guarded: [] },
  ];
  const [enough, few] = [1e6, 60].map(
    (mostWork) => new DisclosureTable(cells, { implied: [0, 0], turns, mostWork }),
  );
  const all = new Set(cells.keys());
  expect(enough?.shows(new Set([8]), 3)).toBe(true);
  expect(few?.shows(all, 0)).toBe(true);
  expect(() => few?.shows(new Set([8]), 3)).toThrow(expect.objectContaining({ code: 'report_too_fine' }));
  expect(few?.shows(all, 0)).toBe(true);
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
