import { createHash } from 'node:crypto';

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One row of the audit log without its place in the chain. */
export interface AuditFacts {
  readonly id: string;
  readonly happenedAt: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly address: string | null;
  readonly action: string;
  readonly subjectKind: string | null;
  readonly subjectId: string | null;
  readonly before: Json;
  readonly after: Json;
}

/** What the first row follows. */
export const BEGINNING = Buffer.alloc(32);

/** SHA-256 over the row before and everything this row says, in one spelling whatever the order of its keys. */
export function chainHash(previous: Buffer, facts: AuditFacts): Buffer {
  const { id, happenedAt, actorKind, actorId, actorName, address, action, subjectKind, subjectId } = facts;
  const row = [id, happenedAt.toISOString(), actorKind, actorId, actorName, address, action, subjectKind, subjectId,
    sorted(facts.before), sorted(facts.after)]; // prettier-ignore
  return createHash('sha256').update(previous).update(JSON.stringify(row)).digest();
}

/** The database keeps an object's keys in an order of its own. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Record<string, Json>);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, sorted(part)]),
  );
}

/** More digits in a row than a short number has, as people write them; ids and times are not written that way. */
const NUMBER = /\+\d(?:[\s().-]{0,3}\d){8,}|\b(?:380|0)\d{9}\b/g;
const UNSTORABLE = /\p{Surrogate}|\u{0}/gu;

/**
 * What may be stored of a value: texts without phone numbers (a net under callers, who give none) and without what
 * PostgreSQL cannot hold; undefined parts left out, times as ISO text.
 */
export function storable(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return storableText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return null;
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts.map(([key, part]) => [storableText(key), storable(part)]));
}

export function storableText(text: string): string {
  return text.replace(UNSTORABLE, '').replace(NUMBER, '[number]');
}
