/**
 * Viber's `status` values by what they mean for us. Viber answers HTTP 200 whatever happened, so this decides.
 * https://developers.viber.com/docs/api/rest-bot-api/#error-codes
 */
export type StatusClass =
  | 'ok'
  /** This person cannot be reached here; another channel may. */
  | 'unreachable'
  /** This person unsubscribed: silence until they write or subscribe. */
  | 'opted_out'
  /** Over a limit: later. */
  | 'throttled'
  /** The message is wrong as it is. */
  | 'content'
  /** The bot, its token, its webhook or its balance: nothing goes out until a person acts. */
  | 'halt'
  /** Refused without a reason we know: certainly not sent, try again. */
  | 'general';

const CODES: readonly (readonly [name: string, meaning: StatusClass])[] = [
  ['ok', 'ok'],
  ['invalidUrl', 'halt'],
  ['invalidAuthToken', 'halt'],
  ['badData', 'content'],
  ['missingData', 'content'],
  ['receiverNotRegistered', 'unreachable'],
  ['receiverNotSubscribed', 'opted_out'],
  ['publicAccountBlocked', 'halt'],
  ['publicAccountNotFound', 'halt'],
  ['publicAccountSuspended', 'halt'],
  ['webhookNotSet', 'halt'],
  ['receiverNoSuitableDevice', 'unreachable'],
  ['tooManyRequests', 'throttled'],
  // The person's Viber is too old for our message; it would be so for the next one.
  ['apiVersionNotSupported', 'unreachable'],
  ['incompatibleWithVersion', 'content'],
  ['publicAccountNotAuthorized', 'halt'],
  ['inchatReplyMessageNotAllowed', 'content'],
  ['publicAccountIsNotInline', 'halt'],
  ['noPublicChat', 'halt'],
  ['cannotSendBroadcast', 'halt'],
  ['broadcastNotAllowed', 'halt'],
  ['unsupportedCountry', 'unreachable'],
  ['paymentUnsupported', 'content'],
  ['freeMessagesExceeded', 'halt'],
  ['noBalance', 'halt'],
];

export interface StatusMeaning {
  readonly name: string;
  readonly class: StatusClass;
}

export function meaningOf(status: number): StatusMeaning {
  const known = CODES[status];
  return known ? { name: known[0], class: known[1] } : { name: 'generalError', class: 'general' };
}
