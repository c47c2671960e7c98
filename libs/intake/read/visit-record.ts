import { z } from 'zod';
import type { PhoneReading } from '#kernel/phone';

export const OUTCOMES = ['served', 'left', 'no_show', 'redirected'] as const;
export const CONSENTS = ['granted', 'refused', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Consent = (typeof CONSENTS)[number];
export type AttributeValue = string | number | boolean;

/** What records without attributes share. */
export const NO_ATTRIBUTES: Readonly<Record<string, AttributeValue>> = Object.freeze({});

/** The canonical fields a source may state, besides `source` itself and `attributes`. */
export const FIELDS = [
  'recordId', 'visitKey', 'centre', 'desk', 'employee', 'ticket', 'serviceCode', 'serviceName',
  'arrivedAt', 'calledAt', 'finishedAt', 'outcome', 'phone', 'consent', 'language',
] as const; // prettier-ignore
export type Field = (typeof FIELDS)[number];
export const TIME_FIELDS: readonly Field[] = ['arrivedAt', 'calledAt', 'finishedAt'];

/** Longest value of a text field, in UTF-16 units; a longer one is a broken row, not a name. */
export const LONGEST: Readonly<Record<string, number>> = { serviceName: 500, phone: 200, visitKey: 500 };
export const LONGEST_OTHER = 200;

/** JSON keeps about sixteen digits of a number: a longer id would be another one after reading, and two ids one. */
export const INEXACT = 'is a number with more digits than JSON keeps: write it as text, in quotes';
export function isInexact(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
}

const number = z.number().refine((value) => !isInexact(value), INEXACT);
const text = z.union([z.string(), number]).nullish();
const time = z.union([z.string(), number]).nullish();

/**
 * One visit record as programs post it. Only shapes are checked here; what the values mean (times, numbers, codes)
 * is read by the same code as a row of a file. Times are ISO 8601 with an offset, or seconds or milliseconds since 1970.
 */
export const visitRecordSchema = z.strictObject({
  source: z.string().min(1).max(LONGEST_OTHER),
  recordId: z.union([z.string().min(1), number]),
  visitKey: text,
  centre: z.union([z.string().min(1), number]),
  desk: text,
  employee: text,
  ticket: text,
  serviceCode: text,
  serviceName: text,
  arrivedAt: time,
  calledAt: time,
  finishedAt: z.union([z.string().min(1), number]),
  outcome: z.enum(OUTCOMES).nullish(),
  phone: text,
  consent: z.enum(CONSENTS).nullish(),
  language: z.string().nullish(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish(),
});

/** What a row says, field by field, before it is read: text as it came, absent when the source has no such field. */
export type RawVisit = { [F in Field]?: string | undefined } & {
  attributes?: Readonly<Record<string, AttributeValue>> | undefined;
};

/** One leg of a visit, read and complete. */
export interface VisitRecord {
  readonly recordId: string;
  readonly visitKey: string;
  readonly centre: string;
  readonly desk: string | null;
  readonly employee: string | null;
  readonly ticket: string | null;
  readonly serviceCode: string | null;
  readonly serviceName: string | null;
  readonly arrivedAt: Date | null;
  readonly calledAt: Date | null;
  readonly finishedAt: Date;
  readonly outcome: Outcome;
  readonly phone: PhoneReading;
  /** As typed; never leaves the program unencrypted. */
  readonly phoneTyped: string | null;
  readonly consent: Consent;
  readonly language: string | null;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/**
 * - `bad_row`: not one row of the format (columns, quotes, JSON, bytes that are no text).
 * - `missing_field`: recordId, centre or finishedAt is empty.
 * - `bad_time`: a time of another form, or of a day that does not exist.
 * - `bad_value`: a value outside its list, too long, or not storable.
 */
export const REJECT_REASONS = ['bad_row', 'missing_field', 'bad_time', 'bad_value'] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Why a row was not taken. `detail` is for a person and repeats no value: any cell may hold a number. */
export interface Rejection {
  readonly reason: RejectReason;
  readonly detail: string;
}

export function isRejection(read: VisitRecord | Rejection): read is Rejection {
  return 'reason' in read;
}

/**
 * The content that tells a repeat from a correction: everything a source states, in a fixed order. Values hold no
 * control characters, so they cannot run into each other.
 */
export function contentOf(record: VisitRecord): string {
  const { phone, attributes } = record;
  const stated = phone.status === 'ok' ? phone.e164 : record.phoneTyped;
  let content =
    `${record.visitKey}\n${record.centre}\n${record.desk ?? ''}\n${record.employee ?? ''}\n${record.ticket ?? ''}\n` +
    `${record.serviceCode ?? ''}\n${record.serviceName ?? ''}\n${record.arrivedAt?.getTime() ?? ''}\n` +
    `${record.calledAt?.getTime() ?? ''}\n${record.finishedAt.getTime()}\n${record.outcome}\n${stated ?? ''}\n` +
    `${record.consent}\n${record.language ?? ''}`;
  for (const name of Object.keys(attributes).sort())
    content += `\n${name}=${JSON.stringify(attributes[name])}`;
  return content;
}
