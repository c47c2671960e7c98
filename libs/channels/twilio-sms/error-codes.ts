/**
 * Twilio's message error codes by what they mean for us. Twilio says that codes may change and should not drive
 * programs, so they are data, and a code that is not here has a mild meaning (see `outcome.ts`).
 * Each code has its page: https://www.twilio.com/docs/api/errors/{code}
 */
export type ErrorClass =
  /** The person refused messages from us. */
  | 'opted_out'
  /** This number can never take an SMS. */
  | 'recipient'
  /** Our sender may not or cannot write there: a setting, not the person's fault. */
  | 'route'
  /** This text, to anybody. */
  | 'content'
  /** Credentials, trial limits, suspended account, broken service. */
  | 'account'
  /** Certainly not processed: try again. */
  | 'throttled'
  /** Nobody can know. */
  | 'ambiguous'
  /** Our queue at Twilio is full: slow down. */
  | 'queue'
  /** The handset or its network, for now. */
  | 'handset'
  /** Says that we are talking to WhatsApp. */
  | 'other_channel';

type Entry = readonly [ErrorClass, string];

const CODES: ReadonlyMap<number, Entry> = new Map<number, Entry>([
  [21610, ['opted_out', 'recipient has opted out']],

  [21211, ['recipient', 'invalid To number']],
  [21217, ['recipient', 'To number is not valid']],
  [21401, ['recipient', 'invalid phone number']],
  [21614, ['recipient', 'To number is not a mobile number']],
  [30005, ['recipient', 'unknown destination handset']],
  [30006, ['recipient', 'landline or unreachable carrier']],

  [21408, ['route', 'permission to send to this country is off']],
  [21606, ['route', 'From number cannot send SMS']],
  [21612, ['route', 'no route from this From to this To']],
  [21910, ['route', 'From and To belong to different channels']],
  [30018, ['route', 'sender ID is not registered for the destination']],
  [30024, ['route', 'numeric sender ID is not provisioned']],
  [30032, ['route', 'toll-free number is not verified']],
  [30034, ['route', 'number is not registered for this traffic']],

  [21602, ['content', 'message body is required']],
  [21617, ['content', 'body exceeds 1,600 characters']],
  [21618, ['content', 'body cannot be sent']],
  [21619, ['content', 'body or media is required']],
  [21620, ['content', 'invalid media address']],
  [21621, ['content', 'media is not supported by this number']],
  [21622, ['content', 'media is not supported']],
  [21623, ['content', 'too many media files']],
  [21624, ['content', 'invalid validity period']],
  [30004, ['content', 'message blocked']],
  [30007, ['content', 'message filtered by the carrier']],
  [30019, ['content', 'content too large for the carrier']],

  [20003, ['account', 'authentication failed: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN']],
  [20008, ['account', 'test credentials cannot do this']],
  [20404, ['account', 'account or resource not found']],
  [21603, ['account', 'From is required']],
  [21604, ['account', 'To is required']],
  [21607, ['account', 'From number is not verified for this account']],
  [21609, ['account', 'StatusCallback is no valid address: check VIDHUK_PUBLIC_URL']],
  [21608, ['account', 'trial account may write only to verified numbers']],
  [30002, ['account', 'account is suspended']],

  [20429, ['throttled', 'too many requests at once']],

  [20500, ['ambiguous', 'internal error at Twilio']],
  [20503, ['ambiguous', 'Twilio is unavailable']],

  [21611, ['queue', 'too many messages queued for this From']],
  [30001, ['queue', 'queue overflow']],
  [30022, ['queue', 'daily or per-second cap reached']],
  [30023, ['queue', 'daily cap reached']],
  [30027, ['queue', 'daily cap of a mobile network reached']],
  [63018, ['queue', 'channel rate limit reached']],

  [30003, ['handset', 'handset is unreachable']],
  [30008, ['handset', 'delivery failed for an unknown reason']],
  [30017, ['handset', 'carrier network is congested']],
  [30036, ['handset', 'validity period was over before it could be delivered']],
  [30410, ['handset', 'carrier did not answer in time']],

  [63015, ['other_channel', 'recipient has not joined the channel sandbox']],
  [63016, ['other_channel', 'outside of the messaging window']],
  [63024, ['other_channel', 'invalid recipient of the channel']],
  [63032, ['other_channel', 'limited by the channel']],
  [63033, ['other_channel', 'recipient is blocked by the channel']],
]);

/** Families that Twilio numbers together. */
const RANGES: readonly (readonly [from: number, to: number, entry: Entry])[] = [
  [21701, 21705, ['account', 'Messaging Service is missing or not usable']],
  [35111, 35126, ['account', 'scheduling is not possible']],
];

export interface ErrorMeaning {
  readonly class: ErrorClass;
  readonly what: string;
}

/** What a code means; undefined when it is not in the table. */
export function meaningOf(code: number): ErrorMeaning | undefined {
  const entry = CODES.get(code) ?? RANGES.find(([from, to]) => code >= from && code <= to)?.[2];
  return entry && { class: entry[0], what: entry[1] };
}

export function pageOf(code: number): string {
  return `https://www.twilio.com/docs/api/errors/${code}`;
}
