import { SteppedClock } from '#kernel/clock';
import { decide, type Decision, type Person, type PlannedVisit } from '../decide.js';
import type { LedgerState } from '../ledger-state.js';
import type { Feed, FeedRecord, VisitFacts } from './feed.js';
import { VisitBook, type BookedVisit } from './visit-book.js';

export interface SimulatedCentre {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly zone: string;
}

/** A visit and the last decision on it. */
export interface SimulatedVisit {
  readonly visit: PlannedVisit;
  readonly decision: Decision;
}

/**
 * Replays records in the order in which they would reach planning: each at its own `finishedAt`, equals by visit key,
 * then as they stand in the file. Each leg and correction plans its visit anew until the planned time has come; from
 * then on the message counts as sent. The rules are the planner's own `decide` over a ledger that starts empty.
 */
export class Replay<Said> {
  private readonly book: VisitBook<Said>;
  private readonly decided = new Map<string, SimulatedVisit>();
  private readonly people = new Map<string, Person>();
  private readonly clock = new SteppedClock(new Date(0));

  constructor(
    private readonly feed: Pick<Feed<Said>, 'source' | 'contentOf' | 'visitOf'>,
    private readonly ledger: LedgerState,
    private readonly centreOf: (code: string) => SimulatedCentre,
    private readonly hashOf: (e164: string) => string,
  ) {
    this.book = new VisitBook((said) => feed.contentOf(said));
  }

  run(records: readonly FeedRecord<Said>[], onProgress: (done: number) => void = () => undefined): void {
    const arrivals = [...records].sort(
      (a, b) =>
        a.finishedAt.getTime() - b.finishedAt.getTime() ||
        (a.visitKey < b.visitKey ? -1 : a.visitKey > b.visitKey ? 1 : 0),
    );
    arrivals.forEach((record, done) => {
      this.clock.set(record.finishedAt);
      const { phone } = record;
      if (phone && !this.people.has(phone.e164)) {
        const hash = phone.hash ?? this.hashOf(phone.e164);
        this.people.set(phone.e164, { id: hash, hash, country: phone.country });
      }
      for (const visit of this.book.take(record, (one) => this.isClaimed(one))) this.plan(visit);
      onProgress(done + 1);
    });
  }

  /** Every visit with its decision, in the order in which they first came. */
  results(): Iterable<SimulatedVisit> {
    return this.decided.values();
  }

  /** Records that said nothing new. */
  get repeats(): number {
    return this.book.repeats;
  }

  private isClaimed({ visitKey }: BookedVisit<Said>): boolean {
    const decision = this.decided.get(visitKey)?.decision;
    return decision?.decision === 'invited' && decision.plannedAt <= this.clock.now();
  }

  private plan(booked: BookedVisit<Said>): void {
    const [first, ...more] = booked.records.values();
    if (first === undefined) {
      // Corrections took its last record elsewhere: there is no such visit.
      this.ledger.withdraw(booked.visitKey);
      this.decided.delete(booked.visitKey);
      return;
    }
    const visit = this.visitWith(booked.visitKey, this.feed.visitOf([first, ...more]));
    const decision = decide(visit, this.ledger);
    this.ledger.take(visit, decision);
    this.decided.set(booked.visitKey, { visit, decision });
  }

  private visitWith(visitKey: string, facts: VisitFacts): PlannedVisit {
    return {
      id: visitKey,
      source: facts.known?.source ?? this.feed.source,
      visitKey: facts.known?.visitKey ?? visitKey,
      centre: this.centreOf(facts.centreCode),
      serviceCode: facts.serviceCode,
      serviceName: facts.serviceName,
      language: facts.language,
      outcome: facts.outcome,
      phoneStatus: facts.phoneStatus,
      person: facts.phone === null ? null : (this.people.get(facts.phone) ?? null),
      consent: facts.consent,
      finishedAt: facts.finishedAt,
      reachedAt: this.clock.now(),
    };
  }
}
