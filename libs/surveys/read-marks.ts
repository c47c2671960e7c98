import { numberOfGenitive } from './number-words.js';
import type { Option } from './options.js';
import { isConjunction, isPicture, isSeparator, isThanks, isWrapping } from './remark.js';
import { takePhrase, type Token } from './tokens.js';

export interface Found {
  readonly value: number | boolean | string | string[];
  /** What follows the answer. */
  readonly rest: readonly Token[];
  /** Answered with a word, after which only a separator or thanks may follow. */
  readonly byWord: boolean;
}

/** Words that may come before an answer without changing it. */
const BEFORE = wordSet(
  'оцінка оцінку оценка оценку оцінюю оцениваю оцінив оцінила моя мій мой ставлю даю поставлю поставила поставив бал на ' +
    'твердо тверда тверде твёрдо твердая звичайно звісно однозначно безумовно безперечно тільки лише це это відповідь ответ ' +
    'варіант вариант номер дякую спасибо спасибі rating mark answer my score i give rate it is',
);
const GREETINGS = ['добрий день', 'доброго дня', 'добрий вечір', 'доброго вечора', 'доброго ранку', 'вітаю', 'привіт']
  .concat(['добрый день', 'добрый вечер', 'здравствуйте', 'привет', 'hello', 'hi']); // prettier-ignore
/** Before a number only: "все 5" is a mark, "все добре" is what people say of anything. */
const BEFORE_NUMBER = wordSet(
  'все всё усе всім усім всем обслуговування обслуживание сервіс сервис якість качество порекомендую рекомендую',
);
const UNITS =
  /^(б|бал|бала|бали|балів|балов|балл|балла|баллов|зірк[аи]|зірок|зірочк[аи]|зірочок|звезд[аы]?|звёзд|звёздочек|звездочек|points?|stars?)$/;
/** 5-ка, 10-ка; of 5-ти. */
const SUFFIX = /^(ка|рка|очка|рочка|ти)$/;
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
  if (number === undefined) return readWord(tokens, scale);
  const rest = afterMark(tokens.slice(start), number, scale.max);
  if (!rest) return undefined;
  const told = labelAfter(rest, scale.labels);
  if (!told) return { value: number, rest, byWord: false };
  // "1 чудово" reads the scale upside down; "5 добре" does not contradict itself.
  const middle = (scale.min + scale.max) / 2;
  if ((Number(told.value) - middle) * (number - middle) < 0) return undefined;
  return { value: number, rest: told.value === number ? told.rest : rest, byWord: false };
}

/** A label by itself, or with its own number; one that another takes back ("добре, але погано") is none. */
function readWord(tokens: readonly Token[], { labels }: Scale): Found | undefined {
  const found = readLabel(tokens.slice(leads(tokens, (word) => BEFORE.has(word))), labels);
  if (!found) return undefined;
  const said = found.rest.filter((token) => !isSeparator(token) && !isConjunction(token));
  const again = said[0]?.number ?? readLabel(said, labels)?.value;
  const isAll = said.length === 1 || readLabel(said, labels)?.rest.length === 0;
  if (again === undefined || !isAll) return found;
  return again === found.value ? { ...found, rest: [] } : undefined;
}

/** One of a list: by its number or its words. */
export function readChoice(
  tokens: readonly Token[],
  labels: readonly (readonly Option[])[],
): Found | undefined {
  const start = skipBefore(tokens, true);
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
  let rest: readonly Token[] = tokens.slice(skipBefore(tokens, true));
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
  while (at < tokens.length && /^([,;&+./№#)]|і|й|та|и|and)$/.test(tokens[at]?.folded ?? '')) at++;
  return tokens.slice(at);
}

/** `numbered`: № and # stand before a number of a list, not before a mark. */
function skipBefore(tokens: readonly Token[], numbered = false): number {
  const at = leads(
    tokens,
    (word) => BEFORE.has(word) || BEFORE_NUMBER.has(word) || (numbered && /^[№#]$/.test(word)),
  );
  return tokens[at]?.number === undefined ? leads(tokens, (word) => BEFORE.has(word)) : at;
}

/** How many tokens lead up to the answer: words that may, wrappings, and marks between them. */
function leads(tokens: readonly Token[], may: (folded: string) => boolean): number {
  let at = Math.max(...GREETINGS.map((greeting) => takePhrase(tokens, greeting)));
  for (;;) {
    const token = tokens[at];
    if (token === undefined) return at;
    const word = token.number === undefined && may(token.folded);
    const between = at > 0 && [',', ':', '.', '!', '-', '–', '—'].includes(token.folded);
    if (!word && !isWrapping(token) && !between) return at;
    at++;
  }
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

/** What comes after the mark and all that belongs to it: pluses, units, "of five", the same number in words. */
function afterMark(tokens: readonly Token[], number: number, max: number): readonly Token[] | undefined {
  let at = 1;
  while (tokens[at]?.folded === '+') at++;
  if (at > 1 && tokens[at]?.kind === 'number') return undefined;
  at = afterSuffix(tokens, at);
  if (UNITS.test(tokens[at]?.folded ?? '')) at++;
  const of = /^([/⁄]|з|із|из|зі|с|of|out)$/.test(tokens[at]?.folded ?? '');
  if (of) {
    const next = tokens[at + 1];
    if (next && /^(плюсом|плюсиком)$/.test(next.folded)) return tokens.slice(at + 2);
    if (next?.folded === 'of') at++;
    const whole = tokens[at + 1];
    if (whole?.number !== max && numberOfGenitive(whole?.folded ?? '') !== max) return undefined;
    at = afterSuffix(tokens, at + 2);
    if (/^(можливих|возможных|possible)$/.test(tokens[at]?.folded ?? '')) at++;
    if (UNITS.test(tokens[at]?.folded ?? '')) at++;
  }
  const again = tokens[at]?.folded === '(' ? at + 1 : at;
  const repeats = tokens[again]?.number === number && tokens[again]?.kind !== tokens[0]?.kind;
  return tokens.slice(repeats ? again + 1 : at);
}

/** The ending of a numeral written with digits: 5-ка, п'ять із 5-ти. */
function afterSuffix(tokens: readonly Token[], at: number): number {
  const dash = tokens[at]?.folded === '-' && tokens[at]?.spaced === false ? 1 : 0;
  const ending = tokens[at + dash];
  return ending !== undefined && !ending.spaced && SUFFIX.test(ending.folded) ? at + dash + 1 : at;
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
