const SHORTEST = 12;
// A longer text adds no strength and would only cost time.
export const LONGEST = 200;
/** Fewer guesses than this, and a cracker's usual lists and rules find it (zxcvbn's "somewhat guessable"). */
const FEWEST_GUESSES = 1e8;
/** The estimate's time grows with the square of the length; what is this long and looked hard so far is hard. */
const JUDGED_LENGTH = 32;
/** Beside words that everyone tries there must be this much more. */
const BESIDE_WORDS = 8;

/** What is tried first here and stands in no list of the world: parts of common Ukrainian passwords, and us. */
const LOCAL_WORDS = ['vidhuk', 'відгук', 'пароль', 'password', 'привіт', 'привет', 'україн', 'украин', 'ukrain', 'слава', 'героям', 'київ', 'киев',
  'kyiv', 'львів', 'lviv', 'одеса', 'odesa', 'харків', 'kharkiv', 'дніпро', 'dnipro', 'кохання', 'любов', 'люблю', 'сонечко', 'котик', 'зайчик', 'футбол',
  'динамо', 'шахтар', 'шевченко', 'адмін', 'админ', 'адміністратор', 'оператор', 'аналітик', 'олександр', 'олена', 'наталі', 'наташ', 'сергій', 'андрій',
  'ірина', 'тетяна', 'марина', 'катерина', 'володимир', 'максим', 'настя', 'весна', 'зима', 'цнап', 'центр', 'послуг'] as const; // prettier-ignore
const ALPHABET = 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя';

/** How hard a password is to guess: 1 is refused, from 2 on it is taken, 4 is beyond anybody's reach. */
export type Strength = 1 | 2 | 3 | 4;
/** Guesses from which on a password is stronger: those a cracker makes in a day, and in years, of slowly made hashes. */
const GOOD_GUESSES = 1e10;
const BEST_GUESSES = 1e14;

/** For a meter beside the field: 1 for exactly those that `weaknessOf` gives a reason for. */
export async function strengthOf(password: string, known: readonly string[]): Promise<Strength> {
  const { weakness, guesses } = await judged(password, known);
  if (weakness !== undefined) return 1;
  if (guesses < GOOD_GUESSES) return 2;
  return guesses < BEST_GUESSES ? 3 : 4;
}

/**
 * Why a password is refused; undefined when it is not. It is refused when it is short, long, or stands in a list of
 * some fifty thousand that were stolen elsewhere, as it is or dressed up as crackers know (OWASP ASVS 4.0.3, 2.1.7).
 * `known`: what anyone would try first, such as the person's address.
 */
export async function weaknessOf(password: string, known: readonly string[]): Promise<string | undefined> {
  return (await judged(password, known)).weakness;
}

interface Judged {
  readonly weakness: string | undefined;
  /** 0 where it was refused without counting. */
  readonly guesses: number;
}

const refused = (weakness: string): Judged => ({ weakness, guesses: 0 });

async function judged(password: string, known: readonly string[]): Promise<Judged> {
  const characters = [...password];
  if (characters.length < SHORTEST || characters.length > LONGEST) {
    return refused(`A password has ${SHORTEST} to ${LONGEST} characters.`);
  }
  const folded = password.toLowerCase();
  const words = [...known, ...LOCAL_WORDS].map((word) => word.toLowerCase());
  if (besideWords(folded, words) < BESIDE_WORDS) {
    return refused('This password is little more than words that anyone would try first.');
  }
  if (steps(folded) > 0.6) return refused('This password is a row of the alphabet.');
  const estimator = await (estimators ??= estimatorOf());
  const typed = onLatinKeys(characters.slice(0, JUDGED_LENGTH).join(''));
  const { guesses } = estimator.check(typed, words.map(onLatinKeys));
  return guesses < FEWEST_GUESSES
    ? refused('This password is in lists of stolen ones, or is easily made from them or from a row of keys.')
    : { weakness: undefined, guesses };
}

/** How many characters are left when a word that is in it is taken out, the longest first. */
function besideWords(text: string, words: readonly string[]): number {
  const inIt = words.filter((word) => word.length >= 4 && text.includes(word));
  const rest = inIt
    .sort((a, b) => b.length - a.length)
    .reduce((left, word) => left.replaceAll(word, ''), text);
  return [...rest].length;
}

/** The share of neighbours in the text that are neighbours in the alphabet: its letters lie apart for computers. */
function steps(text: string): number {
  const pairs = Array.from({ length: text.length - 1 }, (_, i) => text.slice(i, i + 2));
  const beside = pairs.filter(
    (pair) => ALPHABET.includes(pair) || ALPHABET.includes([...pair].reverse().join('')),
  );
  return beside.length / pairs.length;
}

/** Loaded when the first password is judged: most processes and commands never need the lists. */
async function estimatorOf() {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
let estimators: ReturnType<typeof estimatorOf> | undefined;

const UKRAINIAN = 'йцукенгшщзхїфівапролджєячсмитьбюґыэъё';
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.\\s']`";
const latinKeys = new Map([...UKRAINIAN].map((letter, place) => [letter, LATIN[place] ?? letter]));

/** The same keys pressed without changing the layout: lists hold `qwerty` and `gfhjkm`, people type `йцукен` and `пароль`. */
function onLatinKeys(text: string): string {
  return [...text.toLowerCase()].map((letter) => latinKeys.get(letter) ?? letter).join('');
}
