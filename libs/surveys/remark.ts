import type { Token } from './tokens.js';

/*
 * What may follow an answer in the same message. A mark followed by a noun is a count ("2 години чекала"), not an
 * answer, and no list of nouns is ever complete; so a remark must begin with a separator or with a word from here.
 */

/** Beginnings of words that start a remark about a service. */
const REMARK_STEMS = [
  'дяку', 'дяки', 'спасиб', 'благодар', 'пасиб', 'thank', 'thx', 'вдячн',
  'дуже', 'очень', 'very', 'супер', 'super', 'клас', 'топ', 'чудов', 'відмін', 'отличн', 'прекрасн', 'great', 'excellent', 'good',
  'добр', 'гарн', 'хорош', 'нормальн', 'молодц', 'молодец', 'швидк', 'быстр', 'ввічлив', 'вежлив', 'приємн', 'приятн', 'привітн',
  'задовол', 'доволен', 'довольн', 'сподоб', 'понрав', 'рекоменд', 'порекоменд', 'порадж', 'радж', 'якісн', 'качествен', 'професі', 'професс', 'оперативн',
  'жах', 'ужас', 'поган', 'плох', 'довг', 'долг', 'повільн', 'медленн', 'груб', 'хамств', 'bad', 'terrible', 'slow',
  'персонал', 'обслуг', 'обслуж', 'сервіс', 'сервис', 'service', 'staff', 'працівниц', 'спеціаліст', 'специалист', 'оператор',
]; // prettier-ignore

/** Whole words that start a remark. */
const REMARK_WORDS = new Set(
  (
    'все всё усе всі усі всё-таки але но проте бо хоча хотя тому потому і й та и а ок окей норм ваш ваша ваше вашому вам ' +
    'мені мне я ми мы у в за від от працівники консультант but because all the and it i we'
  ).split(' '),
);

/** Conjunctions open a remark even after a word: "так але довго". */
const CONJUNCTION = /^(але|но|проте|однак|однако|бо|хоча|хотя|тому|потому|but|because|though)$/;
/** What follows takes the mark back or doubts it: "4, може 5", "5, ні, 4". */
const DOUBT =
  /^(може|можливо|мабуть|напевно|либонь|может|возможно|наверное|скоріше|скорее|точніше|вернее|ні|нет|не|no|not|maybe|perhaps|або|чи|или|либо|or)$/;

const SEPARATORS = new Set([...',.!;:-–—()[]«»"“”„*=…', "'", '...']);
const PICTURE = /^[\p{Extended_Pictographic}\p{Regional_Indicator}]$/u;

/** Quotes, brackets and pictures: may surround an answer without touching it. */
export function isWrapping(token: Token): boolean {
  return token.kind === 'mark' && ('()[]«»"“”„*\''.includes(token.folded) || isPicture(token));
}

export function isPicture(token: Token): boolean {
  return PICTURE.test(token.folded) && !/^[#*\d]$/.test(token.folded);
}

export function isSeparator(token: Token | undefined): boolean {
  return token?.kind === 'mark' && (SEPARATORS.has(token.folded) || isPicture(token));
}

function opensRemark(token: Token): boolean {
  if (token.kind !== 'word' || token.number !== undefined) return false;
  return REMARK_WORDS.has(token.folded) || REMARK_STEMS.some((stem) => token.folded.startsWith(stem));
}

export function isThanks(token: Token | undefined): boolean {
  return token !== undefined && /^(дяку|дяки|спасиб|пасиб|благодар|thank|thx|вдячн)/.test(token.folded);
}

export function isConjunction({ folded }: Token): boolean {
  return CONJUNCTION.test(folded);
}

/** A second number right after the first makes both doubtful: 4-5, 3,5, "5 і 4". Counted nouns do not. */
function isRival(tokens: readonly Token[], counted: boolean): boolean {
  const [number, after] = tokens;
  if (number?.number === undefined && number?.kind !== 'number') return false;
  return (
    !counted ||
    !number.spaced ||
    after?.kind !== 'word' ||
    /^(бал|зір|звезд|star|point|з|из|із)/.test(after.folded)
  );
}

/** 5-й, 5-те, 5а: a number with letters grown to it is the name of something. */
function isPartOfNumber(tokens: readonly Token[]): boolean {
  const at = /^[-–]$/.test(tokens[0]?.folded ?? '') && tokens[0]?.spaced === false ? 1 : 0;
  const grown = tokens[at];
  return grown?.kind === 'word' && !grown.spaced && grown.folded.length <= 3;
}

/** "5 за роботу, 1 за чергу" rates two things. */
function hasSecondMark(tokens: readonly Token[]): boolean {
  return tokens.some(({ number }, at) => number !== undefined && tokens[at + 1]?.folded === 'за');
}

/** A word of doubt and another number soon after it, which then may be the answer as well. */
function isDoubt(tokens: readonly Token[]): boolean {
  if (!DOUBT.test(tokens[0]?.folded ?? '')) return false;
  const at = tokens.findIndex(({ number }) => number !== undefined);
  return at > 0 && at <= 3 && tokens[at + 1]?.kind !== 'word';
}

/**
 * The remark that follows an answer, as it was typed: '' when nothing does, undefined when what follows makes the
 * answer doubtful. `strict`: without a separator only thanks may follow.
 */
export function remarkAfter(text: string, tokens: readonly Token[], strict: boolean): string | undefined {
  // "5-" is five minus something, and nobody can tell what.
  if (tokens.length === 1 && /^[-–—]$/.test(tokens[0]?.folded ?? '')) return undefined;
  let at = 0;
  while (isSeparator(tokens[at])) at++;
  const first = tokens[at];
  if (first === undefined) return tokens.some(isPicture) ? text.slice(tokens[0]?.start).trim() : '';
  const separated = at > 0 || first.newLine;
  const words = tokens.slice(at);
  if (isRival(words, separated) || isDoubt(words) || isPartOfNumber(tokens) || hasSecondMark(words))
    return undefined;
  const opens = strict ? isThanks(first) || isConjunction(first) : opensRemark(first);
  if (!separated && !opens) return undefined;
  const joined = /^(і|й|та|и|або|чи|или|and|or)$/.test(first.folded);
  if (joined && isRival(words.slice(1), true)) return undefined;
  return first.kind === 'mark' ? undefined : text.slice(first.start).trim();
}
