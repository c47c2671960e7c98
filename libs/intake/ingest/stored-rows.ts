import type { Vault } from '#contacts/vault';
import { NO_ATTRIBUTES, type VisitRecord } from '../read/visit-record.js';
import type { RepeatOf, Revision } from './classify.js';
import type { RejectedSourceRow } from './prepared-batch.js';
import { bytesField, textField, timeField } from './copy.js';
import type { ChangedVisit, VisitState } from './roll-up.js';

/** Where the rows of a batch come from. */
export interface BatchOrigin {
  readonly source: string;
  readonly batchId: string;
  /** Zone given to centres that nobody has listed. */
  readonly timezone: string;
  /** When the rows reached us. */
  readonly now: Date;
  readonly repeatOf: RepeatOf;
}

/** E.164 number → contact id. */
export type Contacts = ReadonlyMap<string, string>;

export function contactOf(record: VisitRecord, contacts: Contacts): string | null {
  return record.phone.status === 'ok' ? (contacts.get(record.phone.e164) ?? null) : null;
}

/** The columns that `visitLine` fills, in its order; so with the other two. */
export const VISIT_COLUMNS = [
  'id', 'source', 'visit_key', 'centre_id', 'service_code', 'service_name', 'desk', 'employee', 'outcome', 'arrived_at',
  'finished_at', 'finished_on', 'contact_id', 'phone_status', 'consent', 'language', 'attributes', 'legs', 'revision',
  'planning_due_at', 'created_at',
]; // prettier-ignore

export function visitLine(
  { id, visitKey, centreId, finishedOn, state: v }: ChangedVisit,
  origin: BatchOrigin,
): string {
  const now = timeField(origin.now);
  return (
    `${id}\t${textField(origin.source)}\t${textField(visitKey)}\t${centreId}\t${textField(v.serviceCode)}\t` +
    `${textField(v.serviceName)}\t${textField(v.desk)}\t${textField(v.employee)}\t${v.outcome}\t` +
    `${timeField(v.arrivedAt)}\t${timeField(v.finishedAt)}\t${finishedOn}\t${v.contactId ?? '\\N'}\t${v.phoneStatus}\t` +
    `${v.consent}\t${v.language ?? '\\N'}\t${attributesField(v.attributes)}\t${v.legs}\t1\t${now}\t${now}\n`
  );
}

export const RECORD_COLUMNS = [
  'source', 'record_id', 'revision', 'current', 'visit_id', 'batch_id', 'line', 'content_hash', 'centre_code',
  'service_code', 'service_name', 'desk', 'employee', 'ticket', 'outcome', 'arrived_at', 'called_at', 'finished_at',
  'contact_id', 'phone_status', 'phone_raw_cipher', 'consent', 'language', 'attributes', 'attached_only', 'received_at',
  'key_id',
]; // prettier-ignore

export function recordLine(
  { line, record: r, hash, revision, current }: Revision,
  visit: { readonly id: string; readonly claimed: boolean },
  origin: BatchOrigin,
  contacts: Contacts,
  vault: Vault,
): string {
  const usable = r.phone.status === 'ok' || r.phoneTyped === null;
  const typed = usable ? null : vault.seal(r.phoneTyped ?? '');
  return (
    `${textField(origin.source)}\t${textField(r.recordId)}\t${revision}\t${current ? 't' : 'f'}\t${visit.id}\t` +
    `${origin.batchId}\t${line}\t${bytesField(hash)}\t${textField(r.centre)}\t${textField(r.serviceCode)}\t` +
    `${textField(r.serviceName)}\t${textField(r.desk)}\t${textField(r.employee)}\t${textField(r.ticket)}\t${r.outcome}\t` +
    `${timeField(r.arrivedAt)}\t${timeField(r.calledAt)}\t${timeField(r.finishedAt)}\t` +
    `${contactOf(r, contacts) ?? '\\N'}\t${r.phone.status}\t${bytesField(typed && typed.cipher.toString('hex'))}\t${r.consent}\t` +
    `${r.language ?? '\\N'}\t${attributesField(r.attributes)}\t${visit.claimed ? 't' : 'f'}\t${timeField(origin.now)}\t` +
    `${typed?.keyId ?? '\\N'}\n`
  );
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

export function rejectedLine(
  { line, raw, read }: RejectedSourceRow,
  origin: BatchOrigin,
  vault: Vault,
): string {
  const { cipher, keyId } = vault.seal(raw);
  return (
    `${origin.batchId}\t${line}\t${read.reason}\t${textField(read.detail)}\t${bytesField(cipher.toString('hex'))}\t` +
    `${keyId}\t${timeField(origin.now)}\n`
  );
}

function attributesField(attributes: VisitState['attributes']): string {
  return attributes === NO_ATTRIBUTES ? '{}' : textField(JSON.stringify(attributes));
}
