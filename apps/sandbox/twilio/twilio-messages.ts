import type { Bubble } from '../phones/phone.js';

export type TwilioStatus = 'accepted' | 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed';

/** Twilio's record of a message it took. */
export interface TwilioMessage {
  readonly sid: string;
  readonly to: string;
  /** Null until a Messaging Service has chosen its sender. */
  from: string | null;
  readonly serviceSid: string | null;
  readonly body: string;
  readonly parts: number;
  readonly createdAt: Date;
  updatedAt: Date;
  sentAt: Date | null;
  status: TwilioStatus;
  errorCode: number | null;
  readonly statusCallback?: string;
  readonly bubble: Bubble;
}

/** What Twilio remembers, the oldest forgotten first. */
export class TwilioMessages {
  private bySid = new Map<string, TwilioMessage>();
  private byTo = new Map<string, TwilioMessage[]>();

  constructor(private readonly keep: number) {}

  add(message: TwilioMessage): void {
    this.bySid.set(message.sid, message);
    this.byTo.set(message.to, [...(this.byTo.get(message.to) ?? []), message]);
    if (this.bySid.size <= this.keep) return;
    const [oldest] = this.bySid.values();
    if (!oldest) return;
    this.bySid.delete(oldest.sid);
    const rest = (this.byTo.get(oldest.to) ?? []).filter(({ sid }) => sid !== oldest.sid);
    if (rest.length > 0) this.byTo.set(oldest.to, rest);
    else this.byTo.delete(oldest.to);
  }

  find(sid: string): TwilioMessage | undefined {
    return this.bySid.get(sid);
  }

  /**
   * Newest first, by To, From and the UTC day of sending. A message that waits in the queue has no date sent and is
   * missed by any filter on it, as at Twilio.
   */
  list(filter: { to?: string; from?: string; sent?: (day: string) => boolean }): TwilioMessage[] {
    const candidates = filter.to === undefined ? [...this.bySid.values()] : (this.byTo.get(filter.to) ?? []);
    return candidates
      .filter(({ from }) => filter.from === undefined || from === filter.from)
      .filter(
        ({ sentAt }) => !filter.sent || (sentAt !== null && filter.sent(sentAt.toISOString().slice(0, 10))),
      )
      .reverse();
  }

  clear(): void {
    this.bySid.clear();
    this.byTo.clear();
  }
}

/** The message as Twilio's API shows it. With a service, `num_segments` stays "0" until a sender is chosen. */
export function messageResource(accountSid: string, message: TwilioMessage): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}`;
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: rfc2822(message.createdAt),
    date_sent: message.sentAt && rfc2822(message.sentAt),
    date_updated: rfc2822(message.updatedAt),
    direction: 'outbound-api',
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: message.serviceSid,
    num_media: '0',
    num_segments: message.from === null ? '0' : String(message.parts),
    price: null,
    price_unit: null,
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  };
}

export function rfc2822(at: Date): string {
  return at.toUTCString().replace('GMT', '+0000');
}
