import { ROLLUP_DIMENSIONS } from './measure.sql.js';
import type { ReportQuestion } from './question.js';

type Column = (typeof ROLLUP_DIMENSIONS)[number]['column'];
const named = (...columns: readonly Column[]) =>
  ROLLUP_DIMENSIONS.filter(({ column }) => columns.includes(column));

/** The sum of the bits of all dimensions. */
export const EVERYTHING = ROLLUP_DIMENSIONS.reduce((bits, { bit }) => bits | bit, 0);

/** The dimension that is a column of a roll-up's row: there is one row for each of its values. */
export const CENTRE_BIT = 1;

/**
 * What a number in a row's array is made of: the number of the service, of the slice and of the way, each taken from
 * the dictionary that lists them; 0 where the row does not tell them apart. It fits a number of JavaScript.
 */
export const SERVICE = {
  dictionary: 'rollup_service',
  dimensions: named('service_code'),
  one: 2 ** 36,
  last: 2 ** 17,
};
export const SLICE = {
  dictionary: 'rollup_slice',
  dimensions: named('campaign_id', 'channel', 'variant', 'language'),
  one: 2 ** 18,
  last: 2 ** 18,
};
const WAYS = 2 ** 18;

/** Whether rows of this width tell a part apart. */
export function tells(kept: number, { dimensions }: { dimensions: readonly { bit: number }[] }): boolean {
  return dimensions.some(({ bit }) => (kept & bit) !== 0);
}

/** A number made of its parts. */
export function packed(service: string, slice: string, way: string): string {
  return `(${service} * ${SERVICE.one}::bigint + ${slice} * ${SLICE.one}::bigint + ${way})`;
}

/** A number without the parts that a width does not tell apart. */
export function narrowed(number: string, kept: number): string {
  const mask = (tells(kept, SERVICE) ? (SERVICE.last - 1) * SERVICE.one : 0) + (tells(kept, SLICE) ? (SLICE.last - 1) * SLICE.one : 0) + WAYS - 1; // prettier-ignore
  return `(${number} & ${mask}::bigint)`;
}

/** A part of a number, in SQL. */
export function partOf(number: string, part: { one: number; last: number }): string {
  return `(${number} / ${part.one}::bigint % ${part.last})`;
}

/** The way of a number. */
export function wayOf(number: number): number {
  return number % WAYS;
}

/** The bits of all dimensions that a question groups or filters by. */
export function neededBits({ by, filter }: Pick<ReportQuestion, 'by' | 'filter'>): number {
  return ROLLUP_DIMENSIONS.filter(({ name }) => by.includes(name) || filter[name] !== undefined).reduce((bits, { bit }) => bits | bit, 0); // prettier-ignore
}
