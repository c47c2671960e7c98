import type { Channel, SendOutcome } from '#channels/channel';
import type { Clock } from '#kernel/clock';
import type { Database } from '#store/database';
import type { Composer } from './composer.js';
import type { Definitions } from './definitions.js';
import type { DoubtEnd, DoubtObserver } from './doubt.js';
import { firstLook } from './follow-up.policy.js';
import { recordRefusals } from './refusal.sql.js';
import { storable } from './storable.policy.js';
import { findingOf, NEXT_LOOK_MS, type Finding } from './uncertain.policy.js';
import {
  messageResolve,
  messageTakeUncertain,
  type Resolution,
  type UncertainMessage,
} from './uncertain.sql.js';

const BATCH = 50;
const LOOKUPS_AT_ONCE = 5;

export interface UncertainCounts {
  readonly looked: number;
  readonly accepted: number;
  readonly failed: number;
  readonly queued: number;
  readonly abandoned: number;
}

/** Finds out what became of uncertain messages where the carrier lets one ask, and ends those nobody will know. */
export class Uncertainties {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<string, Channel>,
    private readonly definitions: Definitions,
    private readonly composer: Composer,
    private readonly observer: DoubtObserver = { doubtEnded: () => undefined },
  ) {}

  /** One batch; `looked` below the batch size means that nothing is left. `signal` ends the asking soon. */
  async runOnce(now: Date, signal: AbortSignal): Promise<UncertainCounts> {
    const lookAgainAt = this.clock.after(NEXT_LOOK_MS);
    const rows = await messageTakeUncertain(this.database, { now, lookAgainAt, limit: BATCH });
    await this.composer.prepare(rows);
    const counts = { looked: rows.length, accepted: 0, failed: 0, queued: 0, abandoned: 0 };
    const left = [...rows];
    const askOne = async (): Promise<void> => {
      for (let row = left.shift(); row; row = left.shift()) {
        const finding = await this.find(row, now, signal);
        if (finding.to === 'uncertain') continue;
        if (!(await this.resolve(this.resolution(row, finding, now), now))) continue;
        counts[finding.to]++;
        this.observer.doubtEnded(row.sender, endBy(finding));
      }
    };
    await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, askOne));
    return counts;
  }

  private resolve(resolution: Resolution, now: Date): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const resolved = await messageResolve(tx, resolution, now);
      if (resolved && resolution.reason === 'opted_out') await recordRefusals(tx, [resolution.id], now);
      return resolved;
    });
  }

  private async find(row: UncertainMessage, now: Date, signal: AbortSignal): Promise<Finding> {
    const realMs = (since: Date): number => (now.getTime() - since.getTime()) / this.clock.speed;
    const answer = await this.ask(row, signal);
    const policy = this.definitions.campaign(row.campaignId)?.onUncertain;
    return findingOf(answer, realMs(row.uncertainSince), policy);
  }

  private async ask(
    row: UncertainMessage,
    signal: AbortSignal,
  ): Promise<SendOutcome | 'not_found' | undefined> {
    const channel = this.channels.get(row.sender);
    if (!channel?.lookup || signal.aborted) return undefined;
    const composed = this.composer.compose(row);
    if ('unwritable' in composed) return undefined;
    const found = await channel.lookup(composed.message, row.claimedAt, signal);
    return found === 'not_found' ? found : storable(found);
  }

  private resolution(
    row: UncertainMessage,
    finding: Exclude<Finding, { to: 'uncertain' }>,
    now: Date,
  ): Resolution {
    const { id, attempt } = row;
    const nothing = { reason: null, externalId: null, parts: null, vendorCode: null, dueAt: null, followUpAt: null }; // prettier-ignore
    const base = { id, attempt, by: 'lookup' as const, ...nothing };
    switch (finding.to) {
      case 'accepted': {
        const followUpAt = firstLook(row, this.definitions.campaign(row.campaignId), now);
        return {
          ...base,
          state: 'accepted',
          externalId: finding.externalId,
          parts: finding.parts,
          followUpAt,
        };
      }
      case 'failed':
        return {
          ...base,
          state: 'failed',
          reason: finding.reason,
          vendorCode: finding.vendorCode,
          followUpAt: now,
        };
      case 'queued':
        return { ...base, state: 'queued', by: finding.by, reason: 'not_sent', dueAt: now };
      case 'abandoned':
        return { ...base, state: 'abandoned', by: 'policy', reason: 'unknown_outcome' };
    }
  }
}

function endBy(finding: Exclude<Finding, { to: 'uncertain' }>): DoubtEnd {
  if (finding.to === 'abandoned') return 'policy_abandon';
  if (finding.to === 'queued') return finding.by === 'policy' ? 'policy_resend' : 'lookup_resend';
  return 'lookup';
}
