import type { CarrierFact, Channel, WebhookReply, WebhookRequest, Welcome } from '#channels/channel';
import type { Logger } from '#config/logger';
import { SURVEY_CODE } from '#kernel/ids';
import type { FactApplier } from '#replies/fact-applier';
import type { GatewayMetrics } from '../metrics.js';
import type { FactFollower } from './fact-follower.js';
import type { FactInbox } from './fact-inbox.js';

const FORGED: WebhookReply = { status: 403, contentType: 'text/plain; charset=utf-8', body: '' };

export interface HooksParts {
  readonly channels: ReadonlyMap<string, Channel>;
  /** Base of the addresses that carriers call and sign, without trailing slash. */
  readonly publicUrl: string;
  readonly inbox: FactInbox;
  readonly applier: FactApplier;
  readonly follower: FactFollower;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
}

/** The way of a carrier's call: verify, parse, store, apply, acknowledge. Nothing is acknowledged before it is durable. */
export class Hooks {
  constructor(private readonly parts: HooksParts) {}

  get publicUrl(): string {
    return this.parts.publicUrl;
  }

  channel(sender: string): Channel | undefined {
    return this.parts.channels.get(sender);
  }

  /** Rejects only when the facts could not be stored: the carrier is told to come again. */
  async receive(channel: Channel, request: WebhookRequest): Promise<WebhookReply> {
    const { metrics, inbox, applier, follower, log } = this.parts;
    const { sender } = channel;
    const verdict = channel.verify(request);
    if (!verdict.genuine) {
      metrics.forged.inc({ sender });
      log.warn({ event: 'webhook_forged', sender, door: request.door, why: verdict.why });
      return FORGED;
    }
    const facts = channel.parse(request);
    const stored = metrics.stored.startTimer();
    const ids = await inbox.store({ sender, addressing: channel.limits.addressing }, facts);
    stored();
    const repeated = facts.length - ids.length;
    if (ids.length > 0) metrics.facts.inc({ sender, fresh: 'yes' }, ids.length);
    if (repeated > 0) metrics.facts.inc({ sender, fresh: 'no' }, repeated);
    // Receipts are applied behind the answer: they come by the thousand and nobody waits for them.
    if (facts.every(({ kind }) => kind === 'receipt')) {
      follower.follow(ids);
      return channel.acknowledge(facts);
    }
    // What a person did is applied before the answer, since a stop must hold at once.
    const { failed } = await applier.apply(ids);
    if (failed > 0) metrics.unapplied.inc({ why: 'error' }, failed);
    return channel.acknowledge(facts, await this.welcome(facts));
  }

  /** Asked of what is stored, so that a call repeated after a lost answer gets its welcome as well. */
  private async welcome(facts: readonly CarrierFact[]): Promise<Welcome | undefined> {
    const opened = facts.find((fact) => fact.kind === 'conversation_started');
    if (!opened) return undefined;
    const { context } = opened;
    return this.parts.applier.welcome(
      context !== undefined && SURVEY_CODE.test(context) ? context : undefined,
    );
  }
}
