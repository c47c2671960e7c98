import type { z } from 'zod';
import { readRecord, type RecordRules } from './read-record.js';
import { timeReader } from './time-reader.js';
import {
  FIELDS,
  INEXACT,
  isInexact,
  visitRecordSchema,
  type AttributeValue,
  type Rejection,
} from './visit-record.js';
import type { SourceRow } from './visit-rows.js';

/** Source under which records are filed that name none. */
const NAMELESS = '(none)';

/** A line that is no text: stands in a list of records in the place of the one it should have been. */
export class UnreadLine {
  constructor(
    readonly text: string,
    /** What a person is told. */
    readonly problem: string,
  ) {}

  toJSON(): string {
    return this.text;
  }
}

/** Reads posted records and sorts them by the source they name; `line` is the place in the list, counted from 1. */
export function postedRows(
  records: readonly unknown[],
  { timezone, defaultCountry }: { timezone: string; defaultCountry: string },
): Map<string, SourceRow[]> {
  const rules: RecordRules = {
    readTime: timeReader(undefined, undefined),
    timeForm: 'ISO 8601 with an offset',
    zone: timezone,
    defaultCountry,
  };
  const bySource = new Map<string, SourceRow[]>();
  records.forEach((record, index) => {
    const parsed = visitRecordSchema.safeParse(record);
    const read = parsed.success
      ? (unsaid(record) ?? readRecord(rawOf(parsed.data), rules))
      : rejectionOf(record, parsed.error);
    const source = parsed.success ? parsed.data.source : NAMELESS;
    const rows = bySource.get(source) ?? [];
    rows.push({ line: index + 1, raw: written(record), read });
    bySource.set(source, rows);
  });
  return bySource;
}

/** As it is kept of a rejected record. Brackets within brackets by the thousand can be read, and not be written again. */
function written(record: unknown): string {
  try {
    return JSON.stringify(record) ?? 'undefined';
  } catch (thrown) {
    if (thrown instanceof RangeError) return '"nested too deeply"';
    throw thrown;
  }
}

function rawOf(record: z.infer<typeof visitRecordSchema>) {
  const texts = FIELDS.map((field) => [field, textOf(record[field])]);
  const attributes = Object.entries(record.attributes ?? {}).filter(([, value]) => value !== null);
  return {
    ...(Object.fromEntries(texts) as Partial<Record<(typeof FIELDS)[number], string>>),
    ...(attributes.length > 0
      ? { attributes: Object.fromEntries(attributes) as Record<string, AttributeValue> }
      : {}),
  };
}

/** An attribute of that name would be lost on the way, as objects keep their prototype under it. */
function unsaid(record: unknown): Rejection | undefined {
  const { attributes } = record as { attributes?: object | null };
  return attributes && Object.hasOwn(attributes, '__proto__')
    ? { reason: 'bad_value', detail: 'attributes.__proto__ is no name that an attribute can have' }
    : undefined;
}

function textOf(value: string | number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function rejectionOf(record: unknown, error: z.ZodError): Rejection {
  if (record instanceof UnreadLine) return { reason: 'bad_row', detail: record.problem };
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return { reason: 'bad_row', detail: 'a record is a JSON object' };
  }
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, 5).map((key) => `"${key.slice(0, 40)}"`).join(', '); // prettier-ignore
    return {
      reason: 'bad_value',
      detail: `unknown field ${names}; known: source, ${FIELDS.join(', ')}, attributes`,
    };
  }
  // A path into attributes names no property of the record: its own name is then found to be there.
  const given = (record as Record<string, unknown>)[String(issue?.path[0])];
  if (given === undefined || given === null || given === '')
    return { reason: 'missing_field', detail: `${field} is missing` };
  return {
    reason: 'bad_value',
    detail: `${field} ${isInexact(given) ? INEXACT : (issue?.message ?? 'is unreadable')}`,
  };
}
