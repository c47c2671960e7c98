import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DisclosureTable, type Cell } from './disclosure-table.js';
import { Echelon } from './echelon.js';

const WIDTH = 4;
const some = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 60 }));

/** Answers to one question in every combination of four dimensions of two values each. */
const answers = fc.array(some, { minLength: 2 ** WIDTH, maxLength: 2 ** WIDTH }).map((counts) =>
  counts.map((n, i): Cell => ({ by: Array.from({ length: WIDTH }, (_, d) => `${d}:${(i >> d) & 1}`), n })),
); // prettier-ignore

/** The report of some of the dimensions, as one would ask for it: its table and every margin are decided in it. */
function reportOf(cells: readonly Cell[], mask: number) {
  const kept = Array.from({ length: WIDTH }, (_, d) => d).filter((d) => mask & (1 << d));
  const groups = new Map<string, { by: (string | null)[]; n: number; atoms: number[] }>();
  for (const [atom, { by, n }] of cells.entries()) {
    const values = kept.map((d) => by[d] ?? null);
    const group = groups.get(values.join()) ?? { by: values, n: 0, atoms: [] };
    group.n += n;
    group.atoms.push(atom);
    groups.set(values.join(), group);
  }
  const own = [...groups.values()];
  const table = new DisclosureTable(own, kept.length);
  return own.map((group, place) => ({ ...group, shown: table.shows(new Set([place])) }));
}

describe('three and four dimensions at once', () => {
  /**
   * Why it holds for any number of dimensions: every margin of a shown figure is shown, and averaging a combination of
   * figures over the dimensions that a secret does not have turns each into a margin of its own. So what follows from all
   * reports together follows from the secret's own table and margins, where the third rule has looked for it.
   */
  test('nothing small, and nothing hidden, follows from every report of every choice of dimensions together', () => {
    fc.assert(
      fc.property(answers, (cells) => {
        const figures = Array.from({ length: 2 ** WIDTH }, (_, mask) => reportOf(cells, mask)).flat();
        const indicator = (atoms: readonly number[]): Float64Array => {
          const vector = new Float64Array(cells.length);
          for (const atom of atoms) vector[atom] = 1;
          return vector;
        };
        const known = new Echelon(figures.filter(({ shown }) => shown).map(({ atoms }) => indicator(atoms)));
        const recovered = figures.filter(({ shown, atoms }) => !shown && known.combination(indicator(atoms)));
        expect(recovered.map(({ by, n }) => `${by.join()} = ${n}`)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('groups of three and four dimensions are shown where they are large', () => {
    const cells = Array.from({ length: 2 ** WIDTH }, (_, i): Cell => ({ by: Array.from({ length: WIDTH }, (__, d) => `${d}:${(i >> d) & 1}`), n: 10 + i })); // prettier-ignore
    for (const mask of [0b0111, 0b1101, 0b1111])
      expect(reportOf(cells, mask).every(({ shown }) => shown)).toBe(true);
  });
});
