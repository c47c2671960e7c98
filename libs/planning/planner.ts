import type { Database, Queryable } from '#store/database';
import { CampaignsInForce } from './campaigns-in-force.js';
import { Chance, type KeyedHash } from './chance.js';
import { decide, type PlannedVisit, type PublishedCampaign } from './decide.js';
import { draftInvitation, estimateParts, type InvitationDraft } from './draft.js';
import { loadLedger, type LoadedLedger } from './ledger-load.js';
import { PartsEstimate } from './message-fields.js';
import { definitionHold } from './pack/definition.sql.js';
import { budgetLock, contactLock, visitTakeDue, type DueVisit, type Place } from './planning-read.sql.js';
import {
  decisionPut,
  invitationCancel,
  invitationInsert,
  invitationReplan,
  messageInsert,
  messageReplan,
  visitSettle,
  type DecidedVisit,
  type FirstMessage,
} from './planning-write.sql.js';

/** What a run did, in visits. */
export interface PlanningCounts {
  taken: number;
  invited: number;
  control: number;
  notInvited: number;
  /** Changed after their message was claimed: nothing to decide any more. */
  attached: number;
  /** Left undecided, because no sender that is switched on serves any channel of their campaign. */
  waiting: number;
}

const DEFAULT_BATCH = 500;

/**
 * Gives every visit its decision and the invited ones their invitation and first message. Any number of planners
 * may run beside each other: visits are taken by one each, and one person's visits are decided one after another.
 */
export class Planner {
  private readonly campaigns = new CampaignsInForce();
  private readonly estimate = new PartsEstimate();
  private readonly chance: Chance;
  /** Where the next run goes on, so that visits which wait for a sender do not hold up those behind them. */
  private place: Place | undefined;

  /** `hash`: keyed, the same in every process and after every restart (`Vault.hash`). */
  constructor(
    private readonly database: Database,
    hash: KeyedHash,
  ) {
    this.chance = new Chance(hash);
  }

  /** Decides up to `batch` visits that are due at `now`, in one transaction. Throws only when the database does. */
  async runOnce(now: Date, options: { batch?: number } = {}): Promise<PlanningCounts> {
    const limit = options.batch ?? DEFAULT_BATCH;
    const { counts, last } = await this.database.transaction((tx) => this.planBatch(tx, now, limit));
    const goOn = counts.waiting > 0 || this.place !== undefined;
    this.place = goOn && counts.taken === limit ? last : undefined;
    return counts;
  }

  private async planBatch(
    tx: Queryable,
    now: Date,
    limit: number,
  ): Promise<{ counts: PlanningCounts; last: Place | undefined }> {
    const counts = { taken: 0, invited: 0, control: 0, notInvited: 0, attached: 0, waiting: 0 };
    const visits = await visitTakeDue(tx, { now, limit, after: this.place });
    if (visits.length === 0) return { counts, last: undefined };
    await definitionHold(tx);
    const campaigns = await this.campaigns.load(tx);
    await contactLock(tx, [...new Set(visits.flatMap(({ person }) => person?.id ?? []))]);
    await budgetLock(
      tx,
      campaigns.filter(({ budget }) => budget).map(({ key }) => key),
    );
    const loaded = await loadLedger(tx, visits, {
      campaigns,
      chance: this.chance,
      partsOf: (campaign, visit) => this.partsOf(campaign, visit),
    });
    counts.taken = visits.length;
    await new BatchWriter(tx, loaded, now).write(this.decideAll(visits, loaded, counts, now));
    const last = visits[visits.length - 1];
    return { counts, last: last && { dueAt: last.reachedAt, id: last.id } };
  }

  private decideAll(
    visits: readonly DueVisit[],
    { ledger, routes, priors }: LoadedLedger,
    counts: PlanningCounts,
    now: Date,
  ): Plan[] {
    const plans: Plan[] = [];
    for (const visit of visits) {
      if (priors.get(visit.id)?.claimed) {
        counts.attached++;
        plans.push({ visit });
        continue;
      }
      const decision = decide(visit, ledger);
      if (decision.decision === 'invited' && visit.person) {
        const route = routes.to(visit.person, decision.channel);
        if (!route) {
          counts.waiting++;
          continue;
        }
        const draft = draftInvitation(visit, visit.person, decision, route, this.chance, now);
        plans.push({ visit, decision, draft });
        counts.invited++;
      } else {
        plans.push({ visit, decision });
        if (decision.decision === 'control') counts.control++;
        else counts.notInvited++;
      }
      ledger.take(visit, decision);
    }
    return plans;
  }

  private partsOf(campaign: PublishedCampaign, visit: PlannedVisit): number {
    return estimateParts(campaign, visit, this.chance, this.estimate, (id) => this.campaigns.texts(id));
  }
}

/** A visit whose planning ends with this run; without a decision its message had gone out before. */
interface Plan {
  readonly visit: DueVisit;
  readonly decision?: DecidedVisit['decision'];
  readonly draft?: InvitationDraft;
}

class BatchWriter {
  constructor(
    private readonly tx: Queryable,
    private readonly loaded: LoadedLedger,
    private readonly now: Date,
  ) {}

  async write(plans: readonly Plan[]): Promise<void> {
    const { tx, now } = this;
    const decided = plans.flatMap(({ visit, decision }) =>
      decision ? [{ visitId: visit.id, revision: visit.revision, decision }] : [],
    );
    await decisionPut(tx, decided, now);
    await this.cancelStanding(plans);
    await this.writeInvitations(plans.flatMap(({ draft }) => draft ?? []));
    await visitSettle(
      tx,
      plans.map(({ visit }) => visit),
    );
  }

  private async cancelStanding(plans: readonly Plan[]): Promise<void> {
    const withdrawn = plans.flatMap(({ visit, decision, draft }) => {
      const prior = this.loaded.priors.get(visit.id);
      return decision && !draft && prior?.stands ? [prior.id] : [];
    });
    await invitationCancel(this.tx, withdrawn, 'replanned', this.now);
  }

  private async writeInvitations(drafts: readonly InvitationDraft[]): Promise<void> {
    const { tx, now, loaded } = this;
    const fresh = drafts.filter(({ visitId }) => !loaded.priors.has(visitId));
    const ids = await invitationInsert(tx, fresh, now);
    const replans = drafts.flatMap((draft) => {
      const prior = loaded.priors.get(draft.visitId);
      return prior ? [{ id: prior.id, draft, messageId: prior.queuedMessageId ?? undefined }] : [];
    });
    await invitationReplan(tx, replans);
    const messages: FirstMessage[] = [
      ...fresh.map((draft) => ({ invitationId: ids.get(draft.visitId) ?? '', draft })),
      ...replans.map(({ id, draft, messageId }) => ({ invitationId: id, draft, messageId })),
    ];
    await messageInsert(
      tx,
      messages.filter(({ messageId }) => messageId === undefined),
      now,
    );
    await messageReplan(
      tx,
      messages.filter(({ messageId }) => messageId !== undefined),
    );
  }
}
