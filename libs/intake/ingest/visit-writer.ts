import type { PoolClient } from 'pg';
import type { Vault } from '#contacts/vault';
import { civilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { Assignment, TouchedVisit } from './assign.js';
import type { Revision } from './classify.js';
import { copyInto, each } from './copy.js';
import * as sql from './ingest.sql.js';
import { rollUp, type ChangedVisit, type Leg } from './roll-up.js';
import {
  contactOf,
  RECORD_COLUMNS,
  recordLine,
  VISIT_COLUMNS,
  visitLine,
  type BatchOrigin,
  type Contacts,
} from './stored-rows.js';

export type Transaction = Queryable & { client: PoolClient };

/** What became of the visits that one batch touches. */
interface Changes {
  readonly fresh: ChangedVisit[];
  readonly stored: ChangedVisit[];
  /** Left without records: planning knows it, or nobody does. */
  readonly voided: string[];
  readonly forgotten: string[];
}

/** Writes the visits of one batch and the records they consist of. */
export class VisitWriter {
  private readonly ids = new Map<TouchedVisit, string>();

  constructor(
    private readonly tx: Transaction,
    private readonly origin: BatchOrigin,
    private readonly contacts: Contacts,
    private readonly vault: Vault,
  ) {}

  /** Returns the ids of visits that came into being, and of those that ceased to be. */
  async write(
    { visits, visitOf }: Assignment,
    revisions: readonly Revision[],
  ): Promise<{ created: string[]; forgotten: string[] }> {
    const made = visits.filter((visit) => !visit.stored);
    const created = await sql.idsReserve(this.tx, 'visit', made.length);
    made.forEach((visit, i) => this.ids.set(visit, created[i] ?? ''));
    const { fresh, stored, voided, forgotten } = await this.changes(visits);
    if (fresh.length > 0) {
      const rows = each(fresh, (visit) => visitLine(visit, this.origin));
      await copyInto(this.tx.client, 'visit', VISIT_COLUMNS, rows);
    }
    await this.writeRecords(visitOf, revisions);
    if (stored.length > 0) await sql.visitsReplan(this.tx, stored, this.origin.now);
    const attached = visits.flatMap(({ stored: visit }) => (visit?.claimed === true ? visit.id : []));
    if (attached.length > 0) await sql.visitsRecount(this.tx, attached);
    if (voided.length > 0) await sql.visitsVoid(this.tx, voided, this.origin.now);
    if (forgotten.length > 0) await sql.visitsForget(this.tx, forgotten);
    return { created, forgotten };
  }

  private idOf(visit: TouchedVisit): string {
    return visit.stored?.id ?? this.ids.get(visit) ?? '';
  }

  private async writeRecords(
    visitOf: ReadonlyMap<string, TouchedVisit>,
    revisions: readonly Revision[],
  ): Promise<void> {
    const visitOfRecord = (recordId: string): TouchedVisit => {
      const visit = visitOf.get(recordId);
      if (!visit) throw new Error('a record of the batch has no visit');
      return visit;
    };
    const moves = revisions
      .filter((revision) => revision.current && revision.storedVisitId !== null)
      .map(({ record: { recordId } }) => ({ recordId, visitId: this.idOf(visitOfRecord(recordId)) }));
    if (moves.length > 0) await sql.recordsSupersede(this.tx, this.origin.source, moves);
    const rows = each(revisions, (revision) => {
      const visit = visitOfRecord(revision.record.recordId);
      const place = { id: this.idOf(visit), claimed: visit.stored?.claimed === true };
      return recordLine(revision, place, this.origin, this.contacts, this.vault);
    });
    await copyInto(this.tx.client, 'visit_record', RECORD_COLUMNS, rows);
  }

  /** What the touched visits become, from the legs they keep and those that join. */
  private async changes(visits: readonly TouchedVisit[]): Promise<Changes> {
    const open = visits.filter((visit) => visit.stored?.claimed !== true);
    const kept = await this.keptLegs(visits, open);
    const changes: Changes = { fresh: [], stored: [], voided: [], forgotten: [] };
    const rolled = [];
    for (const visit of open) {
      const joining = visit.joining.map((revision) => legOf(revision, this.contacts));
      const [first, ...more] = [...(kept.get(this.idOf(visit)) ?? []), ...joining];
      if (first) rolled.push({ visit, state: rollUp([first, ...more]) });
      else (visit.stored?.decided === true ? changes.voided : changes.forgotten).push(this.idOf(visit));
    }
    const { timezone, now } = this.origin;
    const codes = [...new Set(rolled.map(({ state }) => state.centreCode))];
    const centres = await sql.centreUpsert(this.tx, codes, timezone, now);
    for (const { visit, state } of rolled) {
      const centre = centres.get(state.centreCode);
      (visit.stored ? changes.stored : changes.fresh).push({
        id: this.idOf(visit),
        visitKey: visit.visitKey,
        state,
        centreId: centre?.id ?? '',
        finishedOn: civilDate(state.finishedAt, centre?.timezone ?? timezone),
      });
    }
    return changes;
  }

  /** The stored legs of visits that can still change, without those that the batch replaces. */
  private async keptLegs(
    visits: readonly TouchedVisit[],
    open: readonly TouchedVisit[],
  ): Promise<Map<string, Leg[]>> {
    const legs = new Map<string, Leg[]>();
    const ids = open.flatMap((visit) => visit.stored?.id ?? []);
    if (ids.length === 0) return legs;
    const replaced = new Set(visits.flatMap(({ joining }) => joining.map(({ record }) => record.recordId)));
    for (const leg of await sql.legsOf(this.tx, ids)) {
      if (!replaced.has(leg.recordId)) legs.set(leg.visitId, [...(legs.get(leg.visitId) ?? []), leg]);
    }
    return legs;
  }
}

/** Beyond every id of a stored leg, since what comes now came later. */
const AFTER_STORED = 2 ** 52;

function legOf({ line, record }: Revision, contacts: Contacts): Leg {
  return {
    order: AFTER_STORED + line,
    centreCode: record.centre,
    serviceCode: record.serviceCode,
    serviceName: record.serviceName,
    desk: record.desk,
    employee: record.employee,
    outcome: record.outcome,
    arrivedAt: record.arrivedAt,
    calledAt: record.calledAt,
    finishedAt: record.finishedAt,
    contactId: contactOf(record, contacts),
    phoneStatus: record.phone.status,
    consent: record.consent,
    language: record.language,
    attributes: record.attributes,
  };
}
