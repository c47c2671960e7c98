import { addDuration } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { PublishedCampaign } from './decide.js';
import { LedgerState, type LedgerSources } from './ledger-state.js';
import {
  completionSince,
  invitationOfVisits,
  invitationStanding,
  partsHeldSince,
  senderEnabled,
  subscriptionOf,
  suppressionOf,
  type DueVisit,
  type PriorInvitation,
} from './planning-read.sql.js';
import { Routes } from './senders.js';

export interface LoadedLedger {
  readonly ledger: LedgerState;
  readonly routes: Routes;
  /** Invitations that visits of the batch already have, by visit. */
  readonly priors: ReadonlyMap<string, PriorInvitation>;
}

/**
 * Fills a ledger with all that the decisions on these visits may depend on. The caller holds the locks on the
 * visits, people and budgets, so nothing of it changes before the decisions are written.
 */
export async function loadLedger(
  tx: Queryable,
  visits: readonly DueVisit[],
  sources: Omit<LedgerSources, 'reachable'>,
): Promise<LoadedLedger> {
  const people = new Map(visits.flatMap(({ person }) => (person ? [[person.id, person] as const] : [])));
  const contactIds = [...people.keys()];
  const visitIds = visits.map(({ id }) => id);
  const routes = await loadRoutes(tx, contactIds);
  const ledger = new LedgerState({
    ...sources,
    reachable: (person, channels) => routes.reachable(person, channels),
  });
  const hashes = [...people.values()].map(({ hash }) => hash);
  for (const { hash, channel } of await suppressionOf(tx, hashes)) {
    ledger.addRefusal(hash, channel === null ? ['sms', 'viber'] : [channel]);
  }
  const standing = await invitationStanding(tx, { contactIds, exceptVisits: visitIds });
  for (const invitation of standing) ledger.add(invitation);
  const priors = await invitationOfVisits(tx, visitIds);
  for (const prior of priors) if (prior.stands) ledger.add(prior);
  for (const campaign of sources.campaigns) await loadLimits(tx, ledger, campaign, visits);
  return { ledger, routes, priors: new Map(priors.map((prior) => [prior.visitId, prior])) };
}

async function loadRoutes(tx: Queryable, contactIds: readonly string[]): Promise<Routes> {
  const senders = await senderEnabled(tx);
  const routes = new Routes(senders);
  if (!senders.some(({ addressing }) => addressing === 'subscriber')) return routes;
  for (const { sender, personId, id } of await subscriptionOf(tx, contactIds)) {
    routes.addSubscription(sender, personId, id);
  }
  return routes;
}

/** What counts against the campaign's quota and budget, from the earliest moment any visit of the batch looks at. */
async function loadLimits(
  tx: Queryable,
  ledger: LedgerState,
  campaign: PublishedCampaign,
  visits: readonly DueVisit[],
): Promise<void> {
  if (campaign.quota) {
    const since = before(earliest(visits.map(({ reachedAt }) => reachedAt)), campaign.quota.every);
    for (const { centreId, at } of await completionSince(tx, campaign.key, since)) {
      ledger.addCompletion(campaign, centreId, at);
    }
  }
  if (campaign.budget) {
    const since = before(earliest(visits.map(({ finishedAt }) => finishedAt)), campaign.budget.every);
    const exceptVisits = visits.map(({ id }) => id);
    for (const { at, parts } of await partsHeldSince(tx, {
      campaignKey: campaign.key,
      since,
      exceptVisits,
    })) {
      ledger.addParts(campaign.key, at, parts);
    }
  }
}

function earliest(times: readonly Date[]): Date {
  return new Date(Math.min(...times.map(Number)));
}

/** Earlier than `at` less the duration in any zone; the exact line is drawn by `decide`. */
function before(at: Date, duration: string): Date {
  return addDuration(addDuration(at, `-${duration}`, 'UTC'), '-P2D', 'UTC');
}
