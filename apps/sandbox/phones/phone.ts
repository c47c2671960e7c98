import type { Carrier } from '../faults.js';

export type ChannelName = 'sms' | 'viber';

/** A link found in a text, and the survey code it carries if it is one of ours. */
export interface Link {
  readonly url: string;
  readonly code?: string;
}

export interface Button {
  readonly label: string;
  /** What the button sends, or the address it opens. */
  readonly reply: string;
  readonly action: 'reply' | 'open-url' | 'share-phone' | 'none';
  /** What it sends does not appear in the chat. */
  readonly silent?: boolean;
  /** Sixths of the row. */
  readonly columns: number;
}

/**
 * What became of a message to the phone; `pending` for one whose carrier has not said anything yet. A message
 * from the person is `sent` once our webhook took it, else `failed`.
 */
export type BubbleStatus = 'pending' | 'sent' | 'delivered' | 'seen' | 'undelivered' | 'failed';

/** One message on the screen of a phone. */
export interface Bubble {
  readonly id: string;
  readonly by: 'centre' | 'person';
  readonly channel: ChannelName;
  readonly carrier: Carrier;
  /** Name or number the phone shows as the other side. */
  readonly sender: string;
  readonly text: string;
  readonly links: readonly Link[];
  readonly buttons: readonly Button[];
  readonly at: Date;
  /** The carrier's id of it. */
  readonly externalId?: string;
  /** Our message id, when the callback address told it. */
  readonly messageId?: string;
  /** SMS parts, counted on this text. */
  readonly parts?: number;
  /** What Viber gives back with the person's next message. */
  readonly trackingData?: string;
  status: BubbleStatus;
  errorCode?: number;
}

/** How the person stands with the bot: `opened` has looked at the chat, which does not yet allow messages. */
export type ViberStanding = 'none' | 'opened' | 'subscribed' | 'unsubscribed';

/** A person, as far as a carrier knows one: a number, and the chat in Viber once there is one. */
export interface Phone {
  readonly number: string;
  readonly name: string;
  /** The person's id with our bot; known to us only after the person opens the chat. */
  readonly viberId: string;
  viber: ViberStanding;
  /** SMS senders this person has stopped at the carrier. */
  readonly stopped: Set<string>;
  bubbles: Bubble[];
  unread: number;
  lastAt: Date;
}
