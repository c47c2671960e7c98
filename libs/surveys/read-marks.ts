import { numberOfGenitive } from './number-words.js';
import type { Option } from './options.js';
import { isPicture, isSeparator, isThanks, isWrapping } from './remark.js';
import { takePhrase, type Token } from './tokens.js';

export interface Found {
  readonly value: number | boolean | string | string[];
  /** What follows the answer. */
  readonly rest: readonly Token[];
  /** Answered with a word, after which only a separator or thanks may follow. */
  readonly byWord: boolean;
}

/** Words that may come before a mark without changing it. */
const BEFORE = new Set(
  (
    'оцінка оценка оцінюю оцениваю оцінив моя мій мой ставлю даю поставлю бал на твердо тверда тверде твёрдо звичайно ' +
    'звісно тільки лише відповідь ответ варіант вариант номер дякую спасибо спасибі rating mark answer my score'
  ).split(' '),
);
const UNITS =
  /^(б|бал|бали|балів|балл|балла|баллов|зірка|зірки|зірок|звезда|звезды|звезд|звёзд|points?|stars?)$/;
const FILLED = new Set(['⭐', '★', '🌟', '✭']);
const HOLLOW = '☆';

interface Scale {
  readonly min: number;
  readonly max: number;
  readonly labels: readonly (readonly Option[])[];
}

/** A mark on a scale: by digits, words, stars or the scale's own labels; `4 з 5` and `4/5` when 5 is the top. */
export function readRating(tokens: readonly Token[], scale: Scale): Found | undefined {
  const stars = readStars(tokens, scale);
  if (stars || FILLED.has(tokens[0]?.folded ?? '')) return stars;
  const start = skipBefore(tokens);
  const number = tokens[start]?.number;
  if (number === undefined) return readLabel(tokens.slice(start), scale.labels);
  const rest = afterMark(tokens.slice(start), number, scale.max);
  if (!rest) return undefined;
  const told = labelAfter(rest, scale.labels);
  if (!told) return { value: number, rest, byWord: false };
  // "1 чудово" reads the scale upside down; "5 добре" does not contradict itself.
  const middle = (scale.min + scale.max) / 2;
  if ((Number(told.value) - middle) * (number - middle) < 0) return undefined;
  return { value: number, rest: told.value === number ? told.rest : rest, byWord: false };
}

/** One of a list: by its number or its words. */
export function readChoice(
  tokens: readonly Token[],
  labels: readonly (readonly Option[])[],
): Found | undefined {
  const start = skipBefore(tokens);
  const number = tokens[start]?.number;
  if (number === undefined) return readLabel(tokens.slice(start), labels);
  const option = labels[0]?.[number - 1];
  if (!option) return undefined;
  const rest = tokens.slice(start + 1);
  const told = labelAfter(rest, labels);
  if (told && told.value !== option.value) return undefined;
  return { value: String(option.value), rest: told?.rest ?? rest, byWord: false };
}

/** Several of a list: numbers with commas, spaces or "and" between, or words with commas between. */
export function readMany(
  tokens: readonly Token[],
  labels: readonly (readonly Option[])[],
): Found | undefined {
  let rest: readonly Token[] = tokens.slice(skipBefore(tokens));
  const values: string[] = [];
  let byWord = false;
  for (;;) {
    const number = rest[0]?.number;
    const option = number === undefined ? undefined : labels[0]?.[number - 1];
    if (number !== undefined && !option) return undefined;
    const found = option ? { value: String(option.value), rest: rest.slice(1) } : readLabel(rest, labels);
    if (!found) break;
    byWord = !option;
    values.push(String(found.value));
    const next = skipAnd(found.rest);
    if (next[0]?.number === undefined && !readLabel(next, labels)) {
      return { value: values, rest: found.rest, byWord };
    }
    rest = next;
  }
  return undefined;
}

function skipAnd(tokens: readonly Token[]): readonly Token[] {
  let at = 0;
  while (at < tokens.length && /^([,;&+.]|і|й|та|и|and)$/.test(tokens[at]?.folded ?? '')) at++;
  return tokens.slice(at);
}

function skipBefore(tokens: readonly Token[]): number {
  let at = 0;
  for (;;) {
    const token = tokens[at];
    if (token === undefined) return at;
    const word = token.kind === 'word' && token.number === undefined && BEFORE.has(token.folded);
    const between = at > 0 && [',', ':', '.', '!', '-', '–', '—'].includes(token.folded);
    if (!word && !isWrapping(token) && !between) return at;
    at++;
  }
}

/** What comes after the mark and all that belongs to it: pluses, units, "of five", the same number in words. */
function afterMark(tokens: readonly Token[], number: number, max: number): readonly Token[] | undefined {
  let at = 1;
  while (tokens[at]?.folded === '+') at++;
  if (at > 1 && tokens[at]?.kind === 'number') return undefined;
  if (UNITS.test(tokens[at]?.folded ?? '')) at++;
  const of = /^([/⁄]|з|із|из|зі|of|out)$/.test(tokens[at]?.folded ?? '');
  if (of) {
    const next = tokens[at + 1];
    if (next && /^(плюсом|плюсиком)$/.test(next.folded)) return tokens.slice(at + 2);
    if (next?.folded === 'of') at++;
    const whole = tokens[at + 1];
    if (whole?.number !== max && numberOfGenitive(whole?.folded ?? '') !== max) return undefined;
    at += 2;
    if (UNITS.test(tokens[at]?.folded ?? '')) at++;
  }
  const again = tokens[at]?.folded === '(' ? at + 1 : at;
  const repeats = tokens[again]?.number === number && tokens[again]?.kind !== tokens[0]?.kind;
  return tokens.slice(repeats ? again + 1 : at);
}

function readStars(tokens: readonly Token[], { min, max }: Scale): Found | undefined {
  let filled = 0;
  while (FILLED.has(tokens[filled]?.folded ?? '')) filled++;
  let end = filled;
  while (tokens[end]?.folded === HOLLOW) end++;
  if (filled === 0 || min !== 1 || filled > max) return undefined;
  if (end > filled && end !== max) return undefined;
  if (tokens[end]?.number !== undefined) return undefined;
  const rest = tokens.slice(end);
  return rest.some((token) => FILLED.has(token.folded)) ? undefined : { value: filled, rest, byWord: false };
}

/** A label as the whole answer; the longest wins, so that "дуже добре" is not taken for its second half. */
function readLabel(tokens: readonly Token[], labels: readonly (readonly Option[])[]): Found | undefined {
  let best: { taken: number; value: Option['value'] } = { taken: 0, value: '' };
  for (const { label, value } of labels.flat()) {
    const taken = takePhrase(tokens, label);
    if (taken > best.taken) best = { taken, value };
  }
  return best.taken === 0 ? undefined : { value: best.value, rest: tokens.slice(best.taken), byWord: true };
}

/** The label that repeats or contradicts a mark: "5 - чудово", "5, чудово!". */
function labelAfter(tokens: readonly Token[], labels: readonly (readonly Option[])[]): Found | undefined {
  let at = 0;
  while (isSeparator(tokens[at]) && !isPicture(tokens[at] as Token)) at++;
  const found = readLabel(tokens.slice(at), labels);
  const alone = found && (found.rest.length === 0 || isSeparator(found.rest[0]) || isThanks(found.rest[0]));
  return alone ? found : undefined;
}
