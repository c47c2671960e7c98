import type { Channel } from './campaign.js';
import type { Person } from './decide.js';
import type { Route } from './draft.js';

/** A carrier account that is switched on. */
export interface EnabledSender {
  readonly key: string;
  readonly channel: Channel;
  readonly addressing: 'phone' | 'subscriber';
}

/** Ways to the people of a batch: which senders there are, and whom each can address. */
export class Routes {
  /** By sender and person: the id of the person's subscription. */
  private readonly subscriptions = new Map<string, string>();

  /** `senders` in the order in which they are tried. */
  constructor(private readonly senders: readonly EnabledSender[]) {}

  addSubscription(sender: string, personId: string, subscriberId: string): void {
    this.subscriptions.set(`${sender} ${personId}`, subscriberId);
  }

  /**
   * The channels on which some sender can address the person. When no sender at all serves any of them the answer
   * is all of them: that is a gap in the set-up, which says nothing about the person.
   */
  reachable(person: Person, channels: readonly Channel[]): readonly Channel[] {
    const served = channels.some((channel) => this.senders.some((sender) => sender.channel === channel));
    return served ? channels.filter((channel) => this.to(person, channel) !== undefined) : channels;
  }

  /** The first sender that can address the person on the channel. */
  to(person: Person, channel: Channel): Route | undefined {
    for (const sender of this.senders) {
      if (sender.channel !== channel) continue;
      if (sender.addressing === 'phone') return { channel, sender: sender.key, subscriberId: null };
      const subscriberId = this.subscriptions.get(`${sender.key} ${person.id}`);
      if (subscriberId !== undefined) return { channel, sender: sender.key, subscriberId };
    }
    return undefined;
  }
}
