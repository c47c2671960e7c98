import type { Channel } from './campaign.js';
import type { Chance } from './chance.js';
import type { Decision, Ledger, Person, PlannedVisit, PublishedCampaign } from './decide.js';
import { PartsBook } from './parts-book.js';

/** An invitation that stands, as far as it weighs on other decisions. */
export interface Standing {
  readonly visitId: string;
  readonly personId: string;
  readonly campaignKey: string;
  readonly plannedAt: Date;
  readonly parts: number;
}

export interface LedgerSources {
  readonly campaigns: readonly PublishedCampaign[];
  readonly chance: Chance;
  readonly reachable: Ledger['reachable'];
  readonly partsOf: Ledger['partsOf'];
}

/**
 * The ledger in memory. It is filled with what the database knows about the people of a batch, or starts empty in
 * the simulator, and takes in each decision so that the next one sees it. Both ways drive the same `decide`.
 */
export class LedgerState implements Ledger {
  private readonly byPerson = new Map<string, Standing[]>();
  private readonly byVisit = new Map<string, Standing>();
  private readonly books = new Map<string, PartsBook>();
  private readonly refusals = new Set<string>();
  private readonly completions = new Map<string, Date[]>();

  constructor(private readonly sources: LedgerSources) {}

  get campaigns(): readonly PublishedCampaign[] {
    return this.sources.campaigns;
  }

  get chance(): Chance {
    return this.sources.chance;
  }

  reachable(person: Person, channels: readonly Channel[]): readonly Channel[] {
    return this.sources.reachable(person, channels);
  }

  partsOf(campaign: PublishedCampaign, visit: PlannedVisit): number {
    return this.sources.partsOf(campaign, visit);
  }

  refused(person: Person, channel: Channel): boolean {
    return this.refusals.size > 0 && this.refusals.has(`${person.hash} ${channel}`);
  }

  /** `channels`: those the person with this hash said no to. */
  addRefusal(hash: string, channels: readonly Channel[]): void {
    for (const channel of channels) this.refusals.add(`${hash} ${channel}`);
  }

  standing(person: Person, visit: PlannedVisit): Date[] {
    const all = this.byPerson.get(person.id);
    return all ? all.filter(({ visitId }) => visitId !== visit.id).map(({ plannedAt }) => plannedAt) : [];
  }

  completes(campaign: PublishedCampaign, visit: PlannedVisit, since: Date): number {
    const times = this.completions.get(quotaScope(campaign, visit.centre.id)) ?? [];
    return times.filter((at) => at > since).length;
  }

  addCompletion(campaign: PublishedCampaign, centreId: string, at: Date): void {
    const scope = quotaScope(campaign, centreId);
    const times = this.completions.get(scope);
    if (times) times.push(at);
    else this.completions.set(scope, [at]);
  }

  partsHeld(campaign: PublishedCampaign, visit: PlannedVisit, since: Date): number {
    const held = this.books.get(campaign.key)?.after(since) ?? 0;
    const own = this.byVisit.get(visit.id);
    return own?.campaignKey === campaign.key && own.plannedAt > since ? held - own.parts : held;
  }

  /** SMS parts held by invitations of the campaign outside this state, all planned at `at`. */
  addParts(campaignKey: string, at: Date, parts: number): void {
    this.book(campaignKey).add(at, parts);
  }

  /** Puts the outcome of the decision in the place of what stood for the visit before. */
  take(visit: PlannedVisit, decision: Decision): void {
    this.withdraw(visit.id);
    if (decision.decision !== 'invited' || !visit.person) return;
    const { campaign, plannedAt, parts } = decision;
    this.add({ visitId: visit.id, personId: visit.person.id, campaignKey: campaign.key, plannedAt, parts });
  }

  add(standing: Standing): void {
    this.byVisit.set(standing.visitId, standing);
    const all = this.byPerson.get(standing.personId);
    if (all) all.push(standing);
    else this.byPerson.set(standing.personId, [standing]);
    if (standing.parts > 0) this.book(standing.campaignKey).add(standing.plannedAt, standing.parts);
  }

  /** Forgets what stands for the visit. */
  withdraw(visitId: string): void {
    const standing = this.byVisit.get(visitId);
    if (!standing) return;
    this.byVisit.delete(visitId);
    const others = this.byPerson.get(standing.personId)?.filter((other) => other !== standing) ?? [];
    this.byPerson.set(standing.personId, others);
    if (standing.parts > 0) this.book(standing.campaignKey).add(standing.plannedAt, -standing.parts);
  }

  private book(campaignKey: string): PartsBook {
    let book = this.books.get(campaignKey);
    if (!book) this.books.set(campaignKey, (book = new PartsBook()));
    return book;
  }
}

function quotaScope(campaign: PublishedCampaign, centreId: string): string {
  return campaign.quota?.per === 'centre' ? `${campaign.key} ${centreId}` : campaign.key;
}
