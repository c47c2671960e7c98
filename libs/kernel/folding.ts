/**
 * Text as people type it, made comparable: three apostrophes, letters of two alphabets that look alike, full-width
 * digits, emoji, stray quotes. The original is kept elsewhere; folded text is only ever compared.
 */

/** ' ’ ʼ ` ´ ‘ ‛ ′ and kin. Folded before NFKC, which would turn ´ into a space and a combining accent. */
const APOSTROPHES = /[\u0027\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u2018\u2019\u201b\u2032\uff07]/gu;
/** Digits in discs and 🔟, which NFKC does not know: first character of each row and the number it stands for. */
const DISCS = ['❶', '➀', '➊', '⓵'] as const;

const INVISIBLE = /[\p{Cf}\ufe00-\ufe0f\u20e3\u0301]/gu;

/** One apostrophe, NFKC, no invisible characters, single spaces, lower case. Punctuation stays. */
export function foldText(text: string): string {
  return text
    .replace(APOSTROPHES, "'")
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(/[❶-❿➀-➉➊-➓⓵-⓾🔟]/gu, undisced)
    .replace(/\s+/gu, ' ')
    .trim()
    .toLocaleLowerCase('uk');
}

/** As `foldText`, and without anything but letters, digits, apostrophes inside words and single spaces. */
export function foldWords(text: string): string {
  return foldText(text)
    .replace(/[^\p{L}\p{N}' ]/gu, ' ')
    .replace(/(?<!\p{L})'|'(?!\p{L})/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}

/** Any decimal digit as 0 to 9: NFKC folds ５, not the Arabic ٥. Unicode keeps ten digits in a row. */
function asciiDigit(digit: string): string {
  if (digit >= '0' && digit <= '9') return digit;
  const point = digit.codePointAt(0) ?? 0;
  let zero = point;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && point - zero < 9) zero--;
  return String(point - zero);
}

/** ❺ and ➄ as 5. */
function undisced(disc: string): string {
  if (disc === '🔟') return '10';
  const point = disc.codePointAt(0) ?? 0;
  const first = DISCS.map((one) => one.codePointAt(0) ?? 0).find(
    (start) => point >= start && point < start + 10,
  );
  return first === undefined ? disc : String(point - first + 1);
}

// Pairs that look the same in print, capitals included: В and B, Н and H, Р and P. Greek capitals are in the alphabet
// of SMS, and old phones offer Π and Γ.
const LOOK_ALIKES = 'aа bв cс eе hн iі kк mм nп oо pр tт xх yу';
const GREEK = 'αа γг δд εе λл οо πп ρр τт φф';
const toCyrillic = new Map(
  `${LOOK_ALIKES} ${GREEK}`.split(' ').map(([latin = '', cyrillic = '']) => [latin, cyrillic]),
);
const toLatin = new Map(LOOK_ALIKES.split(' ').map(([latin = '', cyrillic = '']) => [cyrillic, latin]));

const ALPHABETS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u];

/**
 * The readings of folded text in which some word mixes alphabets (`ctoп`, `cтoп`, `ст0п`): once all Cyrillic and once
 * all Latin, where its letters allow. Text without such words has none: whole words are never re-lettered, since
 * `com` and `сом` are both words.
 */
export function unmixed(folded: string): string[] {
  const words = folded.split(' ').map((word) => word.replace(/(?<=\p{L})0|0(?=\p{L})/gu, 'o'));
  const mixed = words.map((word) => ALPHABETS.filter((letter) => letter.test(word)).length > 1);
  const touched = words.some((word, i) => mixed[i] || word !== folded.split(' ')[i]);
  if (!touched) return [];
  const all = (map: ReadonlyMap<string, string>): string =>
    words.map((word, i) => (mixed[i] ? [...word].map((c) => map.get(c) ?? c).join('') : word)).join(' ');
  return [...new Set([all(toCyrillic), all(toLatin)])];
}

/** Folded text with every word that can be read as Cyrillic read so (`ctapt` for старт); for whole known phrases only. */
export function cyrillicLooking(folded: string): string {
  return folded.replace(/\p{Script=Latin}+/gu, (word) => {
    const letters = [...word].map((letter) => toCyrillic.get(letter));
    return letters.includes(undefined) ? word : letters.join('');
  });
}

const QWERTY = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
const LAYOUTS = ['йцукенгшщзхїфівапролджєячсмитьбю', 'йцукенгшщзхъфывапролджэячсмитьбю'];
const keyMaps = LAYOUTS.flatMap((layout) => {
  const keys = [...QWERTY].map((key, i) => [key, layout[i] ?? key] as const);
  return [new Map(keys), new Map(keys.map(([latin, cyrillic]) => [cyrillic, latin] as const))];
});

/** What the keys would have given on the other layout: `cnjg` for стоп, `ыещз` and `іещз` for stop. */
export function retyped(folded: string): string[] {
  return keyMaps
    .map((map) => [...folded].map((c) => map.get(c) ?? c).join(''))
    .filter((text) => text !== folded);
}
