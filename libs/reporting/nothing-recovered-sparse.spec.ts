import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { recoveredFrom, reportOf, tableOf, type ReportedFigure } from '#testkit/disclosure-tables';
import type { Cell } from './disclosure-table.js';

const FEWEST = 10;
const some = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 60 }));

/** Answers in few of the combinations of so many dimensions of two or three values each. */
const scattered = (width: number, fewest: number, most: number): fc.Arbitrary<Cell[]> =>
  fc.uniqueArray(
    fc.record({ by: fc.tuple(...Array.from({ length: width }, (_, d) => fc.integer({ min: 0, max: d < 2 ? 2 : 1 }).map((v) => `${'abcde'[d]}${v}`))), n: some }),
    { minLength: fewest, maxLength: most, selector: ({ by }) => by.join() },
  ); // prettier-ignore

/** Centres that have some of the services, campaigns that ask about some, channels of some campaigns. */
const structured: fc.Arbitrary<Cell[]> = fc
  .record({
    offered: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    asked: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    sent: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    counts: fc.array(fc.oneof(fc.constant(0), some, some), { minLength: 72, maxLength: 72 }),
  })
  .map(({ offered, asked, sent, counts }) =>
    counts
      .map((n, i) => ({ at: [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9) % 2, Math.floor(i / 18) % 2, Math.floor(i / 36)], n }))
      .filter(({ at: [centre = 0, service = 0, campaign = 0, channel = 0], n }) =>
        n > 0 && offered[centre * 3 + service] && asked[campaign * 3 + service] && sent[campaign * 2 + channel])
      .map(({ at, n }) => ({ by: at.map((v, d) => `${'abcde'[d]}${v}`), n })),
  ); // prettier-ignore

const everything = (cells: readonly Cell[], width: number): ReportedFigure[][] => {
  const table = tableOf(cells, width);
  return Array.from({ length: 2 ** width }, (_, mask) => reportOf(table, cells, mask));
};
const told = (figures: readonly ReportedFigure[]) => figures.map(({ name, n }) => `${name} = ${n}`);

describe.each([
  ['answers scattered over four dimensions', scattered(4, 2, 16), 4, 300],
  ['answers in many of the combinations of four dimensions', scattered(4, 12, 30), 4, 100],
  ['answers scattered over five dimensions', scattered(5, 6, 30), 5, 60],
  ['centres, services, campaigns, channels and languages that do not all meet', structured, 5, 100],
] as const)('%s', (_, arbitrary, width, numRuns) => {
  test('every report of every choice of dimensions put together gives nothing that one of them hides', () => {
    fc.assert(
      fc.property(arbitrary, (cells) => {
        const figures = everything(cells, width).flat();
        const shown = figures.filter((figure) => figure.shown);
        const hidden = figures.filter((figure) => !figure.shown);
        expect(shown.filter(({ n }) => n < FEWEST)).toEqual([]);
        expect(told(recoveredFrom(shown, hidden, cells.length))).toEqual([]);
      }),
      { numRuns },
    );
  });

  test('the same answers are shown or hidden alike, whatever they are grouped by', () => {
    fc.assert(
      fc.property(arbitrary, (cells) => {
        const decisions = new Map<string, Set<boolean>>();
        for (const { cells: own, shown } of everything(cells, width).flat()) {
          decisions.set(own.join(), (decisions.get(own.join()) ?? new Set()).add(shown));
        }
        expect([...decisions.values()].filter(({ size }) => size > 1)).toEqual([]);
      }),
      { numRuns: numRuns / 2 },
    );
  });

  test('what is hidden of a shown figure holds ten answers or more', () => {
    fc.assert(
      fc.property(arbitrary, (cells) => {
        const reports = everything(cells, width);
        for (const [mask, wholes] of reports.entries())
          for (const [finer, parts] of reports.entries()) {
            if (mask === finer || (mask & ~finer) !== 0) continue;
            for (const whole of wholes.filter(({ shown }) => shown)) {
              const inside = new Set(whole.cells);
              const rest = parts.filter((part) => !part.shown && inside.has(part.cells[0] ?? -1));
              const n = rest.reduce((sum, part) => sum + part.n, 0);
              expect(n === 0 || n >= FEWEST ? [] : [whole.name, ...told(rest)]).toEqual([]);
            }
          }
      }),
      { numRuns: numRuns / 2 },
    );
  });

  test('a report tells the same whichever was asked first', () => {
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 0, max: 2 ** width - 1 }), (cells, mask) => {
        const alone = reportOf(tableOf(cells, width), cells, mask);
        expect(alone).toEqual(everything(cells, width)[mask]);
      }),
      { numRuns: 30 },
    );
  });
});

test('a campaign that asks about one service of two does not give the other away', () => {
  // The service's figure less the campaign's would be the four answers of the other campaign.
  const cells = [
    { by: ['passport', 'after'], n: 30 },
    { by: ['passport', 'pilot'], n: 4 },
    { by: ['permit', 'pilot'], n: 40 },
  ];
  const [, byService = [], byCampaign = []] = everything(cells, 2);
  const shown = [...byService, ...byCampaign].filter((figure) => figure.shown);
  expect(recoveredFrom(shown, [{ cells: [1] }], 3)).toEqual([]);
});
