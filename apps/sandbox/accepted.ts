import { sha256 } from '#kernel/ids';
import { toLocal } from '#kernel/zone';
import type { Carrier } from './faults.js';
import type { ChannelName } from './phones/phone.js';

/** A message a carrier said yes to: what exactly-once tests count. */
export interface AcceptedMessage {
  /** Counts up from 1 in the order of acceptance. */
  readonly seq: number;
  /** Civil time. */
  readonly at: Date;
  readonly carrier: Carrier;
  readonly channel: ChannelName;
  /** The number, for Viber too. */
  readonly to: string;
  readonly sender: string;
  readonly text: string;
  readonly externalId: string;
  /** Our own message id where the request carried it (`?m=`). */
  readonly messageId?: string;
  readonly parts?: number;
  /** The receipts of it that our webhook took with 2xx, in that order, repetitions included. */
  readonly told: string[];
}

/** All accepted messages: the last ones whole, the counts of all. */
export class AcceptedMessages {
  private kept: AcceptedMessage[] = [];
  private byExternalId = new Map<string, AcceptedMessage>();
  private seq = 0;
  private perNumber = new Map<string, number>();
  private perMessageId = new Map<string, number>();
  private perContent = new Map<string, number>();
  private perCarrier = new Map<string, number>();
  private refusals = new Map<string, number>();
  /** By carrier and receipt: how many messages it was told of. */
  private toldOf = new Map<string, number>();

  constructor(private readonly keep: number) {}

  add(message: Omit<AcceptedMessage, 'seq' | 'told'>): AcceptedMessage {
    const accepted: AcceptedMessage = { ...message, seq: ++this.seq, told: [] };
    this.kept.push(accepted);
    this.byExternalId.set(idKey(accepted.carrier, accepted.externalId), accepted);
    this.forgetOldest();
    increment(this.perNumber, message.to);
    increment(this.perCarrier, `${message.carrier} ${message.channel}`);
    if (message.messageId !== undefined) increment(this.perMessageId, message.messageId);
    increment(this.perContent, contentKey(message));
    return accepted;
  }

  /** Our webhook took a receipt of this message. Receipts of anything else, such as what people wrote, count nothing. */
  tell(carrier: Carrier, externalId: string, receipt: string): void {
    const message = this.byExternalId.get(idKey(carrier, externalId));
    if (!message) return;
    if (!message.told.includes(receipt)) increment(this.toldOf, `${carrier} ${receipt}`);
    message.told.push(receipt);
  }

  refused(carrier: Carrier, code: number): void {
    increment(this.refusals, `${carrier} ${code}`);
  }

  get total(): number {
    return this.seq;
  }

  /** Messages after `since`, oldest first, at most `limit`. */
  after(since: number, limit: number): AcceptedMessage[] {
    const first = this.kept[0]?.seq ?? 1;
    return this.kept.slice(Math.max(0, since - first + 1)).slice(0, limit);
  }

  /** How many messages this number got, and how many came with each of our message ids more than once. */
  counts() {
    const repeated = [...this.perMessageId].filter(([, n]) => n > 1);
    return {
      accepted: this.seq,
      forgotten: this.seq - this.kept.length,
      numbers: this.perNumber.size,
      byCarrier: Object.fromEntries(this.perCarrier),
      refused: Object.fromEntries(this.refusals),
      told: Object.fromEntries(this.toldOf),
      messageIds: this.perMessageId.size,
      withoutMessageId: this.seq - [...this.perMessageId.values()].reduce((sum, n) => sum + n, 0),
      duplicateMessageIds: Object.fromEntries(repeated),
      /** Same channel, number and text again: the second and further ones. */
      duplicateTexts: [...this.perContent.values()].reduce((sum, n) => sum + n - 1, 0),
    };
  }

  /** How many messages this number got: with the number, what seeded draws about a message go by. */
  countFor(number: string): number {
    return this.perNumber.get(number) ?? 0;
  }

  byNumber(): Record<string, number> {
    return Object.fromEntries(this.perNumber);
  }

  byMessageId(): Record<string, number> {
    return Object.fromEntries(this.perMessageId);
  }

  /**
   * How many of the kept messages were accepted in each hour of the zone's clock, and those outside the hours from
   * `from` (inclusive) to `to` (exclusive), in minutes of the day.
   */
  hours(zone: string, from: number, to: number): { byHour: number[]; outside: AcceptedMessage[] } {
    const byHour = Array.from({ length: 24 }, () => 0);
    const outside = this.kept.filter(({ at }) => {
      const { minute } = toLocal(at, zone);
      const hour = Math.floor(minute / 60);
      byHour[hour] = (byHour[hour] ?? 0) + 1;
      return minute < from || minute >= to;
    });
    return { byHour, outside };
  }

  isDuplicate(message: AcceptedMessage): boolean {
    return (this.perContent.get(contentKey(message)) ?? 0) > 1;
  }

  clear(): void {
    this.kept = [];
    this.byExternalId.clear();
    this.seq = 0;
    for (const counts of [
      this.perNumber,
      this.perMessageId,
      this.perContent,
      this.perCarrier,
      this.refusals,
      this.toldOf,
    ]) {
      counts.clear();
    }
  }

  /** In slices, since shifting a long array one by one is slow. */
  private forgetOldest(): void {
    if (this.kept.length <= this.keep * 1.1) return;
    for (const { carrier, externalId } of this.kept.slice(0, -this.keep))
      this.byExternalId.delete(idKey(carrier, externalId));
    this.kept = this.kept.slice(-this.keep);
  }
}

function idKey(carrier: Carrier, externalId: string): string {
  return `${carrier} ${externalId}`;
}

function contentKey({ channel, to, text }: Pick<AcceptedMessage, 'channel' | 'to' | 'text'>): string {
  return sha256(`${channel}\u0000${to}\u0000${text}`).toString('base64', 0, 12);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
