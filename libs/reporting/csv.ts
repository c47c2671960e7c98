import { unrunnable } from '#kernel/formula';

export type Value = string | number | boolean | null | undefined;

/**
 * One line of CSV by RFC 4180 with CRLF; null is an empty field. A text that a spreadsheet would run as a formula is made
 * `unrunnable`.
 */
export function csvLine(values: readonly Value[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

function field(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = unrunnable(value);
  return /[",\r\n;\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
