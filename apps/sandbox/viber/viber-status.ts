/** The bot API's status codes. HTTP is 200 for all of them. developers.viber.com/docs/api/rest-bot-api/#error-codes */
const STATUS: Readonly<Record<number, string>> = {
  0: 'ok',
  1: 'invalidUrl',
  2: 'invalidAuthToken',
  3: 'badData',
  4: 'missingData',
  5: 'receiverNotRegistered',
  6: 'receiverNotSubscribed',
  7: 'publicAccountBlocked',
  8: 'publicAccountNotFound',
  9: 'publicAccountSuspended',
  10: 'webhookNotSet',
  11: 'receiverNoSuitableDevice',
  12: 'maximum messages from Public Account to Viber user without reply exceeded.',
  13: 'apiVersionNotSupported',
  14: 'incompatibleWithVersion',
  15: 'publicAccountNotAuthorized',
  16: 'inchatReplyMessageNotAllowed',
  17: 'publicAccountIsNotInline',
  18: 'noPublicChat',
  19: 'cannotSendBroadcast',
  20: 'broadcastNotAllowed',
  21: 'unsupportedCountry',
  22: 'paymentUnsupported',
  23: 'freeMessagesExceeded',
  24: 'noBalance',
};

/** What `refuse` can be ordered with, each with the carrier's words. */
export const viberErrors: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(STATUS).filter(([status]) => status !== '0'),
);

export function viberStatusMessage(status: number): string {
  return STATUS[status] ?? 'generalError';
}
