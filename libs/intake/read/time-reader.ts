import { fromWall } from '#kernel/zone';

/** Reads one cell; undefined when it is no time of an accepted form, or no day that exists. */
export type TimeReader = (text: string) => Date | undefined;

const TOKENS: Record<string, string> = {
  yyyy: '(?<year>\\d{4})',
  MM: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{1,2})',
  ss: '(?<second>\\d{1,2})',
};
const REQUIRED = ['yyyy', 'MM', 'dd', 'HH', 'mm'];
const OFFSET = '\\s*(?<offset>Z|[+-]\\d\\d(?::?\\d\\d)?)?';
const ISO = new RegExp(
  `^(?<year>\\d{4})-(?<month>\\d\\d)-(?<day>\\d\\d)[T ](?<hour>\\d\\d):(?<minute>\\d\\d)` +
    `(?::(?<second>\\d\\d)(?:[.,]\\d{1,9})?)?${OFFSET}$`,
  'i',
);
const EPOCH = /^\d{10}(?:\d{3})?$/;
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** What is wrong with a `dateFormat`, for the person who wrote it; undefined when nothing is. */
export function dateFormatProblem(format: string): string | undefined {
  const letters = withoutQuoted(format).match(/[A-Za-z]+/g) ?? [];
  const unknown = letters.flatMap(tokensOf).find((token) => !(token in TOKENS) && token !== 'T');
  if (unknown !== undefined) {
    return `"${unknown}" means nothing here; use yyyy MM dd HH mm ss (capitals matter) and put other letters in quotes`;
  }
  const missing = REQUIRED.filter((token) => !withoutQuoted(format).includes(token));
  return missing.length > 0 ? `${missing.join(', ')} must appear` : undefined;
}

/**
 * A reader for local times of `zone` written as `format` (ISO 8601 when absent). Whatever the format, a time with
 * an offset keeps its own, and ten or thirteen digits are seconds or milliseconds since 1970. With no `zone` a
 * local time is unreadable. A local time that happens twice means its first pass, one that is skipped moves
 * forward by the gap (`fromWall`). Years outside 2000 to 2099 are typing errors.
 */
export function timeReader(format: string | undefined, zone: string | undefined): TimeReader {
  const own = format === undefined ? ISO : compile(format);
  return (text) => {
    let match = own.exec(text);
    if (!match && EPOCH.test(text)) return plausible(Number(text) * (text.length === 10 ? 1000 : 1));
    if (!match && format !== undefined) {
      const iso = ISO.exec(text);
      if (iso?.groups?.['offset'] !== undefined) match = iso;
    }
    if (!match?.groups) return undefined;
    const wall = wallMs(match.groups);
    if (wall === undefined) return undefined;
    const offset = match.groups['offset'];
    if (offset !== undefined) return plausible(wall - offsetMs(offset));
    return zone === undefined ? undefined : plausible(fromWall(wall, zone).getTime());
  };
}

function compile(format: string): RegExp {
  const literal = (text: string): string =>
    text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  let pattern = '';
  for (const part of format.split(/('[^']*')/)) {
    if (part.startsWith("'")) pattern += literal(part.slice(1, -1));
    else pattern += part.replace(/([A-Za-z]+)|([^A-Za-z]+)/g, (_all, letters?: string, other?: string) =>
      letters === undefined ? literal(other ?? '') : fields(letters)); // prettier-ignore
  }
  return new RegExp(`^${pattern}${OFFSET}$`, 'i');
}

/** Tokens that touch (yyyyMMdd) take exactly two digits; one that stands alone may come as one digit, like 9:05. */
function fields(letters: string): string {
  const tokens = tokensOf(letters);
  const alone = tokens.length === 1;
  return tokens.map((token) => {
    const field = TOKENS[token] ?? token;
    return alone ? field : field.replace('{1,2}', '{2}');
  }).join(''); // prettier-ignore
}

function tokensOf(letters: string): string[] {
  return letters.match(/([A-Za-z])\1*/g) ?? [];
}

function withoutQuoted(format: string): string {
  return format.replace(/'[^']*'/g, ' ');
}

/** The wall-clock reading as if it were UTC; undefined for 31 February, 24:00 and their like. */
function wallMs(parts: Record<string, string | undefined>): number | undefined {
  const year = Number(parts['year']);
  const month = Number(parts['month']);
  const day = Number(parts['day']);
  const hour = Number(parts['hour']);
  const minute = Number(parts['minute']);
  const second = Number(parts['second'] ?? 0);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  if (day > 28 && day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function offsetMs(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || 0);
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

function plausible(ms: number): Date | undefined {
  return ms >= EARLIEST && ms < LATEST ? new Date(ms) : undefined;
}
