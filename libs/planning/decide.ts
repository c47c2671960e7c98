import { nextOpening } from '#kernel/window';
import { addDuration } from '#kernel/zone';
import type { Campaign, CampaignRefs, Channel, Outcome } from './campaign.js';
import type { Chance } from './chance.js';

/** Why a visit is not invited, in the order in which the first that applies wins. */
export const REASONS = [
  'outcome_excluded',
  'no_phone',
  'bad_phone',
  'not_mobile',
  'country_not_allowed',
  'no_consent',
  'no_campaign',
  'too_old',
  'opted_out',
  'not_sampled',
  'frequency_cap',
  'quota_full',
  'budget_exhausted',
  'window_missed',
] as const;
export type Reason = (typeof REASONS)[number];

export interface Person {
  readonly id: string;
  /** Keyed hash of the number, hexadecimal: the same in every database under one key. */
  readonly hash: string;
  /** ISO 3166-1 alpha-2, by the number. */
  readonly country: string;
}

/** What planning knows of a visit: the sum of the legs that have come so far. */
export interface PlannedVisit {
  readonly id: string;
  readonly source: string;
  readonly visitKey: string;
  readonly centre: {
    readonly id: string;
    readonly code: string;
    readonly name: string;
    readonly zone: string;
  };
  readonly serviceCode: string | null;
  readonly serviceName: string | null;
  readonly language: string | null;
  readonly outcome: Outcome;
  readonly phoneStatus: 'ok' | 'missing' | 'bad' | 'not_mobile';
  /** Present exactly when `phoneStatus` is ok. */
  readonly person: Person | null;
  readonly consent: 'granted' | 'refused' | 'unknown';
  readonly finishedAt: Date;
  /** When the record, or the leg or correction that changed it last, arrived. */
  readonly reachedAt: Date;
}

/** A campaign in force. */
export interface PublishedCampaign extends Campaign {
  /** Of the definition's revision. */
  readonly id: string;
  readonly refs: CampaignRefs;
  /** Languages that its survey and all its texts have. */
  readonly locales: readonly string[];
}

/** What the decision on one visit may depend on besides the visit: everything that was decided before. */
export interface Ledger {
  /** In force, as `inOrder` sorts them. */
  readonly campaigns: readonly PublishedCampaign[];
  readonly chance: Chance;
  /** Those of the channels on which some sender can address the person. */
  reachable(person: Person, channels: readonly Channel[]): readonly Channel[];
  /** Whether the person said no to messages on the channel. */
  refused(person: Person, channel: Channel): boolean;
  /** Planned times of the person's standing invitations in any campaign, without the one of this visit. */
  standing(person: Person, visit: PlannedVisit): readonly Date[];
  /** Surveys completed after `since`, in the scope of the campaign's quota. */
  completes(campaign: PublishedCampaign, visit: PlannedVisit, since: Date): number;
  /** SMS parts held by the campaign's standing invitations planned after `since`, without the one of this visit. */
  partsHeld(campaign: PublishedCampaign, visit: PlannedVisit, since: Date): number;
  /** SMS parts an invitation of this visit may cost; 0 when the campaign sends no SMS. */
  partsOf(campaign: PublishedCampaign, visit: PlannedVisit): number;
}

export interface Invited {
  readonly decision: 'invited';
  readonly campaign: PublishedCampaign;
  /** The first of the campaign's channels that reaches the person and was not refused. */
  readonly channel: Channel;
  readonly plannedAt: Date;
  /** finishedAt + maxAge: not sent later. */
  readonly deadlineAt: Date;
  readonly parts: number;
}
export type Decision =
  | Invited
  | { readonly decision: 'control'; readonly campaign: PublishedCampaign }
  | { readonly decision: 'not_invited'; readonly reason: Reason; readonly campaign?: PublishedCampaign };

/** The order in which campaigns get a visit: highest priority first, equals by key. */
export function inOrder(campaigns: readonly PublishedCampaign[]): PublishedCampaign[] {
  return [...campaigns].sort((a, b) => b.priority - a.priority || (a.key < b.key ? -1 : 1));
}

/**
 * The one decision on a visit: pure, and the only place that knows the rules. The reasons are tried in the order of
 * `REASONS`, with `control` between not_sampled and frequency_cap.
 */
