/**
 * TurboSMS `response_code` values by what they mean for us; TurboSMS answers HTTP 200 whatever happened.
 * https://turbosms.ua/en/api.html
 */
export type CodeClass =
  | 'ok'
  /** On TurboSMS' stop list (SMS) or ignore list (Viber): the person refused. */
  | 'opted_out'
  /** No number that TurboSMS can read. */
  | 'recipient'
  /** Not reachable through this account: another channel may. */
  | 'unreachable'
  | 'content'
  /** Token, sender name, balance: nothing goes out until a person acts. */
  | 'halt'
  /** Failed on their side, perhaps after it was done: ask again under the same `sequence_id`. */
  | 'repeat';

type Entry = readonly [name: string, meaning: CodeClass];

const CODES: ReadonlyMap<number, Entry> = new Map<number, Entry>([
  [0, ['OK', 'ok']],
  [800, ['SUCCESS_MESSAGE_ACCEPTED', 'ok']],
  [801, ['SUCCESS_MESSAGE_SENT', 'ok']],
  [802, ['SUCCESS_MESSAGE_PARTIAL_ACCEPTED', 'ok']],
  [803, ['SUCCESS_MESSAGE_PARTIAL_SENT', 'ok']],
  // The request was done before; the result of that first time is in the answer.
  [507, ['FAILED_DUPLICATE_REQUEST', 'ok']],

  [103, ['REQUIRED_TOKEN', 'halt']],
  [104, ['REQUIRED_CONTENT', 'content']],
  [105, ['REQUIRED_AUTH', 'halt']],
  [106, ['REQUIRED_AUTH', 'halt']],
  [107, ['REQUIRED_VIBER_SESSION', 'content']],
  [200, ['REQUIRED_MESSAGE_SENDER', 'halt']],
  [201, ['REQUIRED_MESSAGE_TEXT', 'content']],
  [202, ['REQUIRED_MESSAGE_RECIPIENT', 'recipient']],
  [203, ['REQUIRED_BALANCE', 'halt']],

  [300, ['INVALID_REQUEST', 'content']],
  [301, ['INVALID_TOKEN', 'halt']],
  [302, ['INVALID_MESSAGE_SENDER', 'halt']],
  [304, ['INVALID_MESSAGE_TEXT', 'content']],
  [305, ['INVALID_PHONE', 'recipient']],
  [306, ['INVALID_TTL', 'content']],

  [400, ['NOT_ALLOWED_MESSAGE_SENDER', 'halt']],
  [401, ['NOT_ALLOWED_MESSAGE_SENDER_NOT_ACTIVE', 'halt']],
  [404, ['NOT_ALLOWED_NUMBER_STOPLIST', 'opted_out']],
  [405, ['NOT_ALLOWED_RECIPIENTS_LIMIT', 'content']],
  [406, ['NOT_ALLOWED_RECIPIENT_COUNTRY', 'unreachable']],
  [407, ['NOT_ALLOWED_RECIPIENT_DUPLICATE', 'content']],
  [409, ['NOT_ALLOWED_MESSAGE_TTL', 'content']],
  [410, ['NOT_ALLOWED_MESSAGE_TRANSACTION_CONTENT', 'content']],
  [411, ['NOT_ALLOWED_MESSAGE_DATA', 'content']],
  [412, ['NOT_ALLOWED_MESSAGE_TEXT', 'content']],
  [413, ['NOT_ALLOWED_MESSAGE_TEXT_LENGTH', 'content']],
  [415, ['NOT_ALLOWED_MESSAGE_TRANSACTION_SENDER', 'halt']],
  // No approved template fits the text: Ukraine allows informational Viber messages by template only.
  [416, ['NOT_ALLOWED_MESSAGE_TRANSACTION_PATTERN', 'content']],
  [421, ['NOT_ALLOWED_MESSAGE_TRAFFIC_TYPE', 'halt']],
  [424, ['NOT_ALLOWED_PERMISSION', 'halt']],
  [425, ['NOT_ALLOWED_TEST_NUMBER', 'halt']],
  [426, ['NOT_ALLOWED_TEST_MESSAGES_LIMIT', 'halt']],
  [427, ['NOT_ALLOWED_MESSAGE_DUPLICATE', 'content']],

  [500, ['FAILED_CONVERT_RESULT2JSON', 'repeat']],
  [501, ['FAILED_CONVERT_RESULT2XML', 'repeat']],
  [502, ['FAILED_PARSE_BODY', 'content']],
  [503, ['FAILED_SMS_SEND', 'repeat']],
  [504, ['FAILED_VIBER_SEND', 'repeat']],
  [999, ['FATAL_ERROR', 'repeat']],
]);

export interface CodeMeaning {
  readonly name: string;
  readonly class: CodeClass;
}

/** A code that is not in the table fails this message and marks nobody. */
export function meaningOf(code: number): CodeMeaning {
  const [name, meaning] = CODES.get(code) ?? ['not documented', 'content'];
  return { name, class: meaning };
}
