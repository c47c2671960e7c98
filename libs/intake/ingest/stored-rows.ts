import type { Vault } from '#contacts/vault';
import type { Rejection, VisitRecord } from '../read/visit-record.js';
import type { SourceRow } from '../read/visit-rows.js';
import type { Revision } from './classify.js';
import type { CopyValue } from './copy.js';
import type { VisitState } from './roll-up.js';

/** Where the rows of a batch come from. */
export interface BatchOrigin {
  readonly source: string;
  readonly batchId: string;
  /** Zone given to centres that nobody has listed. */
  readonly timezone: string;
  /** When the rows reached us. */
  readonly now: Date;
}

/** A visit as its legs now have it, with what only the database can tell of it. */
export interface ChangedVisit {
  readonly id: string;
  readonly visitKey: string;
  readonly state: VisitState;
  readonly centreId: string;
  readonly finishedOn: string;
}

/** E.164 number → contact id. */
export type Contacts = ReadonlyMap<string, string>;

export function contactOf(record: VisitRecord, contacts: Contacts): string | null {
  return record.phone.status === 'ok' ? (contacts.get(record.phone.e164) ?? null) : null;
}

export const VISIT_COLUMNS = [
  'id', 'source', 'visit_key', 'centre_id', 'service_code', 'service_name', 'desk', 'employee', 'outcome', 'arrived_at',
  'finished_at', 'finished_on', 'contact_id', 'phone_status', 'consent', 'language', 'attributes', 'legs', 'revision',
  'planning_due_at', 'created_at',
]; // prettier-ignore

export function visitRow(visit: ChangedVisit, { source, now }: BatchOrigin): CopyValue[] {
  const v = visit.state;
  return [
    visit.id, source, visit.visitKey, visit.centreId, v.serviceCode, v.serviceName, v.desk, v.employee, v.outcome,
    v.arrivedAt, v.finishedAt, visit.finishedOn, v.contactId, v.phoneStatus, v.consent, v.language,
    JSON.stringify(v.attributes), v.legs, 1, now, now,
  ]; // prettier-ignore
}

export const RECORD_COLUMNS = [
  'source', 'record_id', 'revision', 'current', 'visit_id', 'batch_id', 'line', 'content_hash', 'centre_code',
  'service_code', 'service_name', 'desk', 'employee', 'ticket', 'outcome', 'arrived_at', 'called_at', 'finished_at',
  'contact_id', 'phone_status', 'phone_raw_cipher', 'consent', 'language', 'attributes', 'attached_only', 'received_at',
]; // prettier-ignore

export function recordRow(
  { line, record, hash, revision, current }: Revision,
  visit: { readonly id: string; readonly claimed: boolean },
  origin: BatchOrigin,
  contacts: Contacts,
  vault: Vault,
): CopyValue[] {
  const { phone, phoneTyped } = record;
  const typed = phone.status === 'ok' || phoneTyped === null ? null : vault.seal(phoneTyped).cipher;
  return [
    origin.source, record.recordId, revision, current, visit.id, origin.batchId, line, hash, record.centre,
    record.serviceCode, record.serviceName, record.desk, record.employee, record.ticket, record.outcome,
    record.arrivedAt, record.calledAt, record.finishedAt, contactOf(record, contacts), phone.status, typed,
    record.consent, record.language, JSON.stringify(record.attributes), visit.claimed, origin.now,
  ]; // prettier-ignore
}

export const REJECTED_COLUMNS = [
  'batch_id',
  'line',
  'reason',
  'detail',
  'row_cipher',
  'key_id',
  'created_at',
];

export function rejectedRow(
  { line, raw, read }: SourceRow & { read: Rejection },
  origin: BatchOrigin,
  vault: Vault,
): CopyValue[] {
  const { cipher, keyId } = vault.seal(raw);
  return [origin.batchId, line, read.reason, read.detail, cipher, keyId, origin.now];
}
