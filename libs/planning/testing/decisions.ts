import { createHmac } from 'node:crypto';
import { campaignSchema, type Channel } from '../campaign.js';
import { Chance } from '../chance.js';
import { decide, inOrder, type Decision, type PlannedVisit, type PublishedCampaign } from '../decide.js';
import { LedgerState } from '../ledger-state.js';

export const at = (iso: string): Date => new Date(iso);
// Monday 13 January 2020, 12:00 in Kyiv.
export const NOON = at('2020-01-13T10:00:00Z');
const chance = new Chance((text) => createHmac('sha256', 'key').update(text).digest());

export function campaign(given: Record<string, unknown> = {}): PublishedCampaign {
  const parsed = campaignSchema.parse({
    key: 'after',
    name: { uk: 'Після візиту' },
    legalBasis: 'public_task',
    channels: ['viber', 'sms'],
    survey: 'short',
    messages: { invite: 'hello' },
    ...given,
  });
  return { ...parsed, id: parsed.key, refs: { survey: '1', messages: { hello: '2' } }, locales: ['uk'] };
}

let ids = 0;
export function visit(given: Partial<PlannedVisit> = {}): PlannedVisit {
  const id = `v${++ids}`;
  const finishedAt = given.finishedAt ?? NOON;
  return {
    id,
    source: 'test',
    visitKey: id,
    centre: { id: 'c1', code: 'A', name: 'ЦНАП А', zone: 'Europe/Kyiv' },
    serviceCode: null,
    serviceName: null,
    language: null,
    outcome: 'served',
    phoneStatus: 'ok',
    person: { id: 'p1', hash: 'p1', country: 'UA' },
    consent: 'unknown',
    finishedAt,
    reachedAt: finishedAt,
    ...given,
  };
}

export function ledger(
  campaigns: PublishedCampaign[],
  given: { reachable?: Channel[]; parts?: number } = {},
): LedgerState {
  return new LedgerState({
    campaigns: inOrder(campaigns),
    chance,
    reachable: (_, channels) => channels.filter((channel) => given.reachable?.includes(channel) ?? true),
    partsOf: () => given.parts ?? 2,
  });
}

/** The reason, or the decision where there is none. */
export const reasonOf = (decision: Decision): string =>
  decision.decision === 'not_invited' ? decision.reason : decision.decision;

/** Decides and takes the decision into the ledger, as the planner does. */
export function plan(state: LedgerState, ...visits: PlannedVisit[]): string[] {
  return visits.map((one) => {
    const decision = decide(one, state);
    state.take(one, decision);
    return reasonOf(decision);
  });
}
