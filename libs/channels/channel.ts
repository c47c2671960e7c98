/**
 * The contract between Vidhuk and a carrier. A channel turns one of our messages into a carrier's call and a
 * carrier's call into facts. It sees no database, no web framework, no survey and no other channel.
 */
export interface Channel {
  /** Short stable slug of the adapter: twilio, viber, turbosms. */
  readonly kind: string;
  /** Name of the configured account, as in `/hooks/{sender}`. */
  readonly sender: string;
  readonly limits: ChannelLimits;
  /** Strings that must never reach a log: tokens, secrets, account ids with secrets in them. */
  readonly redact: readonly string[];
  /**
   * Hands one message to the carrier, once. Resolves to exactly one outcome whatever the carrier does; never
   * throws for it, never retries, never sleeps. After `signal` aborts it resolves soon, to `uncertain` if the
   * request may have reached the carrier.
   */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome>;
  /** Decides on the raw bytes whether a webhook call is the carrier's own. Runs before `parse`; constant time. */
  verify(request: WebhookRequest): Verdict;
  /** Facts in a verified call, in the order they happened. Never throws: what is not understood is `unknown`. */
  parse(request: WebhookRequest): CarrierFact[];
  /** The answer the carrier expects once the facts are stored. */
  acknowledge(facts: readonly CarrierFact[], welcome?: Welcome): WebhookReply;
  /**
   * Tries to find out what became of an uncertain message, where the carrier lets one ask. `since`: when it was
   * attempted, in the time the carrier's own dates are in, which is civil time.
   */
  lookup?(message: OutgoingMessage, since: Date, signal: AbortSignal): Promise<SendOutcome | 'not_found'>;
  /** Registers our webhook or checks that it is registered; used by `vidhuk doctor` and at start. */
  register?(publicUrl: string, signal: AbortSignal): Promise<ProbeResult>;
  /** Where the carrier sends what it has to tell us, as the carrier itself says, where it can be asked; changes nothing. */
  webhook?(publicUrl: string, signal: AbortSignal): Promise<ProbeResult>;
  /** A harmless authenticated call that tells whether the account works. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
  /** Closes its connections; what is in flight is answered first. */
  close?(): Promise<void>;
}

export type ChannelName = 'sms' | 'viber';

/** What the rest of the program may know about a channel: data, so that nobody asks "is this Viber?". */
export interface ChannelLimits {
  readonly channel: ChannelName;
  /** `phone`: an E.164 number; `subscriber`: the carrier's own user id, known only after the person wrote. */
  readonly addressing: 'phone' | 'subscriber';
  /** Whether people can answer this sender with text. */
  readonly twoWay: boolean;
  /** Longest text in UTF-16 units. */
  readonly maxTextLength: number;
  readonly keyboard: boolean;
  readonly receipts: boolean;
  /** True where the carrier sends only wordings that it approved beforehand; others never leave here. */
  readonly approvedTextsOnly?: boolean;
  /** Requests in flight at most. */
  readonly concurrency: number;
  readonly timeoutMs: number;
}

export interface OutgoingMessage {
  /** Our message id; goes into the status callback as `?m=`. */
  readonly id: string;
  readonly attempt: number;
  /** E.164 number or carrier user id, as `limits.addressing` says. */
  readonly address: string;
  readonly text: string;
  readonly keyboard?: Keyboard;
  /** Base of our public addresses, without trailing slash. */
  readonly publicUrl: string;
  /** Real seconds after which the carrier should drop the message rather than deliver it. */
  readonly validForSeconds: number;
}

/** Buttons under a message, in a carrier-neutral form. */
export interface Keyboard {
  readonly buttons: readonly {
    readonly label: string;
    readonly reply: string;
    readonly width: 1 | 2 | 3 | 6;
  }[];
}

/**
 * - `accepted`: the carrier has it; `parts` when it tells.
 * - `rejected`: it will never be sent as it is; `scope` tells whether the recipient, the text or our account is at fault.
 * - `blocked`: the person refused (`opted_out`), or cannot be reached here (`unreachable`): another channel may.
 * - `deferred`: certainly not sent, or the carrier recognises the repeated message by its id (`perhapsSent`), so that
 *   trying again is safe; after `retryAfterMs` of real time when the carrier says so.
 * - `uncertain`: nobody can know whether it was sent. Never resent blindly.
 */
export type SendOutcome =
  | { readonly outcome: 'accepted'; readonly externalId: string; readonly parts?: number }
  | { readonly outcome: 'rejected'; readonly scope: 'recipient' | 'content' | 'sender'; readonly vendorCode?: string; readonly detail: string } // prettier-ignore
  | { readonly outcome: 'blocked'; readonly why: 'opted_out' | 'unreachable'; readonly vendorCode?: string; readonly detail: string } // prettier-ignore
  | { readonly outcome: 'deferred'; readonly retryAfterMs?: number; readonly perhapsSent?: true; readonly vendorCode?: string; readonly detail: string } // prettier-ignore
  | { readonly outcome: 'uncertain'; readonly vendorCode?: string; readonly detail: string };

export interface WebhookRequest {
  readonly method: string;
  /** Which door: `/hooks/{sender}/inbound`, `/hooks/{sender}/status` or `/hooks/{sender}`. */
  readonly door: 'inbound' | 'status' | 'any';
  /** The address the carrier signed: VIDHUK_PUBLIC_URL + path + query, never built from Host. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export type Verdict = { readonly genuine: true } | { readonly genuine: false; readonly why: string };

interface Fact {
  /** Unique within the sender: a repeated webhook yields the same key. */
  readonly dedupeKey: string;
  /** When the carrier says it happened; our own time of receipt when it does not say. */
  readonly happenedAt?: Date;
  /** Nothing personal: no number, no text. */
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

export type ReceiptStatus = 'accepted' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'seen';

export type CarrierFact =
  | (Fact & {
      readonly kind: 'receipt';
      readonly externalId: string;
      /** Our message id, when the callback carried `?m=`. */
      readonly messageId?: string;
      readonly address?: string;
      readonly status: ReceiptStatus;
      readonly vendorCode?: string;
      /** True when the carrier says that the person refuses messages from us. */
      readonly optedOut?: boolean;
    })
  | (Fact & {
      readonly kind: 'text';
      readonly externalId: string;
      readonly address: string;
      readonly text: string;
      /** What the carrier itself already understood and acted on. */
      readonly carrierKeyword?: 'stop' | 'start' | 'help';
    })
  | (Fact & {
      readonly kind: 'conversation_started';
      readonly address: string;
      /** The survey code of the deep link, if it came through one. */
      readonly context?: string;
      readonly subscribed: boolean;
      readonly language?: string;
      readonly apiVersion?: number;
    })
  | (Fact & { readonly kind: 'subscribed' | 'unsubscribed'; readonly address: string })
  | (Fact & { readonly kind: 'shared_phone'; readonly address: string; readonly phone: string })
  /** Kept and counted, never acted on. `raw` may be personal and is stored encrypted. */
  | (Fact & { readonly kind: 'unknown'; readonly raw: string });

/** A message that a carrier lets us return in the very answer to its webhook. */
export interface Welcome {
  readonly text: string;
  readonly keyboard?: Keyboard;
}

export interface WebhookReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface ProbeResult {
  readonly ok: boolean;
  /** One line for a person: what works, or what is wrong and what to do. No secrets. */
  readonly detail: string;
}
