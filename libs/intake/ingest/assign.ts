import type { Revision } from './classify.js';
import type { KnownVisit } from './ingest.sql.js';

/** A visit that a batch touches, and the records of the batch that belong to it. */
export interface TouchedVisit {
  /** Absent: the batch makes it. */
  readonly stored: KnownVisit | undefined;
  readonly visitKey: string;
  /** Current records of the batch; empty when records only left. */
  readonly joining: Revision[];
}

export interface Assignment {
  readonly visits: TouchedVisit[];
  /** Visit of each record id of the batch. */
  readonly visitOf: ReadonlyMap<string, TouchedVisit>;
}

/**
 * Gives each record of a batch its visit: the one with its key, or a new one. A correction that states another
 * key takes the record to another visit, unless the message of its visit is on its way: then the record stays,
 * since the person was or is being asked about this very visit. Visits that records leave are touched too.
 */
export function assign(revisions: readonly Revision[], stored: readonly KnownVisit[]): Assignment {
  const byId = new Map<string, TouchedVisit>();
  const byKey = new Map<string, TouchedVisit>();
  for (const visit of stored) {
    const touched: TouchedVisit = { stored: visit, visitKey: visit.visit_key, joining: [] };
    byId.set(visit.id, touched);
    byKey.set(visit.visit_key, touched);
  }
  const visitOf = new Map<string, TouchedVisit>();
  for (const revision of revisions) {
    if (!revision.current) continue;
    const { recordId, visitKey } = revision.record;
    const own = revision.storedVisitId === null ? undefined : byId.get(revision.storedVisitId);
    let visit = own?.stored?.claimed === true ? own : byKey.get(visitKey);
    if (!visit) byKey.set(visitKey, (visit = { stored: undefined, visitKey, joining: [] }));
    visit.joining.push(revision);
    visitOf.set(recordId, visit);
  }
  return { visits: [...byKey.values()], visitOf };
}
