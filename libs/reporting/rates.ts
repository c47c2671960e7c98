import { AppError } from '#kernel/errors';
import { LETTERS, type Counts } from './disposition.js';

export const RATES = [
  'RR1',
  'RR2',
  'RR3',
  'RR4',
  'RR5',
  'RR6',
  'COOP1',
  'COOP2',
  'COOP3',
  'COOP4',
  'REF1',
  'REF2',
  'REF3',
  'CON1',
  'CON2',
  'CON3',
] as const;
export type RateName = (typeof RATES)[number];

/** Shares between 0 and 1; null where the rate is not defined (0/0), which is never the same as 0. */
export type Rates = Readonly<Record<RateName, number | null>>;

/** Known eligible: I+P+R+NC+O. */
export function eligible(c: Counts): number {
  return c.I + c.P + c.R + c.NC + c.O;
}

/** Of unknown eligibility: UH+UO. */
export function unknown(c: Counts): number {
  return c.UH + c.UO;
}

/** AAPOR's default for e, the share of the unknown that is taken as eligible: E/(E+NE); null when nothing is known. */
export function eligibleShare(c: Counts): number | null {
  return over(eligible(c), eligible(c) + c.NE);
}

/**
 * The sixteen outcome rates of AAPOR's Standard Definitions. NE is in no denominator. Without `e` the rates that
 * need it are defined only while nothing is unknown.
 */
export function rates(c: Counts, e: number | null = eligibleShare(c)): Rates {
  const E = eligible(c);
  const U = unknown(c);
  const all = E + U;
  const assumed = U === 0 ? E : e === null ? null : E + e * U;
  const answered = c.I + c.P;
  const contacted = c.I + c.P + c.R + c.O;
  const able = c.I + c.P + c.R;
  return {
    RR1: over(c.I, all),
    RR2: over(answered, all),
    RR3: over(c.I, assumed),
    RR4: over(answered, assumed),
    RR5: over(c.I, E),
    RR6: over(answered, E),
    COOP1: over(c.I, contacted),
    COOP2: over(answered, contacted),
    COOP3: over(c.I, able),
    COOP4: over(answered, able),
    REF1: over(c.R, all),
    REF2: over(c.R, assumed),
    REF3: over(c.R, E),
    CON1: over(contacted, all),
    CON2: over(contacted, assumed),
    CON3: over(contacted, E),
  };
}

export type Aapor = { readonly e: number | null } & Rates;

/**
 * The rates of given counts as `vidhuk aapor --json` prints them. Throws AppError `counts_invalid` for a count
 * below zero and `e_invalid` for an e outside 0 to 1: a value quietly replaced would give rates nobody asked for.
 */
export function aapor(counts: Partial<Counts>, e?: number): Aapor {
  const full = Object.fromEntries(
    LETTERS.map((letter) => [letter, counts[letter] ?? 0]),
  ) as unknown as Counts;
  for (const letter of LETTERS) {
    if (!Number.isFinite(full[letter]) || full[letter] < 0) {
      throw new AppError('counts_invalid', `${letter} must be a number of cases, zero or more.`);
    }
  }
  if (e !== undefined && !(e >= 0 && e <= 1)) {
    throw new AppError(
      'e_invalid',
      'e is the eligible share of the unknown cases: give a number from 0 to 1.',
    );
  }
  const share = e ?? eligibleShare(full);
  return { e: share, ...rates(full, share) };
}

function over(numerator: number, denominator: number | null): number | null {
  return denominator === null || denominator === 0 ? null : numerator / denominator;
}
