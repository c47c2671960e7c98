import { foldText, unmixed } from '#kernel/folding';
import { numberOfWord } from './number-words.js';

/** A piece of a message: a run of letters, a run of digits, or one other character. */
export interface Token {
  readonly kind: 'word' | 'number' | 'mark';
  readonly folded: string;
  /** The number it names, by digits or by a word; undefined for anything else. */
  readonly number: number | undefined;
  /** Whether white space or the start of the message precedes it. */
  readonly spaced: boolean;
  /** Whether a new line begins with it. */
  readonly newLine: boolean;
  /** Offset in the message as it came. */
  readonly start: number;
}

const PIECES = /[\p{L}\p{M}]+(?:['`´ʹʻʼʽˈ‘’‛′＇][\p{L}\p{M}]+)*|\p{N}+|[^\s]/gu;
/** Skin tones colour the picture before them and are none themselves. */
const INVISIBLE = /^[\p{Cf}\p{M}\p{Emoji_Modifier}]+$/u;

/** Cuts a message into pieces, each folded; what cannot be seen is left out. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    const gap = text.slice(end, match.index);
    end = match.index + match[0].length;
    if (INVISIBLE.test(match[0])) continue;
    const before = {
      spaced: match.index === 0 || gap !== '',
      newLine: gap.includes('\n'),
      start: match.index,
    };
    tokens.push({ ...read(match[0]), ...before });
  }
  return tokens;
}

function read(raw: string): Pick<Token, 'kind' | 'folded' | 'number'> {
  // NFKC makes the word "No" of №.
  const folded = raw === '№' ? raw : foldText(raw);
  // NFKC makes 1⁄2 of ½ and 10. of ⒑: neither is a run of digits, so neither is a number.
  if (/^[\p{N}🔟]/u.test(raw)) {
    return { kind: 'number', folded, number: /^(0|[1-9]\d{0,3})$/.test(folded) ? Number(folded) : undefined };
  }
  if (!/^[\p{L}]/u.test(raw)) return { kind: 'mark', folded, number: undefined };
  const readings = [folded, ...unmixed(folded)];
  const known = readings.find((reading) => numberOfWord(reading) !== undefined) ?? folded;
  return { kind: 'word', folded: known, number: numberOfWord(known) };
}

/** Whether the words at the head of `tokens` are those of `phrase`; returns how many tokens it took, else 0. */
export function takePhrase(tokens: readonly Token[], phrase: string): number {
  const wanted = tokensOf(phrase);
  const fits = wanted.every((token, i) => {
    const given = tokens[i];
    return given !== undefined && [given.folded, ...unmixed(given.folded)].includes(token.folded);
  });
  return fits ? wanted.length : 0;
}
