import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DisclosureTable, type Cell } from './disclosure-table.js';
import { Echelon } from './echelon.js';

const line = (...counts: number[]): Cell[] => counts.map((n, i) => ({ by: [`g${i}`], n }));
const table = (rows: readonly (readonly number[])[]): Cell[] =>
  rows.flatMap((row, r) => row.map((n, c) => ({ by: [`r${r}`, `c${c}`], n })));
const cellsShown = (cells: readonly Cell[], width = 1): boolean[] => {
  const decided = new DisclosureTable(cells, width);
  return cells.map((_, cell) => decided.shows(new Set([cell])));
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
    const decided = new DisclosureTable(line(9, 50, 20, 30), 1);
    const shows = (...cells: number[]) => decided.shows(new Set(cells));
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

  test('a part of a hidden group is hidden, however many it holds', () => {
    // Row 1 is hidden to protect row 0 (5 answers): its parts would give it.
    const cells = table([
      [5, 0],
      [15, 15],
      [40, 50],
    ]);
    expect(cellsShown(cells, 2).slice(2, 4)).toEqual([false, false]);
  });

  test('a dimension that follows from another is its margin', () => {
    // Variant x2 lies in campaign x: the campaign's figure minus x1 would give it.
    const cells = [
      { by: ['x', 'x1'], n: 30 },
      { by: ['x', 'x2'], n: 4 },
      { by: ['y', 'y1'], n: 12 },
    ];
    const decided = new DisclosureTable(cells, 2, { implied: [0, 1] });
    expect(cells.map((_, cell) => decided.shows(new Set([cell])))).toEqual([false, false, true]);
    expect(decided.shows(new Set([0, 1]))).toBe(true);
  });
});

test('a vetoed figure is hidden and protected like a small one', () => {
  const cells = line(40, 50, 60);
  const decided = new DisclosureTable(cells, 1, { veto: (sum) => sum.by[0] === 'g1' });
  expect(cells.map((_, cell) => decided.shows(new Set([cell])))).toEqual([false, false, true]);
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

  test('nothing small is shown or follows from all reports and filters together', () => {
    fc.assert(
      fc.property(atoms(some), (cells) => expect(recovered(cells, pairs)).toEqual([])),
      {
        numRuns: 300,
      },
    );
  });

  test('a reader who knows which groups gave no answer learns no more from a table than from its margins', () => {
    const sparse = fc.oneof(fc.constant(0), some);
    const whole = [[], [0], [1], [0, 1]];
    fc.assert(
      fc.property(atoms(sparse), (cells) => {
        const folded = fold(cells, [0, 1]);
        const before = recovered(folded, whole, whole.slice(0, 3));
        expect(recovered(folded, whole).filter((name) => !before.includes(name))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('where no group is small nothing is hidden', () => {
    fc.assert(
      fc.property(atoms(some), (cells) => {
        const large = cells.map(({ by, n }) => ({ by, n: n + 10 }));
        for (const kept of pairs) {
          const folded = fold(large, kept);
          expect(cellsShown(folded, kept.length)).toEqual(folded.map(() => true));
        }
      }),
      { numRuns: 50 },
    );
  });

  type Tables = readonly (readonly number[])[];
  const pairs = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]] as const;

  function fold(cells: readonly Cell[], kept: readonly number[]): Cell[] {
    const sums = new Map<string, { by: (string | null)[]; n: number }>();
    for (const { by, n } of cells) {
      const values = kept.map((d) => by[d] ?? null);
      const sum = sums.get(values.join()) ?? { by: values, n: 0 };
      sum.n += n;
      sums.set(values.join(), sum);
    }
    return [...sums.values()];
  }

  function recovered(cells: readonly Cell[], tables: Tables, reports = tables): string[] {
    const indicator = (inside: (by: Cell['by']) => boolean): Float64Array =>
      Float64Array.from(cells.map(({ by }) => (inside(by) ? 1 : 0)));
    const known: Float64Array[] = [];
    const small: { name: string; vector: Float64Array }[] = [];
    for (const kept of tables) {
      const own = fold(cells, kept);
      const decided = new DisclosureTable(own, kept.length);
      for (const asked of boxes(kept)) {
        const inside = (values: Cell['by']): boolean =>
          asked.every((list, place) => list.includes(values[place] ?? ''));
        const found = own.flatMap(({ by }, place) => (inside(by) ? [place] : []));
        const atomsInside = indicator((by) => inside(kept.map((d) => by[d] ?? null)));
        if (reports.includes(kept) && decided.shows(new Set(found))) known.push(atomsInside);
      }
      for (const { by } of own.filter((sum) => sum.n < 10)) {
        small.push({
          name: by.join(),
          vector: indicator((values) => kept.every((d, place) => values[d] === by[place])),
        });
      }
    }
    const echelon = new Echelon(known);
    return small.flatMap(({ name, vector }) => (echelon.combination(vector) ? [name] : []));
  }

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

test('a table too large to be checked is refused', () => {
  const rows = Array.from({ length: 400 }, (_, r) =>
    Array.from({ length: 400 }, (__, c) => ((r + c) % 2 ? 5 : 12)),
  );
  expect(() => cellsShown(table(rows), 2)).toThrow(expect.objectContaining({ code: 'report_too_fine' }));
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
