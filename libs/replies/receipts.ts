import { suppress } from '#contacts/suppression.sql';
import type { Vault } from '#contacts/vault';
import type { Queryable } from '#store/database';
import { factSettle, factTake, type StoredFact } from './fact.sql.js';
import { afterReceipt, factsOfReceipt } from './receipt.policy.js';
import {
  invitationReceive,
  messageReceive,
  receiptTargets,
  receiptsByKey,
  type InvitationNews,
  type MessageMove,
  type ReceiptTarget,
} from './receipt.sql.js';
import { matchStrays } from './stray-receipts.js';

/** A doubt that a receipt ended: one that named its message, or one of an unknown id for the message's person. */
export interface DoubtEnded {
  readonly sender: string;
  readonly how: 'receipt' | 'receipt_of_person';
}

export interface ReceiptCounts {
  readonly applied: number;
  /** No message of ours yet, or its send is not settled: looked at again later. */
  readonly waiting: number;
  readonly unmatched: number;
  readonly doubtsEnded: readonly DoubtEnded[];
}

/**
 * Applies receipts in one transaction, many at a time. One that matches nothing waits, since it may have overtaken
 * the answer to our own request; once it is older than `orphanBefore` (civil) it is given up as unmatched. One of a message
 * that is still held by a worker, though all of them may be dead for hours, waits for as long as that takes.
 */
export async function applyReceipts(
  tx: Queryable,
  vault: Pick<Vault, 'subscriberHash'>,
  ids: readonly string[],
  now: Date,
  orphanBefore: Date,
): Promise<ReceiptCounts> {
  await receiptsByKey(tx);
  const facts = await factTake(tx, ids, 'receipt');
  if (facts.length === 0) return { applied: 0, waiting: 0, unmatched: 0, doubtsEnded: [] };
  let ledger = await ledgerOf(tx, facts);
  const windowS = (now.getTime() - orphanBefore.getTime()) / 1000;
  const ofPersons = await matchStrays(tx, vault, ledger.waiting, windowS);
  if (ofPersons.size > 0) ledger = await ledgerOf(tx, facts);
  const orphans = ledger.waiting.filter(
    (fact) => fact.receivedAt <= orphanBefore && !ledger.isUnderWay(fact),
  );
  await messageReceive(tx, [...ledger.moves.values()], now);
  await invitationReceive(tx, ledger.news);
  for (const { phoneHash, channel } of ledger.refusals) {
    await suppress(tx, { addressHash: phoneHash, channel, reason: 'carrier', via: 'carrier', now });
  }
  const unmatched = orphans.map(({ id }) => ({ id, meaning: 'unmatched', invitationId: null }));
  await factSettle(tx, [...ledger.settled, ...unmatched], now);
  return {
    applied: ledger.settled.length,
    waiting: ledger.waiting.length - orphans.length,
    unmatched: orphans.length,
    doubtsEnded: ledger.doubtsEnded.map(({ id, sender }) => ({
      sender,
      how: ofPersons.has(id) ? ('receipt_of_person' as const) : ('receipt' as const),
    })),
  };
}

async function ledgerOf(tx: Queryable, facts: readonly StoredFact[]): Promise<Ledger> {
  const targets = await receiptTargets(tx, facts.map(({ id }) => id)); // prettier-ignore
  const ledger = new Ledger(new Map(targets.map((target) => [target.factId, target])));
  for (const fact of facts) ledger.enter(fact);
  return ledger;
}

/** What a batch of receipts comes to: one move per message, however many receipts speak of it. */
class Ledger {
  readonly moves = new Map<string, MessageMove>();
  readonly news: InvitationNews[] = [];
  readonly refusals: { phoneHash: Buffer; channel: 'sms' | 'viber' }[] = [];
  readonly settled: { id: string; meaning: string; invitationId: string | null }[] = [];
  readonly waiting: StoredFact[] = [];
  /** The receipts that ended a doubt, one for each message. */
  readonly doubtsEnded: StoredFact[] = [];

  constructor(private readonly targets: ReadonlyMap<string, ReceiptTarget>) {}

  enter(fact: StoredFact): void {
    const target = this.targets.get(fact.id);
    if (!target || fact.status === null) return void this.waiting.push(fact);
    const before = this.moves.get(target.messageId)?.state ?? target.state;
    const told = afterReceipt(before, fact.status, target.attempt > 0);
    // A message that went again under another id has not failed because its first try did.
    const after = told === 'failed' && isOfEarlierTry(fact, target) ? before : told;
    if (after === 'wait') return void this.waiting.push(fact);
    const optedOut = fact.detail['optedOut'] === true;
    // A lost answer is made good by any receipt, also one that leaves the state as it is.
    if (after !== before) this.move(fact, target, after, optedOut);
    this.tell(fact, target, optedOut);
    this.settled.push({ id: fact.id, meaning: fact.status, invitationId: target.invitationId });
  }

  /** Its message is being sent, as far as we know: sooner or later it is settled or rescued. */
  isUnderWay({ id }: StoredFact): boolean {
    return this.targets.get(id)?.state === 'sending';
  }

  private move(
    fact: StoredFact,
    target: ReceiptTarget,
    state: MessageMove['state'],
    optedOut: boolean,
  ): void {
    const failed = state === 'failed';
    if (target.state === 'uncertain' && !this.moves.has(target.messageId)) this.doubtsEnded.push(fact);
    const learned = fact.externalId ?? this.moves.get(target.messageId)?.externalId ?? null;
    this.moves.set(target.messageId, {
      id: target.messageId,
      state,
      externalId: target.externalId === null ? learned : null,
      reason: failed ? (optedOut ? 'opted_out' : `carrier_${fact.status}`) : null,
      vendorCode: fact.vendorCode,
      at: fact.happenedAt,
    });
  }

  private tell(fact: StoredFact, target: ReceiptTarget, optedOut: boolean): void {
    if (optedOut && target.phoneHash) {
      this.refusals.push({ phoneHash: target.phoneHash, channel: target.channel });
    }
    const asks = target.kind === 'invite' || target.kind === 'reminder';
    if (!asks || target.invitationId === null || fact.status === null) return;
    const { sent, delivered, seen } = factsOfReceipt(fact.status);
    if (!sent && !optedOut) return;
    const at = fact.happenedAt;
    this.news.push({
      invitationId: target.invitationId,
      channel: target.channel,
      sentAt: sent ? at : null,
      deliveredAt: delivered ? at : null,
      seenAt: seen ? at : null,
      refusedAt: optedOut ? at : null,
    });
  }
}

/** Of two tries that are both in doubt nobody can tell which one a receipt speaks of: it proves none to have failed. */
function isOfEarlierTry({ externalId }: StoredFact, target: ReceiptTarget): boolean {
  if (target.attempt < 2 || externalId === null) return false;
  if (target.externalId === null) return target.state === 'uncertain';
  return externalId !== target.externalId;
}
