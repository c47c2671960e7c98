/** Documented `response_code` values. HTTP is 200 for all of them. https://turbosms.ua/en/api.html */
const CODES: Readonly<Record<number, string>> = {
  0: 'OK',
  1: 'PONG',
  103: 'REQUIRED_TOKEN',
  104: 'REQUIRED_CONTENT',
  105: 'REQUIRED_AUTH',
  106: 'REQUIRED_AUTH',
  107: 'REQUIRED_VIBER_SESSION',
  200: 'REQUIRED_MESSAGE_SENDER',
  201: 'REQUIRED_MESSAGE_TEXT',
  202: 'REQUIRED_MESSAGE_RECIPIENT',
  203: 'REQUIRED_BALANCE',
  300: 'INVALID_REQUEST',
  301: 'INVALID_TOKEN',
  302: 'INVALID_MESSAGE_SENDER',
  304: 'INVALID_MESSAGE_TEXT',
  305: 'INVALID_PHONE',
  306: 'INVALID_TTL',
  400: 'NOT_ALLOWED_MESSAGE_SENDER',
  401: 'NOT_ALLOWED_MESSAGE_SENDER_NOT_ACTIVE',
  404: 'NOT_ALLOWED_NUMBER_STOPLIST',
  405: 'NOT_ALLOWED_RECIPIENTS_LIMIT',
  406: 'NOT_ALLOWED_RECIPIENT_COUNTRY',
  407: 'NOT_ALLOWED_RECIPIENT_DUPLICATE',
  409: 'NOT_ALLOWED_MESSAGE_TTL',
  410: 'NOT_ALLOWED_MESSAGE_TRANSACTION_CONTENT',
  411: 'NOT_ALLOWED_MESSAGE_DATA',
  412: 'NOT_ALLOWED_MESSAGE_TEXT',
  413: 'NOT_ALLOWED_MESSAGE_TEXT_LENGTH',
  415: 'NOT_ALLOWED_MESSAGE_TRANSACTION_SENDER',
  416: 'NOT_ALLOWED_MESSAGE_TRANSACTION_PATTERN',
  421: 'NOT_ALLOWED_MESSAGE_TRAFFIC_TYPE',
  424: 'NOT_ALLOWED_PERMISSION',
  425: 'NOT_ALLOWED_TEST_NUMBER',
  426: 'NOT_ALLOWED_TEST_MESSAGES_LIMIT',
  427: 'NOT_ALLOWED_MESSAGE_DUPLICATE',
  500: 'FAILED_CONVERT_RESULT2JSON',
  501: 'FAILED_CONVERT_RESULT2XML',
  502: 'FAILED_PARSE_BODY',
  503: 'FAILED_SMS_SEND',
  504: 'FAILED_VIBER_SEND',
  507: 'FAILED_DUPLICATE_REQUEST',
  800: 'SUCCESS_MESSAGE_ACCEPTED',
  801: 'SUCCESS_MESSAGE_SENT',
  802: 'SUCCESS_MESSAGE_PARTIAL_ACCEPTED',
  803: 'SUCCESS_MESSAGE_PARTIAL_SENT',
  999: 'FATAL_ERROR',
};

/** What `refuse` can be ordered with: the documented codes that are no success. */
export const turboSmsErrors: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(CODES).filter(([, name]) => !/^(OK|PONG|SUCCESS_|FAILED_DUPLICATE)/.test(name)),
);

/** Codes that speak of one recipient: they stand beside its number, under an overall 802. */
const OF_RECIPIENT = new Set([305, 404, 406, 407, 425, 427]);

export function codeName(code: number): string {
  return CODES[code] ?? 'UNKNOWN';
}

export function isOfRecipient(code: number): boolean {
  return OF_RECIPIENT.has(code);
}

/** The frame of every answer. */
export function turboSmsAnswer(code: number, result: unknown = null): string {
  return JSON.stringify({ response_code: code, response_status: codeName(code), response_result: result });
}
