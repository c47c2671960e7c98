import { readPhone } from '#kernel/phone';
import { civilDate } from '#kernel/zone';
import type { TimeReader } from './time-reader.js';
import {
  CONSENTS,
  LONGEST,
  LONGEST_OTHER,
  NO_ATTRIBUTES,
  OUTCOMES,
  type AttributeValue,
  type Field,
  type RawVisit,
  type Rejection,
  type VisitRecord,
} from './visit-record.js';

/** Fields whose values may be joined into a visit key: none that is personal, since the key is stored as it is. */
export const KEY_PARTS = ['centre', 'date', 'ticket', 'desk', 'employee', 'serviceCode', 'recordId'] as const;
export type KeyPart = (typeof KEY_PARTS)[number];

/** How the rows of one source are to be read. */
export interface RecordRules {
  readonly readTime: TimeReader;
  /** The expected form of a time, for messages. */
  readonly timeForm: string;
  /** Zone of `date` in the visit key. */
  readonly zone: string;
  /** Country of numbers without country code, ISO alpha-2. */
  readonly defaultCountry: string;
  /** Absent: the key comes with the record, or the record is a visit of its own. */
  readonly keyParts?: readonly KeyPart[] | undefined;
}

class Unreadable extends Error {
  constructor(readonly rejection: Rejection) {
    super(rejection.detail);
  }
}

/**
 * Reads one row into a visit record, or says why it cannot be taken. Outcome is `served` and consent `unknown`
 * unless stated. A language that is no language tag is left out: it is a hint, not worth losing a visit for.
 */
export function readRecord(raw: RawVisit, rules: RecordRules): VisitRecord | Rejection {
  try {
    return read(raw, rules);
  } catch (thrown) {
    if (thrown instanceof Unreadable) return thrown.rejection;
    throw thrown;
  }
}

function read(raw: RawVisit, rules: RecordRules): VisitRecord {
  const recordId = required(raw, 'recordId');
  const centre = required(raw, 'centre');
  const finishedAt = time(required(raw, 'finishedAt'), 'finishedAt', rules);
  const phoneTyped = clean(raw, 'phone');
  const record = {
    recordId,
    visitKey: clean(raw, 'visitKey') ?? recordId,
    centre,
    desk: clean(raw, 'desk'),
    employee: clean(raw, 'employee'),
    ticket: clean(raw, 'ticket'),
    serviceCode: clean(raw, 'serviceCode'),
    serviceName: clean(raw, 'serviceName'),
    arrivedAt: optionalTime(raw, 'arrivedAt', rules),
    calledAt: optionalTime(raw, 'calledAt', rules),
    finishedAt,
    outcome: oneOf(raw, 'outcome', OUTCOMES) ?? 'served',
    phone: readPhone(phoneTyped, rules.defaultCountry),
    phoneTyped,
    consent: oneOf(raw, 'consent', CONSENTS) ?? 'unknown',
    language: language(clean(raw, 'language')),
    attributes: attributes(raw.attributes),
  };
  return rules.keyParts ? { ...record, visitKey: joinedKey(record, rules.keyParts, rules.zone) } : record;
}

/**
 * The parts joined by |. A record that lacks one is a visit of its own: joining it would make one visit of
 * all people without a ticket.
 */
function joinedKey(record: VisitRecord, parts: readonly KeyPart[], zone: string): string {
  let key = '';
  for (const part of parts) {
    const value = part === 'date' ? civilDate(record.finishedAt, zone) : record[part];
    if (value === null) return record.recordId;
    key += key === '' ? value : `|${value}`;
  }
  return key;
}

// Control characters: people see none.

const UNPRINTABLE = /[\u0000-\u001f\u007f]+/g;
/** Half of a surrogate pair. No storage holds it, and mending it would change what was written. */
const HALF = /\p{Surrogate}/u;
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Trimmed, in composed form; null when nothing is left. */
function clean(raw: RawVisit, field: Field): string | null {
  const given = raw[field];
  if (given === undefined || given === '') return null;
  const value = PLAIN.test(given) ? given : tidy(given, field);
  if (value.length > (LONGEST[field] ?? LONGEST_OTHER)) {
    throw new Unreadable({
      reason: 'bad_value',
      detail: `${field} is too long (${value.length} characters)`,
    });
  }
  return value === '' ? null : value;
}

function tidy(given: string, field: string): string {
  if (given.includes('\0')) {
    throw new Unreadable({
      reason: 'bad_value',
      detail: `${field} holds a NUL character: the file is damaged`,
    });
  }
  if (HALF.test(given)) {
    throw new Unreadable({
      reason: 'bad_value',
      detail: `${field} holds half a character: the text is damaged`,
    });
  }
  return given.replace(UNPRINTABLE, ' ').normalize('NFC').trim();
}

function required(raw: RawVisit, field: Field): string {
  const value = clean(raw, field);
  if (value === null) throw new Unreadable({ reason: 'missing_field', detail: `${field} is empty` });
  return value;
}

function time(text: string, field: Field, rules: RecordRules): Date {
  const at = rules.readTime(text);
  if (at) return at;
  throw new Unreadable({ reason: 'bad_time', detail: `${field} is no time of the form ${rules.timeForm}` });
}

function optionalTime(raw: RawVisit, field: Field, rules: RecordRules): Date | null {
  const text = clean(raw, field);
  return text === null ? null : time(text, field, rules);
}

function oneOf<const T extends string>(raw: RawVisit, field: Field, allowed: readonly T[]): T | null {
  const given = clean(raw, field);
  if (given === null) return null;
  const value =
    allowed.find((known) => known === given) ?? allowed.find((known) => known === given.toLowerCase());
  if (value !== undefined) return value;
  const hint = `${field} is none of ${allowed.join(', ')}; list the value under values.${field} of the mapping`;
  throw new Unreadable({ reason: 'bad_value', detail: hint });
}

const LANGUAGE = /^([a-z]{2,3})(?:[-_][a-z0-9-]+)?$/i;

function language(given: string | null): string | null {
  return given === null ? null : (LANGUAGE.exec(given)?.[1]?.toLowerCase() ?? null);
}

const LARGEST_ATTRIBUTES = 8_192;

function attributes(given: RawVisit['attributes']): Readonly<Record<string, AttributeValue>> {
  if (given === undefined) return NO_ATTRIBUTES;
  const entries = Object.entries(given).map(([name, value]) => [
    tidy(name, 'an attribute name'),
    typeof value === 'string' ? tidy(value, 'an attribute') : value,
  ]);
  const tidied = Object.fromEntries(entries) as Record<string, AttributeValue>;
  if (JSON.stringify(tidied).length > LARGEST_ATTRIBUTES) {
    throw new Unreadable({
      reason: 'bad_value',
      detail: `attributes are larger than ${LARGEST_ATTRIBUTES} characters`,
    });
  }
  return tidied;
}
