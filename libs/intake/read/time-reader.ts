import { fromWall } from '#kernel/zone';

/** Reads one cell; undefined when it is no time of an accepted form, or no day that exists. */
export type TimeReader = (text: string) => Date | undefined;

/** What a token takes, in the order in which a reading is passed on. */
const TOKENS: Record<string, string> = {
  yyyy: '(\\d{4})',
  MM: '(\\d{1,2})',
  dd: '(\\d{1,2})',
  HH: '(\\d{1,2})',
  mm: '(\\d{1,2})',
  ss: '(\\d{1,2})',
};
const ORDER = Object.keys(TOKENS);
const REQUIRED = ['yyyy', 'MM', 'dd', 'HH', 'mm'];
const OFFSET = '\\s*(Z|[+-]\\d\\d(?::?\\d\\d)?)?';

/** A pattern with the place of each token among its groups (0: it has none); the offset is the last group. */
interface Form {
  readonly pattern: RegExp;
  readonly places: readonly number[];
}

const ISO: Form = {
  pattern: new RegExp(
    `^(\\d{4})-(\\d\\d)-(\\d\\d)[T ](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,]\\d{1,9})?)?${OFFSET}$`,
    'i',
  ),
  places: [1, 2, 3, 4, 5, 6],
};
/** No place is further from Greenwich than Kiribati, fourteen hours ahead. */
const WIDEST_OFFSET_MS = 14 * 3_600_000;
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
    let form = own;
    let match = own.pattern.exec(text);
    if (!match && EPOCH.test(text)) return plausible(Number(text) * (text.length === 10 ? 1000 : 1));
    if (!match && format !== undefined) {
      form = ISO;
      match = ISO.pattern.exec(text);
      if (match?.at(-1) === undefined) return undefined; // a local time must have the format
    }
    if (!match) return undefined;
    const wall = wallMs(match, form.places);
    if (wall === undefined) return undefined;
    const offset = match.at(-1);
    if (offset !== undefined) {
      const ahead = offsetMs(offset);
      return Math.abs(ahead) <= WIDEST_OFFSET_MS ? plausible(wall - ahead) : undefined;
    }
    return zone === undefined ? undefined : plausible(fromWall(wall, zone).getTime());
  };
}

function compile(format: string): Form {
  const literal = (text: string): string =>
    text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  const tokens: string[] = [];
  let pattern = '';
  for (const part of format.split(/('[^']*')/)) {
    if (part.startsWith("'")) {
      pattern += literal(part.slice(1, -1));
      continue;
    }
    for (const [piece, letters] of part.matchAll(/([A-Za-z]+)|[^A-Za-z]+/g)) {
      if (letters !== undefined) tokens.push(...tokensOf(letters).filter((token) => token in TOKENS));
      pattern += letters === undefined ? literal(piece) : fields(letters);
    }
  }
  // A token that appears twice is read where it stands last.
  const places = ORDER.map((token) => tokens.lastIndexOf(token) + 1);
  return { pattern: new RegExp(`^${pattern}${OFFSET}$`, 'i'), places };
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
function wallMs(match: RegExpExecArray, places: readonly number[]): number | undefined {
  const part = (token: number): number => Number(match[places[token] ?? 0] ?? 0);
  const [year, month, day] = [part(0), part(1), part(2)];
  const [hour, minute, second] = [part(3), part(4), places[5] === 0 ? 0 : part(5)];
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
