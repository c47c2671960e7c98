import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noCounts, LETTERS, type Counts } from './disposition.js';
import { aapor, eligibleShare, rates, RATES, type RateName } from './rates.js';

const counts = (given: Partial<Counts>): Counts => ({ ...noCounts(), ...given });

describe('the sixteen rates', () => {
  // A published worked example with e = 0.5.
  const example = counts({ I: 5, P: 3, R: 2, NC: 1, O: 2, UH: 1, UO: 1, NE: 1 });
  test.each<[RateName, number]>([
    ['RR1', 1 / 3],
    ['RR2', 8 / 15],
    ['RR3', 5 / 14],
    ['RR4', 4 / 7],
    ['RR5', 5 / 13],
    ['RR6', 8 / 13],
    ['COOP1', 5 / 12],
    ['COOP2', 2 / 3],
    ['COOP3', 1 / 2],
    ['COOP4', 4 / 5],
    ['REF1', 2 / 15],
    ['REF2', 1 / 7],
    ['REF3', 2 / 13],
    ['CON1', 4 / 5],
    ['CON2', 6 / 7],
    ['CON3', 12 / 13],
  ])('%s of the worked example', (name, expected) => {
    expect(rates(example, 0.5)[name]).toBeCloseTo(expected, 12);
  });

  test.each([
    ['150 unknown', { I: 300, R: 5, UH: 150 }, 300 / 440],
    ['100 unknown', { I: 300, R: 5, UO: 100 }, 300 / 395],
  ])('RR3 of the CDC example with e = 0.9 and %s', (_, given, expected) => {
    expect(rates(counts(given), 0.9).RR3).toBeCloseTo(expected, 12);
  });

  test('e defaults to E/(E+NE)', () => {
    expect(eligibleShare(example)).toBeCloseTo(13 / 14, 12);
    expect(aapor(example).e).toBeCloseTo(13 / 14, 12);
    expect(aapor(example).RR3).toBeCloseTo(5 / (13 + (13 / 14) * 2), 12);
  });

  test('without a case every rate and e is undefined', () => {
    const nothing = aapor({});
    expect(Object.values(nothing)).toEqual(Array.from({ length: 17 }, () => null));
  });

  test('with unknown cases only, RR1 is 0 and what needs a known case is undefined', () => {
    const got = aapor({ UH: 3, UO: 2 });
    expect(got).toMatchObject({ e: null, RR1: 0, RR2: 0, REF1: 0, CON1: 0 });
    expect(got).toMatchObject({ RR3: null, RR5: null, COOP1: null, REF2: null, REF3: null, CON2: null });
  });

  test('known ineligible cases alone make e zero, not a rate', () => {
    expect(aapor({ NE: 4, UH: 2 })).toMatchObject({ e: 0, RR1: 0, RR3: null, RR5: null });
  });

  test('without unknown cases e does not matter', () => {
    expect(rates(counts({ I: 2, NC: 2 }), null)).toMatchObject({ RR1: 0.5, RR3: 0.5, CON2: 0.5 });
  });

  test.each([
    [{ I: -1 }, undefined, 'counts_invalid'],
    [{ NE: Number.NaN }, undefined, 'counts_invalid'],
    [{ I: 1 }, 1.2, 'e_invalid'],
    [{ I: 1 }, -0.1, 'e_invalid'],
    [{ I: 1 }, Number.NaN, 'e_invalid'],
  ])('refuses %j with e = %p', (given, e, code) => {
    expect(() => aapor(given, e)).toThrow(expect.objectContaining({ code }));
  });

  test('lists e first and then the rates in their order', () => {
    expect(Object.keys(aapor({ I: 1 }))).toEqual(['e', ...RATES]);
  });
});

describe('for any counts', () => {
  const anyCounts = fc.record(Object.fromEntries(LETTERS.map((letter) => [letter, fc.nat(1000)])));
  const anyShare = fc.double({ min: 0, max: 1, noNaN: true });

  test('each rate lies between 0 and 1 or is undefined', () => {
    fc.assert(
      fc.property(anyCounts, anyShare, (given, e) => {
        for (const value of Object.values(rates(given as unknown as Counts, e))) {
          if (value !== null) expect(value >= 0 && value <= 1).toBe(true);
        }
      }),
    );
  });

  test('assuming more of the unknown to be ineligible never lowers a response rate', () => {
    fc.assert(
      fc.property(anyCounts, anyShare, (given, e) => {
        const got = rates(given as unknown as Counts, e);
        const ordered = [got.RR1, got.RR3, got.RR5].filter((value) => value !== null);
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
      }),
    );
  });

  test('moving a case between non-contact and unknown leaves RR1 and RR2 alone', () => {
    fc.assert(
      fc.property(anyCounts, (given) => {
        const c = given as unknown as Counts;
        const moved = { ...c, NC: 0, UH: c.UH + c.NC };
        expect(rates(moved).RR1).toEqual(rates(c).RR1);
        expect(rates(moved).RR2).toEqual(rates(c).RR2);
      }),
    );
  });

  test('known ineligible cases change nothing but e', () => {
    fc.assert(
      fc.property(anyCounts, anyShare, fc.nat(50), (given, e, more) => {
        const c = given as unknown as Counts;
        expect(rates({ ...c, NE: c.NE + more }, e)).toEqual(rates(c, e));
      }),
    );
  });
});
