import type { Welcome } from '#channels/channel';
import type { Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import { noticeText } from '#rendering/notices';
import type { Database, Queryable } from '#store/database';
import { questionMessage } from '#surveys/question-message';
import type { AnswerBook } from './answer-book.js';
import { applyConversationStarted, applySubscribed, applyUnsubscribed, join } from './apply-subscriber.js';
import { applyText, type Applied } from './apply-text.js';
import type { Talk } from './conversation.js';
import { factPending, factSettle, factTake, factUnapplied, type StoredFact } from './fact.sql.js';
import { personByPhone, personBySubscriber, type Person } from './person.sql.js';
import { applyReceipts, type DoubtEnded } from './receipts.js';
import { senderInfo, type SenderInfo } from './sender.sql.js';

export interface ApplyCounts {
  readonly applied: number;
  /** Receipts that came before their message, or were in another's hands. */
  readonly waiting: number;
  readonly unmatched: number;
  /** Left for the next run by an error. */
  readonly failed: number;
}

const NONE: ApplyCounts = { applied: 0, waiting: 0, unmatched: 0, failed: 0 };
/** Real time after which a receipt without a message is given up: carriers repeat a call for an hour at most. */
const ORPHAN_MS = 3_600_000;
/** Real time that the gateway gets to apply what it has just stored. */
const GRACE_MS = 5_000;
const BATCH = 500;

/** Turns stored facts into what they mean. Any number of processes may run it; each fact is applied once. */
export class FactApplier {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly book: AnswerBook,
    private readonly clock: Clock,
    /** Told the id of a fact that could not be applied, and why; it stays for the next run. */
    private readonly onError: (factId: string, thrown: unknown) => void = () => undefined,
    /** Told of each doubt about a message that a receipt ended. */
    private readonly onDoubtEnded: (ended: DoubtEnded) => void = () => undefined,
  ) {}

  /** Applies the facts of these ids that are not applied yet: receipts together, the rest one by one, in order. */
  async apply(ids: readonly string[]): Promise<ApplyCounts> {
    if (ids.length === 0) return NONE;
    const now = this.clock.now();
    let counts = await this.applyReceipts(ids, now);
    for (const id of await factUnapplied(this.database, ids)) counts = await this.applyOne(id, now, counts);
    return counts;
  }

  /**
   * Applies whatever was left: stored by a process that died, overtaken by a receipt, failed before. Goes through all
   * of it page by page, so that old receipts without a message never hold up new facts.
   */
  async applyPending(): Promise<ApplyCounts> {
    const receivedBefore = this.clock.after(-GRACE_MS);
    let total = NONE;
    for (let after = '0'; ;) {
      const page = await factPending(this.database, { after, receivedBefore, limit: BATCH });
      if (page.length === 0) return total;
      total = sum(total, await this.apply(page.map(({ id }) => id)));
      after = page.at(-1)?.id ?? after;
    }
  }

  /** What a person sees first in the chat. Depends on what is stored only, so a repeated call gets the same again. */
  async welcome(code: string | undefined): Promise<Welcome> {
    const open = code === undefined ? undefined : await this.book.open(code);
    if (!open) return { text: noticeText('help', 'uk') };
    const { invitation, survey, next } = open;
    if (!next || invitation.expiresAt <= this.clock.now())
      return { text: noticeText('closed', invitation.locale) };
    return questionMessage(survey, next, {
      locale: invitation.locale,
      channel: 'viber',
      code: invitation.code,
    });
  }

  /** One that cannot be applied must not hold up the others, so a batch that failed is tried one by one. */
  private async applyReceipts(ids: readonly string[], now: Date): Promise<ApplyCounts> {
    const orphanBefore = this.clock.after(-ORPHAN_MS);
    try {
      const { doubtsEnded, ...counts } = await this.database.transaction((tx) =>
        applyReceipts(tx, this.vault, ids, now, orphanBefore),
      );
      doubtsEnded.forEach(this.onDoubtEnded);
      return { ...counts, failed: 0 };
    } catch (thrown) {
      if (ids.length === 1) {
        this.onError(ids[0] ?? '', thrown);
        return { ...NONE, failed: 1 };
      }
      let total = NONE;
      for (const id of ids) total = sum(total, await this.applyReceipts([id], now));
      return total;
    }
  }

  private async applyOne(id: string, now: Date, counts: ApplyCounts): Promise<ApplyCounts> {
    try {
      const applied = await this.database.transaction(async (tx) => {
        const [fact] = await factTake(tx, [id], 'other');
        if (!fact) return false;
        await factSettle(tx, [{ id, ...(await this.meaningOf(tx, fact, now)) }], now);
        return true;
      });
      return applied ? { ...counts, applied: counts.applied + 1 } : counts;
    } catch (thrown) {
      this.onError(id, thrown);
      return { ...counts, failed: counts.failed + 1 };
    }
  }

  private async meaningOf(tx: Queryable, fact: StoredFact, now: Date): Promise<Applied> {
    if (fact.kind === 'unknown') return { meaning: 'unknown', invitationId: null };
    const sender = await senderInfo(tx, fact.sender);
    // The worker writes the senders at its start: until then facts wait.
    if (!sender) throw new Error(`the sender "${fact.sender}" is not set up yet`);
    const person = await this.personOf(tx, sender, fact, now);
    if (!person) return { meaning: 'nobody', invitationId: null };
    const talk: Talk = { tx, sender, person, at: fact.happenedAt, now };
    switch (fact.kind) {
      case 'text':
        return applyText(await this.joined(talk, fact), fact, this.vault, this.book);
      case 'conversation_started':
        return applyConversationStarted(talk, fact, this.book);
      case 'subscribed':
        return applySubscribed(talk);
      case 'unsubscribed':
        return applyUnsubscribed(talk);
      // Anybody's contact can be sent, so it binds nobody; the claim is kept, sealed, for a clerk.
      case 'shared_phone':
        return { meaning: 'claim', invitationId: null };
      case 'receipt':
        throw new Error('receipts are applied together');
    }
  }

  /** The first thing a person writes to a bot subscribes them; no event says so. */
  private async joined(talk: Talk, fact: StoredFact): Promise<Talk> {
    if (talk.person.subscriberId === null) return talk;
    await join(talk, talk.person.subscriberId);
    const person = await this.personOf(talk.tx, talk.sender, fact, talk.now);
    return person ? { ...talk, person } : talk;
  }

  private async personOf(
    tx: Queryable,
    sender: SenderInfo,
    fact: StoredFact,
    now: Date,
  ): Promise<Person | undefined> {
    if (fact.addressHash === null || fact.addressCipher === null) return undefined;
    if (sender.addressing === 'phone') return personByPhone(tx, fact.addressHash, sender.channel);
    return personBySubscriber(tx, sender.key, this.vault.open(fact.addressCipher), now);
  }
}

function sum(a: ApplyCounts, b: ApplyCounts): ApplyCounts {
  return {
    applied: a.applied + b.applied,
    waiting: a.waiting + b.waiting,
    unmatched: a.unmatched + b.unmatched,
    failed: a.failed + b.failed,
  };
}
