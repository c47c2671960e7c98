import { closingAfter, nextOpening } from '#kernel/window';
import { addDuration } from '#kernel/zone';
import { inviteShares, type Channel } from './campaign.js';
import type { Chance } from './chance.js';
import type { Invited, Person, PlannedVisit, PublishedCampaign } from './decide.js';
import { localeOf, messageFields, type PartsEstimate } from './message-fields.js';
import type { MessageTexts } from './pack/read-pack.js';

/** Which text a person gets, and in which language: the same whenever it is asked. */
export interface Wording {
  readonly variant: string;
  readonly templateId: string;
  readonly locale: string;
}

export function wordingOf(
  visit: PlannedVisit,
  person: Person,
  campaign: PublishedCampaign,
  chance: Chance,
): Wording {
  const variant = chance.variant(person.hash, campaign.key, inviteShares(campaign));
  const templateId = campaign.refs.messages[variant];
  if (templateId === undefined)
    throw new Error(`campaign ${campaign.key} was published without "${variant}"`);
  return { variant, templateId, locale: localeOf(visit, campaign) };
}

/**
 * SMS parts an invitation of this visit may cost: those of one SMS with the person's text, 0 when the campaign sends
 * none. The day to answer is not planned yet; the day of the visit, as long when written out, stands in for it.
 */
export function estimateParts(
  campaign: PublishedCampaign,
  visit: PlannedVisit,
  chance: Chance,
  estimate: PartsEstimate,
  textsOf: (templateId: string) => MessageTexts,
): number {
  if (!visit.person || !campaign.channels.includes('sms')) return 0;
  const { templateId, locale } = wordingOf(visit, visit.person, campaign, chance);
  const fields = messageFields(visit, campaign, locale, visit.finishedAt);
  return estimate.of(templateId, textsOf(templateId), locale, fields);
}

/** How the first message reaches the person. */
export interface Route {
  readonly channel: Channel;
  readonly sender: string;
  /** The carrier's own address of the person, for senders that know people only so. */
  readonly subscriberId: string | null;
}

/** An invitation and its first message, as they are written. */
export interface InvitationDraft extends Wording {
  readonly visitId: string;
  readonly contactId: string;
  readonly campaignId: string;
  readonly surveyId: string;
  readonly legalBasis: string;
  readonly channels: readonly Channel[];
  readonly plannedAt: Date;
  readonly deadlineAt: Date;
  readonly expiresAt: Date;
  readonly smsParts: number;
  readonly route: Route;
  readonly fields: object;
  readonly dueAt: Date;
  readonly closesAt: Date | null;
}

/**
 * A record that comes late has its planned time behind it; its message is due at once, or when the window opens
 * next, so that a feed that arrives at night wakes nobody.
 */
export function draftInvitation(
  visit: PlannedVisit,
  person: Person,
  invited: Invited,
  route: Route,
  chance: Chance,
  now: Date,
): InvitationDraft {
  const { campaign, plannedAt, deadlineAt, parts } = invited;
  const zone = visit.centre.zone;
  const wording = wordingOf(visit, person, campaign, chance);
  const expiresAt = addDuration(plannedAt, campaign.validFor, zone);
  const dueAt = plannedAt >= now ? plannedAt : (nextOpening(now, campaign.window, zone) ?? deadlineAt);
  return {
    variant: wording.variant,
    templateId: wording.templateId,
    locale: wording.locale,
    visitId: visit.id,
    contactId: person.id,
    campaignId: campaign.id,
    surveyId: campaign.refs.survey,
    legalBasis: campaign.legalBasis,
    channels: campaign.channels,
    plannedAt,
    deadlineAt,
    expiresAt,
    smsParts: parts,
    route,
    fields: messageFields(visit, campaign, wording.locale, expiresAt),
    dueAt,
    closesAt: closingAfter(dueAt, campaign.window, zone) ?? null,
  };
}
