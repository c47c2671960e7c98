import { closingAfter, nextOpening } from '#kernel/window';
import type { Database, Queryable } from '#store/database';
import type { CampaignRules, Definitions } from './definitions.js';
import { followUpOf, type FollowUp } from './follow-up.policy.js';
import {
  invitationTell,
  messageFollowUpsDue,
  messageLookAgain,
  messageQueueNext,
  messageRevisitOthers,
  type DueFollowUp,
  type NextMessage,
  type Route,
} from './follow-up.sql.js';
import { PRIORITY } from './message-kinds.js';

const BATCH = 200;

export interface FollowUpCounts {
  readonly looked: number;
  readonly fallbacks: number;
  readonly reminders: number;
  readonly undelivered: number;
  readonly cancelled: number;
}

interface Decided {
  readonly row: DueFollowUp;
  readonly rules: CampaignRules;
  readonly decision: FollowUp;
}

/** Queues the next channel's invite, or a reminder, once it is time; closes invitations that nothing can follow. */
export class FollowUps {
  constructor(
    private readonly database: Database,
    private readonly definitions: Definitions,
  ) {}

  /** One batch; `looked` below the batch size means that nothing is left. */
  async runOnce(now: Date): Promise<FollowUpCounts> {
    return this.database.transaction(async (tx) => {
      const due = await messageFollowUpsDue(tx, now, BATCH);
      if (due.length === 0) return { looked: 0, fallbacks: 0, reminders: 0, undelivered: 0, cancelled: 0 };
      await this.definitions.load(due.map(({ campaignId }) => campaignId));
      const decided = due.map((row) => this.decide(row, now));
      return this.carryOut(tx, decided, now);
    });
  }

  private decide(row: DueFollowUp, now: Date): Decided {
    const rules = this.definitions.campaign(row.campaignId);
    if (!rules) throw new Error(`campaign ${row.campaignId} is not defined`);
    const { over, cancelled, started, reached, expiresAt } = row;
    const usable = new Set(row.routes.map(({ channel }) => channel));
    const inTime = opening(rules, row, now, row.deadlineAt) !== undefined;
    const untried = row.channels.filter(
      (channel) => inTime && usable.has(channel) && !row.tried.includes(channel),
    );
    const look = { ...row, untried, facts: { over, cancelled, started, reached, expiresAt } };
    return { row, rules, decision: followUpOf(look, rules, row.timezone, now) };
  }

  private async carryOut(tx: Queryable, decided: readonly Decided[], now: Date): Promise<FollowUpCounts> {
    const next: NextMessage[] = [];
    const undelivered: string[] = [];
    const cancelled: { id: string; reason: string }[] = [];
    for (const { row, rules, decision } of decided) {
      const message = nextMessage(row, rules, decision, now);
      if (message) next.push(message);
      else if (decision.do === 'undelivered') undelivered.push(row.invitationId);
      else if (decision.do === 'cancel') cancelled.push({ id: row.invitationId, reason: decision.reason });
    }
    const fallbacks = next.filter(({ kind }) => kind === 'invite');
    await messageQueueNext(tx, next, now);
    await messageLookAgain(
      tx,
      decided.map(({ row, decision }) => ({
        id: row.id,
        at: decision.do === 'wait' ? decision.until : null,
      })),
    );
    const handedBack = decided.filter(({ decision }) => decision.do === 'revisit').map(({ row }) => row.id);
    await messageRevisitOthers(tx, handedBack, now);
    const retried = fallbacks.map(({ after }) => after.invitationId);
    await invitationTell(tx, { undelivered, retried, cancelled }, now);
    return {
      looked: decided.length,
      fallbacks: fallbacks.length,
      reminders: next.length - fallbacks.length,
      undelivered: undelivered.length,
      cancelled: cancelled.length,
    };
  }
}

function nextMessage(
  row: DueFollowUp,
  rules: CampaignRules,
  decision: FollowUp,
  now: Date,
): NextMessage | undefined {
  if (decision.do === 'fallback') {
    const route = row.routes.find(({ channel }) => channel === decision.channel);
    const when = opening(rules, row, now, row.deadlineAt);
    if (!route || !when) return undefined;
    const { templateId, id } = row;
    return { after: row, route, kind: 'invite', priority: PRIORITY.invite, templateId, fallbackOf: id, ordinal: 1, ...when }; // prettier-ignore
  }
  if (decision.do === 'remind') {
    const route = sameWay(row);
    const when = opening(rules, row, now, row.expiresAt);
    const templateId = rules.refs.messages[rules.messages.reminder ?? ''];
    if (!route || !when || templateId === undefined) return undefined;
    const { ordinal } = decision;
    return { after: row, route, kind: 'reminder', priority: PRIORITY.reminder, templateId, fallbackOf: null, ordinal, ...when }; // prettier-ignore
  }
  return undefined;
}

/** A reminder goes the way the invite went, as long as that way is open. */
function sameWay({ routes, sender, channel }: DueFollowUp): Route | undefined {
  return routes.find((route) => route.sender === sender) ?? routes.find((route) => route.channel === channel);
}

function opening(
  rules: CampaignRules,
  row: DueFollowUp,
  now: Date,
  notAfter: Date,
): Pick<NextMessage, 'dueAt' | 'closesAt' | 'notAfter'> | undefined {
  if (!rules.window) return now < notAfter ? { dueAt: now, closesAt: null, notAfter } : undefined;
  const dueAt = nextOpening(now, rules.window, row.timezone);
  if (!dueAt || dueAt >= notAfter) return undefined;
  return { dueAt, closesAt: closingAfter(dueAt, rules.window, row.timezone) ?? null, notAfter };
}