export function decide(visit: PlannedVisit, ledger: Ledger): Decision {
  const choice = chooseCampaign(visit, ledger);
  if (typeof choice === 'string') return { decision: 'not_invited', reason: choice };
  const { campaign, person } = choice;
  const refuse = (reason: Reason): Decision => ({ decision: 'not_invited', reason, campaign });
  const zone = visit.centre.zone;
  const deadlineAt = addDuration(visit.finishedAt, campaign.maxAge, zone);
  if (deadlineAt < visit.reachedAt) return refuse('too_old');
  const channel = ledger.reachable(person, campaign.channels).find((c) => !ledger.refused(person, c));
  if (channel === undefined) return refuse('opted_out');
  if (!ledger.chance.sampled(visit, campaign.sample)) return refuse('not_sampled');
  if (ledger.chance.control(person.hash, campaign.control)) return { decision: 'control', campaign };
  const earliest = addDuration(visit.finishedAt, campaign.delay, zone);
  const plannedAt = nextOpening(earliest, campaign.window, zone);
  if (isCapped(campaign, plannedAt ?? earliest, ledger.standing(person, visit), zone))
    return refuse('frequency_cap');
  if (isQuotaFull(campaign, visit, ledger)) return refuse('quota_full');
  const parts = ledger.partsOf(campaign, visit);
  if (isBudgetSpent(campaign, visit, ledger, plannedAt ?? earliest, parts)) return refuse('budget_exhausted');
  if (plannedAt === undefined || plannedAt > deadlineAt) return refuse('window_missed');
  return { decision: 'invited', campaign, channel, plannedAt, deadlineAt, parts };
}

/**
 * The campaign that takes the visit, or why none does. With several campaigns each reason narrows those that are
 * left: a reason applies when it leaves none, and the first of the rest takes the visit. Without any campaign in
 * force, a visit with a usable number is `no_campaign`.
 */
function chooseCampaign(
  visit: PlannedVisit,
  ledger: Ledger,
): { campaign: PublishedCampaign; person: Person } | Reason {
  const wanted = ledger.campaigns.filter(({ when }) => when.outcomes.includes(visit.outcome));
  if (wanted.length === 0 && ledger.campaigns.length > 0) return 'outcome_excluded';
  const person = visit.person;
  if (!person) return NO_NUMBER[visit.phoneStatus];
  if (wanted.length === 0) return 'no_campaign';
  const abroad = wanted.filter(({ when }) => when.countries.includes(person.country));
  if (abroad.length === 0) return 'country_not_allowed';
  const lawful = abroad.filter(({ legalBasis }) => hasBasis(legalBasis, visit.consent));
  if (lawful.length === 0) return 'no_consent';
  const campaign = lawful.find(
    (c) => coversPlace(c, visit) && ledger.reachable(person, c.channels).length > 0,
  );
  return campaign ? { campaign, person } : 'no_campaign';
}

const NO_NUMBER = {
  missing: 'no_phone',
  bad: 'bad_phone',
  not_mobile: 'not_mobile',
  // A number that was there and has been erased since: the person is gone from us as after a refusal.
  ok: 'opted_out',
} as const;

/** A refusal stands under every basis: the law lets a body act without consent, not against a clear no. */
function hasBasis(basis: Campaign['legalBasis'], consent: PlannedVisit['consent']): boolean {
  return basis === 'consent' ? consent === 'granted' : consent !== 'refused';
}

function coversPlace({ when }: Campaign, visit: PlannedVisit): boolean {
  if (when.centres !== 'all' && !when.centres.includes(visit.centre.code)) return false;
  if (when.services === 'all') return true;
  const { include, exclude } = when.services;
  const code = visit.serviceCode ?? '';
  return (include?.includes(code) ?? true) && !(exclude?.includes(code) ?? false);
}

/** Whether as many others as the cap allows lie less than its period away, on either side. */
function isCapped(campaign: Campaign, plannedAt: Date, others: readonly Date[], zone: string): boolean {
  const { invitations, per } = campaign.cap;
  if (others.length < invitations) return false;
  const near = others.filter((other) => {
    const [first, last] = other < plannedAt ? [other, plannedAt] : [plannedAt, other];
    return last < addDuration(first, per, zone);
  });
  return near.length >= invitations;
}

function isQuotaFull(campaign: PublishedCampaign, visit: PlannedVisit, ledger: Ledger): boolean {
  if (!campaign.quota) return false;
  const { completes, every } = campaign.quota;
  const since = addDuration(visit.reachedAt, `-${every}`, visit.centre.zone);
  return ledger.completes(campaign, visit, since) >= completes;
}

/** Counting all that is planned later too keeps every stretch of the period within the budget, whatever the order. */
function isBudgetSpent(
  campaign: PublishedCampaign,
  visit: PlannedVisit,
  ledger: Ledger,
  plannedAt: Date,
  parts: number,
): boolean {
  if (!campaign.budget) return false;
  const since = addDuration(plannedAt, `-${campaign.budget.every}`, visit.centre.zone);
  return ledger.partsHeld(campaign, visit, since) + parts > campaign.budget.parts;
}
