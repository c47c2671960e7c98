/**
 * What makes a spreadsheet run a cell (OWASP: CSV injection): these signs, also in full width, at its beginning, behind
 * blanks and signs that cannot be seen, which some programs drop.
 */
const UNSEEN = '[\\s\\u0000-\\u001F\\u200B-\\u200F\\u2060\\uFEFF]*';
const RUNS = '[=+\\-@\\t\\r\\n\\uFF1D\\uFF0B\\uFF0D\\uFF20]';
const AT_BEGINNING = new RegExp(`^${UNSEEN}${RUNS}`);
/**
 * Where the separator of lists is a semicolon, as in Ukraine, Excel splits a line of CSV there, and at line ends, and does not heed
 * quotes that begin within a cell of its own.
 */
const WITHIN = new RegExp(`([;\\t\\r\\n]${UNSEEN})(?=[=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20])`, 'g');

/** Whether a cell with this text might be run. */
export function wouldRun(text: string): boolean {
  return AT_BEGINNING.test(text);
}

/** A text for a cell of CSV: an apostrophe stands before what might be run, as a whole or as a part. */
export function unrunnable(text: string): string {
  const whole = wouldRun(text) ? `'${text}` : text;
  return whole.replaceAll(WITHIN, "$1'");
}
