import type { FeedRecord } from './feed.js';

/** A visit as the records make it. */
export interface BookedVisit<Said> {
  readonly visitKey: string;
  /** Current records by id, in the order in which they came to the visit. */
  readonly records: Map<string, Said>;
}

interface History<Said> {
  /** All that was said under the id, the newest last. */
  readonly said: Said[];
  visit: BookedVisit<Said>;
}

/**
 * Which records make which visit, by the rules of intake: an id seen before is a repeat when it says nothing new, else
 * a correction that takes the place of what it said, and may take the record to another visit. Records of a visit
 * whose message has gone out stay with it.
 */
export class VisitBook<Said> {
  private readonly visits = new Map<string, BookedVisit<Said>>();
  private readonly histories = new Map<string, History<Said>>();
  repeats = 0;

  constructor(private readonly contentOf: (said: Said) => string) {}

  /** `claimed`: whether the visit's message has gone out by now. Returns the visits to be planned anew. */
  take(
    record: FeedRecord<Said>,
    claimed: (visit: BookedVisit<Said>) => boolean,
  ): readonly BookedVisit<Said>[] {
    const history = this.histories.get(record.recordId);
    if (history && this.isRepeat(history, record.said)) {
      this.repeats++;
      return [];
    }
    const before = history?.visit;
    const visit = before && claimed(before) ? before : this.visitWith(record.visitKey);
    if (history) {
      history.said.push(record.said);
      history.visit = visit;
    } else {
      this.histories.set(record.recordId, { said: [record.said], visit });
    }
    before?.records.delete(record.recordId);
    visit.records.set(record.recordId, record.said);
    const touched = before && before !== visit ? [before, visit] : [visit];
    return touched.filter((one) => !claimed(one));
  }

  private isRepeat(history: History<Said>, said: Said): boolean {
    const content = this.contentOf(said);
    return history.said.some((earlier) => this.contentOf(earlier) === content);
  }

  private visitWith(visitKey: string): BookedVisit<Said> {
    let visit = this.visits.get(visitKey);
    if (!visit) this.visits.set(visitKey, (visit = { visitKey, records: new Map() }));
    return visit;
  }
}
