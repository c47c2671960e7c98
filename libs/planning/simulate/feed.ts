import type { Outcome } from '../campaign.js';
import type { PlannedVisit } from '../decide.js';

/** What the records of one visit together say about it. */
export interface VisitFacts {
  readonly centreCode: string;
  readonly serviceCode: string | null;
  readonly serviceName: string | null;
  readonly outcome: Outcome;
  readonly finishedAt: Date;
  /** E.164; null when there is no usable number. */
  readonly phone: string | null;
  readonly phoneStatus: PlannedVisit['phoneStatus'];
  readonly consent: PlannedVisit['consent'];
  readonly language: string | null;
  /** What the visit is known as, where the records of several sources are one feed; sampling goes by it. */
  readonly known?: { readonly source: string; readonly visitKey: string };
}

/** One record of a feed, read. `said` is the reader's own; the simulator only hands it back. */
export interface FeedRecord<Said> {
  readonly recordId: string;
  readonly visitKey: string;
  readonly finishedAt: Date;
  /** `hash`: where the number itself is not at hand, its keyed hash; `e164` then only tells people apart. */
  readonly phone: { readonly e164: string; readonly country: string; readonly hash?: string } | null;
  readonly said: Said;
}

/**
 * Records of one source for the simulator. Reading files and making one visit of several records belongs to
 * intake; an app passes both in, so that a simulated feed is read exactly as a real one.
 */
export interface Feed<Said> {
  readonly source: string;
  /** Zone given to centres that the pack does not list. */
  readonly zone: string;
  /** In the order of the file. */
  readonly records: AsyncIterable<readonly FeedRecord<Said>[]>;
  /** All that a record states: equal content under one id is a repeat, other content a correction. */
  contentOf(said: Said): string;
  /** What the records of one visit say, given in the order in which they came. */
  visitOf(said: readonly [Said, ...Said[]]): VisitFacts;
}
