import type { PoolClient } from 'pg';
import type { Vault } from '#contacts/vault';
import { contactUpsert } from '#contacts/contact.sql';
import { civilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { SourceRow } from '../read/visit-rows.js';
import { isRejection, type Rejection, type VisitRecord } from '../read/visit-record.js';
import { assign, type Assignment, type TouchedVisit } from './assign.js';
import { classify, type Revision, type StagedRecord } from './classify.js';
import { copyInto, type CopyValue } from './copy.js';
import * as sql from './ingest.sql.js';
import { rollUp, type Leg } from './roll-up.js';

export type Transaction = Queryable & { client: PoolClient };

/** Where the rows of a batch come from. */
export interface BatchOrigin {
  readonly source: string;
  readonly batchId: string;
  /** Zone given to centres that nobody has listed. */
  readonly timezone: string;
  /** When the rows reached us. */
  readonly now: Date;
}

export interface BatchResult extends sql.BatchCounts {
  /** Ids of the visits that came into being. */
  readonly created: readonly string[];
  /** Ids of those that ceased to be, because a correction took their last record elsewhere. */
  readonly forgotten: readonly string[];
}

/** Writes batches of rows with a fixed number of statements each, whatever the size of the batch. */
export class BatchWriter {
  constructor(private readonly vault: Vault) {}

  /**
   * Stores what the rows say, in the transaction given: records and their revisions, the visits they make, and the
   * rows that cannot be taken. Waits while another batch of the same source is being written.
   */
  async write(tx: Transaction, origin: BatchOrigin, rows: readonly SourceRow[]): Promise<BatchResult> {
    const staged: StagedRecord[] = [];
    const rejected: (SourceRow & { read: Rejection })[] = [];
    for (const row of rows) {
      if (isRejection(row.read)) rejected.push({ ...row, read: row.read });
      else staged.push({ line: row.line, record: row.read });
    }
    const { revisions, duplicates, ...visits } = await this.writeRecords(tx, origin, staged);
    await this.writeRejected(tx, origin, rejected);
    const counts = { read: rows.length, accepted: revisions, duplicates, rejected: rejected.length };
    await sql.batchCount(tx, origin.batchId, counts);
    return { ...counts, ...visits };
  }

  private async writeRecords(tx: Transaction, origin: BatchOrigin, staged: readonly StagedRecord[]) {
    const none = { created: [], forgotten: [] };
    if (staged.length === 0) return { revisions: 0, duplicates: 0, ...none };
    await sql.sourceLock(tx, origin.source);
    const ids = [...new Set(staged.map(({ record }) => record.recordId))];
    const known = await sql.revisionsKnown(tx, origin.source, ids);
    const { revisions, duplicates } = classify(staged, known, this.vault);
    if (revisions.length === 0) return { revisions: 0, duplicates, ...none };
    const contacts = await this.contacts(tx, revisions, origin.now);
    const assignment = await this.assign(tx, origin, revisions);
    const visits = await this.writeVisits(tx, origin, assignment, revisions, contacts);
    return { revisions: revisions.length, duplicates, ...visits };
  }

  private contacts(tx: Transaction, revisions: readonly Revision[], now: Date): Promise<Map<string, string>> {
    const phones = revisions.flatMap(({ record }) => (record.phone.status === 'ok' ? [record.phone] : []));
    return contactUpsert(tx, this.vault, phones, now);
  }

  private async assign(
    tx: Transaction,
    origin: BatchOrigin,
    revisions: readonly Revision[],
  ): Promise<Assignment> {
    const current = revisions.filter((revision) => revision.current);
    const keys = new Set(current.map(({ record }) => record.visitKey));
    const left = new Set(current.flatMap(({ storedVisitId }) => storedVisitId ?? []));
    return assign(revisions, await sql.visitsLock(tx, origin.source, [...keys], [...left]));
  }

  private async writeVisits(
    tx: Transaction,
    origin: BatchOrigin,
    { visits, visitOf }: Assignment,
    revisions: readonly Revision[],
    contacts: ReadonlyMap<string, string>,
  ): Promise<{ created: string[]; forgotten: string[] }> {
    const made = visits.filter((visit) => !visit.stored);
    const created = await sql.idsReserve(tx, 'visit', made.length);
    const idOf = new Map(visits.map((visit) => [visit, visit.stored?.id ?? '']));
    made.forEach((visit, i) => idOf.set(visit, created[i] ?? ''));
    const changed = await this.changes(tx, origin, visits, idOf, contacts);

    const fresh = new Set(created);
    await copyInto(tx.client, 'visit', VISIT_COLUMNS, changed.states.filter((v) => fresh.has(v.id)).map((v) => visitRow(v, origin))); // prettier-ignore
    const moves = revisions.filter((r) => r.current && r.storedVisitId !== null).map(({ record }) => ({
      recordId: record.recordId, visitId: idOf.get(visitOf.get(record.recordId) as TouchedVisit) ?? '' })); // prettier-ignore
    if (moves.length > 0) await sql.recordsSupersede(tx, origin.source, moves);
    await copyInto(tx.client, 'visit_record', RECORD_COLUMNS, revisions.map((revision) => {
      const visit = visitOf.get(revision.record.recordId) as TouchedVisit;
      return this.recordRow(revision, origin, idOf.get(visit) ?? '', visit.stored?.claimed === true, contacts);
    })); // prettier-ignore
    const stored = changed.states.filter((v) => !fresh.has(v.id));
    if (stored.length > 0) await sql.visitsReplan(tx, stored, origin.now);
    const attached = visits
      .filter((visit) => visit.stored?.claimed === true)
      .map((visit) => idOf.get(visit) ?? '');
    if (attached.length > 0) await sql.visitsRecount(tx, attached);
    if (changed.voided.length > 0) await sql.visitsVoid(tx, changed.voided, origin.now);
    if (changed.forgotten.length > 0) await sql.visitsForget(tx, changed.forgotten);
    return { created, forgotten: changed.forgotten };
  }

  /** What the touched visits become, from the legs they keep and those that join. */
  private async changes(
    tx: Transaction,
    origin: BatchOrigin,
    visits: readonly TouchedVisit[],
    idOf: ReadonlyMap<TouchedVisit, string>,
    contacts: ReadonlyMap<string, string>,
  ) {
    const open = visits.filter((visit) => visit.stored?.claimed !== true);
    const kept = await this.keptLegs(tx, visits, open);
    const states: (sql.ChangedVisit & { visitKey: string })[] = [];
    const voided: string[] = [];
    const forgotten: string[] = [];
    const rolled = open.flatMap((visit) => {
      const id = idOf.get(visit) ?? '';
      const [first, ...more] = [...(kept.get(id) ?? []), ...visit.joining.map((r) => legOf(r, contacts))];
      if (first) return [{ id, visitKey: visit.visitKey, ...rollUp([first, ...more]) }];
      (visit.stored?.decided === true ? voided : forgotten).push(id);
      return [];
    });
    const codes = [...new Set(rolled.map((visit) => visit.centreCode))];
    const centres = await sql.centreUpsert(tx, codes, origin.timezone, origin.now);
    for (const visit of rolled) {
      const centre = centres.get(visit.centreCode);
      const finishedOn = civilDate(visit.finishedAt, centre?.timezone ?? origin.timezone);
      states.push({ ...visit, centreId: centre?.id ?? '', finishedOn });
    }
    return { states, voided, forgotten };
  }

  /** The stored legs of visits that can still change, without those that the batch replaces. */
  private async keptLegs(tx: Transaction, visits: readonly TouchedVisit[], open: readonly TouchedVisit[]) {
    const legs = new Map<string, Leg[]>();
    const ids = open.flatMap((visit) => visit.stored?.id ?? []);
    if (ids.length === 0) return legs;
    const replaced = new Set(visits.flatMap((visit) => visit.joining.map(({ record }) => record.recordId)));
    for (const leg of await sql.legsOf(tx, ids)) {
      if (!replaced.has(leg.recordId)) legs.set(leg.visitId, [...(legs.get(leg.visitId) ?? []), leg]);
    }
    return legs;
  }

  private recordRow(
    { line, record, hash, revision, current }: Revision,
    origin: BatchOrigin,
    visitId: string,
    attachedOnly: boolean,
    contacts: ReadonlyMap<string, string>,
  ): CopyValue[] {
    const { phone, phoneTyped } = record;
    const typed = phone.status === 'ok' || phoneTyped === null ? null : this.vault.seal(phoneTyped).cipher;
    return [
      origin.source, record.recordId, revision, current, visitId, origin.batchId, line, hash, record.centre,
      record.serviceCode, record.serviceName, record.desk, record.employee, record.ticket, record.outcome,
      record.arrivedAt, record.calledAt, record.finishedAt, contactOf(record, contacts), phone.status, typed,
      record.consent, record.language, JSON.stringify(record.attributes), attachedOnly, origin.now,
    ]; // prettier-ignore
  }

  private async writeRejected(
    tx: Transaction,
    origin: BatchOrigin,
    rejected: readonly (SourceRow & { read: Rejection })[],
  ): Promise<void> {
    const rows = rejected.map(({ line, raw, read }): CopyValue[] => {
      const { cipher, keyId } = this.vault.seal(raw);
      return [origin.batchId, line, read.reason, read.detail, cipher, keyId, origin.now];
    });
    await copyInto(tx.client, 'rejected_row', REJECTED_COLUMNS, rows);
  }
}

const REJECTED_COLUMNS = ['batch_id', 'line', 'reason', 'detail', 'row_cipher', 'key_id', 'created_at'];
const RECORD_COLUMNS = [
  'source', 'record_id', 'revision', 'current', 'visit_id', 'batch_id', 'line', 'content_hash', 'centre_code',
  'service_code', 'service_name', 'desk', 'employee', 'ticket', 'outcome', 'arrived_at', 'called_at', 'finished_at',
  'contact_id', 'phone_status', 'phone_raw_cipher', 'consent', 'language', 'attributes', 'attached_only', 'received_at',
]; // prettier-ignore
const VISIT_COLUMNS = [
  'id', 'source', 'visit_key', 'centre_id', 'service_code', 'service_name', 'desk', 'employee', 'outcome', 'arrived_at',
  'finished_at', 'finished_on', 'contact_id', 'phone_status', 'consent', 'language', 'attributes', 'legs', 'revision',
  'planning_due_at', 'created_at',
]; // prettier-ignore

function visitRow(v: sql.ChangedVisit & { visitKey: string }, { source, now }: BatchOrigin): CopyValue[] {
  return [
    v.id, source, v.visitKey, v.centreId, v.serviceCode, v.serviceName, v.desk, v.employee, v.outcome, v.arrivedAt,
    v.finishedAt, v.finishedOn, v.contactId, v.phoneStatus, v.consent, v.language, JSON.stringify(v.attributes), v.legs,
    1, now, now,
  ]; // prettier-ignore
}

function contactOf(record: VisitRecord, contacts: ReadonlyMap<string, string>): string | null {
  return record.phone.status === 'ok' ? (contacts.get(record.phone.e164) ?? null) : null;
}

/** Beyond every id of a stored leg, since what comes now came later. */
const AFTER_STORED = 2 ** 52;

function legOf({ line, record }: Revision, contacts: ReadonlyMap<string, string>): Leg {
  return {
    ...record,
    order: AFTER_STORED + line,
    centreCode: record.centre,
    contactId: contactOf(record, contacts),
    phoneStatus: record.phone.status,
  };
}
