import parsePhoneNumber, { isSupportedCountry, type CountryCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';

/** `country`: ISO 3166-1 alpha-2 of the number itself; `ZZ` when its plan spans countries. */
export type PhoneReading =
  | { readonly status: 'ok'; readonly e164: string; readonly country: string }
  /** `missing`: nothing was typed. `bad`: not one readable number. `not_mobile`: a number no text reaches. */
  | { readonly status: 'missing' | 'bad' | 'not_mobile' };

const MISSING: PhoneReading = { status: 'missing' };
const BAD: PhoneReading = { status: 'bad' };
const NOT_MOBILE: PhoneReading = { status: 'not_mobile' };

/** Mobile blocks of the Ukrainian plan; 89x is VoIP, 800 and 900 are service numbers, the rest landlines. */
const UA_MOBILE = /^(?:39|50|63|66|67|68|7[12357]|790|9[1-9])/;
/**
 * The ways Ukrainians write a national number: with +380, 00380, 380, a doubled zero after the country code, the
 * long-distance 8 of the old plan, the trunk 0, or nothing. `+80…` cannot be a country code before a mobile block.
 */
const UA_FORMS = /^(?:(?:\+|00)?3800?|\+?80|0)?(\d{9})$/;

/** The long-distance 8 before a number that is no mobile one: `80442345678` is a landline of Kyiv. */
const OLD_LONG_DISTANCE = /^80(\d{9})$/;

const INVISIBLE = /[\s\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+/gu;
const FOREIGN_DIGIT = /[\u0660-\u0669\u06f0-\u06f9]/g;
const LABEL = /^(?:tel|phone|mob|тел|телефон|моб|мобільний|номер)[.:\s]*(?=[+\d(])/iu;
/** A note beside the number ("мама", "(Viber)"): words that touch no digit. */
const NOTE = /(?<![\p{L}\d])[(]?\p{L}[\p{L}.'’ʼ-]*[)]?(?![\p{L}\d])/gu;
const EXTENSION = /(?:\b(?:ext|extension|x)|(?<!\p{L})(?:дод|вн|внутр|доб)|#|;ext=|,)[\s.:=№]*\d{1,7}\s*$/iu;
const PUNCTUATION = /[\s().\-\u2010-\u2015\u2212]/g;

// Cells repeat (legs of one visit, "---", shared numbers), and the slow path costs 20 µs each.
const MEMO_SIZE = 5_000;
const memo = new Map<string, PhoneReading>();
const LONGEST_CELL = 100;

/**
 * Reads what somebody typed into a phone field. Only empty or blank text is `missing`; anything else that is not
 * exactly one valid number is `bad`, also a dash, a remark, or a mobile number with an extension (a text would
 * reach another desk). `defaultCountry` (ISO alpha-2) is that of numbers without country code.
 */
export function readPhone(raw: string | null | undefined, defaultCountry: string): PhoneReading {
  if (raw === null || raw === undefined || raw === '') return MISSING;
  const compact = raw.replace(PUNCTUATION, '');
  const ukrainian = defaultCountry === 'UA' ? readUkrainian(compact) : undefined;
  if (ukrainian) return ukrainian;
  if (raw.length > LONGEST_CELL) return raw.trim() === '' ? MISSING : BAD;
  const key = `${defaultCountry}:${raw}`;
  let reading = memo.get(key);
  if (!reading) {
    reading = readSlowly(raw, defaultCountry);
    if (memo.size >= MEMO_SIZE) memo.clear();
    memo.set(detached(key), reading);
  }
  return reading;
}

/** Whether the code (ISO 3166-1 alpha-2, capitals) names a country with a numbering plan. */
export function isCountry(code: string): boolean {
  return isSupportedCountry(code as CountryCode, metadata);
}

/** The plain mobile forms, decided without the metadata; undefined when they do not apply. */
function readUkrainian(compact: string): PhoneReading | undefined {
  const national = UA_FORMS.exec(compact)?.[1];
  if (national === undefined || !UA_MOBILE.test(national)) return undefined;
  return { status: 'ok', e164: `+380${national}`, country: 'UA' };
}

function readSlowly(raw: string, defaultCountry: string): PhoneReading {
  const text = fold(raw);
  if (text === '') return MISSING;
  const extension = EXTENSION.exec(text);
  const bare = (extension ? text.slice(0, extension.index) : text)
    .replace(LABEL, '')
    .replace(NOTE, ' ')
    .trim();
  if (!/\d/.test(bare) || /\p{L}/u.test(bare)) return BAD;
  const reading = readNumber(bare, defaultCountry);
  return extension && reading.status === 'ok' ? BAD : reading;
}

function readNumber(bare: string, defaultCountry: string): PhoneReading {
  const compact = bare.replace(PUNCTUATION, '');
  if (!/^\+?\d{3,20}$/.test(compact)) return BAD;
  const ukrainian = defaultCountry === 'UA' ? readUkrainian(compact) : undefined;
  if (ukrainian) return ukrainian;
  const old = defaultCountry === 'UA' ? OLD_LONG_DISTANCE.exec(compact)?.[1] : undefined;
  const number = parsePhoneNumber(old === undefined ? compact : `+380${old}`, defaultCountry as CountryCode, metadata); // prettier-ignore
  if (!number?.isValid()) return BAD;
  switch (number.getType()) {
    case undefined:
    case 'MOBILE':
    case 'FIXED_LINE_OR_MOBILE':
    case 'PERSONAL_NUMBER':
      return { status: 'ok', e164: detached(number.number), country: number.country ?? 'ZZ' };
    default:
      return NOT_MOBILE;
  }
}

/** A copy with memory of its own: the engine lets a piece of text keep alive all that it was cut from. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Digits of other scripts to ASCII, invisible marks away, and what spreadsheets put around a number. */
function fold(raw: string): string {
  return raw
    .normalize('NFKC')
    .replace(INVISIBLE, ' ')
    .replace(FOREIGN_DIGIT, (digit) => String(digit.charCodeAt(0) & 0xf))
    .trim()
    .replace(/^='?"?|^['’"]+|["']+$/g, '')
    .replace(/^(\+?\d{9,14})\.0$/, '$1')
    .trim();
}
