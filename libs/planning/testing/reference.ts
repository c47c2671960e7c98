import { Temporal } from 'temporal-polyfill';
import type { PlannedVisit } from '../decide.js';

/** A campaign as a reader of the rules would note it down; no sampling, quota or budget. */
export interface ReferenceCampaign {
  key: string;
  priority: number;
  outcomes: string[];
  centres: 'all' | string[];
  excluded: string[];
  countries: string[];
  legalBasis: string;
  delay: string;
  days: string[];
  from: string;
  to: string;
  closed: string[];
  maxAge: string;
  invitations: number;
  per: string;
  channel: string;
}

export interface ReferenceDecision {
  decision: string;
  reason: string;
  campaign: string;
  plannedAt: string;
}

interface Asked {
  visit: string;
  person: string;
  at: Temporal.Instant;
}

/**
 * The rules of the decision ledger once more, read from their description and written without any of the planner's
 * code: row by row, with Temporal alone, slow and plain. Tests hold the planner to it.
 */
export class ReferenceLedger {
  private asked: Asked[] = [];

  constructor(private readonly campaigns: ReferenceCampaign[]) {}

  decide(visit: PlannedVisit): ReferenceDecision {
    const decided = this.judge(visit);
    this.asked = this.asked.filter((one) => one.visit !== visit.id);
    if (decided.decision === 'invited') {
      this.asked.push({
        visit: visit.id,
        person: visit.person?.id ?? '',
        at: Temporal.Instant.from(decided.plannedAt),
      });
    }
    return decided;
  }

  private judge(visit: PlannedVisit): ReferenceDecision {
    const no = (reason: string, campaign = ''): ReferenceDecision => ({
      decision: 'not_invited',
      reason,
      campaign,
      plannedAt: '',
    });
    let fitting = this.campaigns.filter((c) => c.outcomes.indexOf(visit.outcome) >= 0);
    if (this.campaigns.length > 0 && fitting.length === 0) return no('outcome_excluded');
    if (visit.phoneStatus === 'missing') return no('no_phone');
    if (visit.phoneStatus === 'bad') return no('bad_phone');
    if (visit.phoneStatus === 'not_mobile') return no('not_mobile');
    if (this.campaigns.length === 0) return no('no_campaign');
    const person = visit.person;
    if (!person) throw new Error('a good number belongs to somebody');
    fitting = fitting.filter((c) => c.countries.indexOf(person.country) >= 0);
    if (fitting.length === 0) return no('country_not_allowed');
    fitting = fitting.filter(
      (c) => visit.consent === 'granted' || (visit.consent === 'unknown' && c.legalBasis === 'public_task'),
    );
    if (fitting.length === 0) return no('no_consent');
    fitting = fitting.filter((c) => c.centres === 'all' || c.centres.indexOf(visit.centre.code) >= 0);
    fitting = fitting.filter((c) => c.excluded.indexOf(visit.serviceCode ?? '') < 0);
    let chosen = fitting[0];
    if (!chosen) return no('no_campaign');
    for (const c of fitting) {
      if (c.priority > chosen.priority || (c.priority === chosen.priority && c.key < chosen.key)) chosen = c;
    }
    const zone = visit.centre.zone;
    const finished = instant(visit.finishedAt).toZonedDateTimeISO(zone);
    const latest = finished.add(chosen.maxAge).toInstant();
    if (Temporal.Instant.compare(latest, instant(visit.reachedAt)) < 0) return no('too_old', chosen.key);
    const planned = opening(finished.add(chosen.delay), chosen).toInstant();
    const near = this.asked.filter(
      (one) =>
        one.person === person.id && one.visit !== visit.id && lessThan(chosen.per, one.at, planned, zone),
    );
    if (near.length >= chosen.invitations) return no('frequency_cap', chosen.key);
    if (Temporal.Instant.compare(planned, latest) > 0) return no('window_missed', chosen.key);
    return { decision: 'invited', reason: '', campaign: chosen.key, plannedAt: planned.toString() };
  }
}

function instant(date: Date): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(date.getTime());
}

function lessThan(per: string, a: Temporal.Instant, b: Temporal.Instant, zone: string): boolean {
  const [first, last] = Temporal.Instant.compare(a, b) <= 0 ? [a, b] : [b, a];
  return Temporal.Instant.compare(last, first.toZonedDateTimeISO(zone).add(per).toInstant()) < 0;
}

const WEEK = ['', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function opening(at: Temporal.ZonedDateTime, window: ReferenceCampaign): Temporal.ZonedDateTime {
  const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  let moment = at;
  for (;;) {
    const open =
      window.days.includes(WEEK[moment.dayOfWeek] ?? '') &&
      !window.closed.includes(moment.toPlainDate().toString());
    const minute = moment.hour * 60 + moment.minute;
    if (open && minute >= minutes(window.from) && minute < minutes(window.to)) return moment;
    if (open && minute < minutes(window.from)) return moment.withPlainTime(window.from);
    moment = moment.add('P1D').startOfDay();
  }
}
