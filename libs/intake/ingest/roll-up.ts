import type { AttributeValue, Consent, Outcome } from '../read/visit-record.js';

export type PhoneStatus = 'ok' | 'missing' | 'bad' | 'not_mobile';

/** A current record of a visit, as far as the visit is made of it. */
export interface Leg {
  /** Grows in the order the legs came. */
  readonly order: number;
  readonly centreCode: string;
  readonly serviceCode: string | null;
  readonly serviceName: string | null;
  readonly desk: string | null;
  readonly employee: string | null;
  readonly outcome: Outcome;
  readonly arrivedAt: Date | null;
  readonly calledAt: Date | null;
  readonly finishedAt: Date;
  readonly contactId: string | null;
  readonly phoneStatus: PhoneStatus;
  readonly consent: Consent;
  readonly language: string | null;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** What the legs together say about the visit. */
export interface VisitState extends Omit<Leg, 'order' | 'calledAt'> {
  readonly legs: number;
}

/**
 * Makes one visit of its legs. It ends when the last leg ends; centre, service, desk and employee are those of the
 * longest leg (`calledAt` to `finishedAt`, a leg without `calledAt` has no length; of equal ones the first). Outcome is
 * that of the leg that ended last; consent and language are the last ones stated; attributes are laid over each
 * other. The phone is the last usable one, so that a dash typed at the cash desk does not wipe out the number given at
 * the first; without a usable one, the last thing stated. "First" and "last" go by the end of the leg, then by the
 * order of coming, so that the result does not depend on the order in which a feed brings the legs.
 */
export function rollUp(legs: readonly [Leg, ...Leg[]]): VisitState {
  const [only] = legs;
  if (legs.length === 1) return state(only, only, only, legs);
  const ordered = [...legs].sort((a, b) => +a.finishedAt - +b.finishedAt || a.order - b.order);
  const last = ordered.at(-1) ?? only;
  const longest = ordered.reduce((best, leg) => (lengthMs(leg) > lengthMs(best) ? leg : best));
  const phone =
    ordered.findLast((leg) => leg.phoneStatus === 'ok') ??
    ordered.findLast((leg) => leg.phoneStatus !== 'missing') ??
    last;
  return state(last, longest, phone, ordered);
}

function state(last: Leg, longest: Leg, phone: Leg, ordered: readonly Leg[]): VisitState {
  return {
    centreCode: longest.centreCode,
    serviceCode: longest.serviceCode,
    serviceName: longest.serviceName,
    desk: longest.desk,
    employee: longest.employee,
    outcome: last.outcome,
    arrivedAt: earliest(ordered),
    finishedAt: last.finishedAt,
    contactId: phone.contactId,
    phoneStatus: phone.phoneStatus,
    consent: ordered.findLast((leg) => leg.consent !== 'unknown')?.consent ?? 'unknown',
    language: ordered.findLast((leg) => leg.language !== null)?.language ?? null,
    attributes:
      ordered.length === 1
        ? last.attributes
        : (Object.assign({}, ...ordered.map((l) => l.attributes)) as Leg['attributes']),
    legs: ordered.length,
  };
}

function lengthMs(leg: Leg): number {
  return leg.calledAt ? Math.max(0, +leg.finishedAt - +leg.calledAt) : 0;
}

function earliest(legs: readonly Leg[]): Date | null {
  return legs.reduce<Date | null>(
    (first, { arrivedAt }) => (arrivedAt && (!first || arrivedAt < first) ? arrivedAt : first),
    null,
  );
}

/** A visit as its legs now have it, with what only the database can tell of it. */
export interface ChangedVisit {
  readonly id: string;
  readonly visitKey: string;
  readonly state: VisitState;
  readonly centreId: string;
  readonly finishedOn: string;
}
