import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { recoveredFrom, reportOf, tableOf } from '#testkit/disclosure-tables';
import type { Cell } from './disclosure-table.js';

const WIDTH = 4;
const some = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 60 }));

/** Answers to one question in every combination of four dimensions of two values each. */
const answers = fc.array(some, { minLength: 2 ** WIDTH, maxLength: 2 ** WIDTH }).map((counts) =>
  counts.map((n, i): Cell => ({ by: Array.from({ length: WIDTH }, (_, d) => `${d}:${(i >> d) & 1}`), n })),
); // prettier-ignore

describe('three and four dimensions at once', () => {
  test('nothing small, and nothing hidden, follows from every report of every choice of dimensions together', () => {
    fc.assert(
      fc.property(answers, (cells) => {
        const table = tableOf(cells, WIDTH);
        const figures = Array.from({ length: 2 ** WIDTH }, (_, mask) => reportOf(table, cells, mask)).flat();
        const [shown, hidden] = [figures.filter((one) => one.shown), figures.filter((one) => !one.shown)];
        expect(recoveredFrom(shown, hidden, cells.length).map(({ name, n }) => `${name} = ${n}`)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('groups of three and four dimensions are shown where they are large', () => {
    const cells = Array.from({ length: 2 ** WIDTH }, (_, i): Cell => ({ by: Array.from({ length: WIDTH }, (__, d) => `${d}:${(i >> d) & 1}`), n: 10 + i })); // prettier-ignore
    const table = tableOf(cells, WIDTH);
    for (const mask of [0b0111, 0b1101, 0b1111])
      expect(reportOf(table, cells, mask).every(({ shown }) => shown)).toBe(true);
  });
});
