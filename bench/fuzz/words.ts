import type { SeededRandom } from '#kernel/seeded-random';

/** Texts that programs stumble over. None is a number between 0 and 10, a key of a question, a keyword or a phone number. */
const NASTY = [
  '', ' ', '\0', 'a\0b', '\ud800', 'a\udfffb', '\u202e', '\ufeff', '\r\n', '%', '%00', '%ff', '%E0%A4%A', '..', '../../etc/passwd',
  '-1', '99', '1e999', 'NaN', '-0.5', '00000000000', '18446744073709551616', '9007199254740993', 'null', 'undefined',
  '__proto__', 'constructor', 'toString', '[object Object]', '{{link}}', '${7*7}', '<script>alert(1)</script>',
  "' or 1=1 --", '"; drop table visit; --', "\\'", '$1', '=cmd|x', '@SUM(1)', 'ЇЄґ', '🙂🙂', 'é'.normalize('NFD'), 'x'.repeat(300),
  'я'.repeat(5000), '2026-13-45 99:99', '0000-00-00', '+38099999', '1;2;3', '"', '"a"b', "'", '\\', '\\N', '\\.', 'a\tb', 'a\nb',
] as const; // prettier-ignore

/** Lone surrogates become the sign for "unreadable", as they do on every wire that carries UTF-8. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

export function word(chance: SeededRandom): string {
  if (chance.chance(0.7)) return NASTY[chance.below(NASTY.length)] ?? '';
  return Array.from({ length: chance.below(40) }, () => String.fromCharCode(chance.below(0x3000))).join('');
}

/** A JSON value of no particular use; `depth` bounds it. */
export function value(chance: SeededRandom, depth = 3): unknown {
  switch (chance.below(depth > 0 ? 8 : 5)) {
    case 0:
      return null;
    case 1:
      return chance.chance(0.5);
    case 2:
      return [-1, 1.5, 1e308, -1e-320, 2 ** 53, 424_242][chance.below(6)];
    case 3:
    case 4:
      return word(chance);
    case 5:
      return Array.from({ length: chance.below(4) }, () => value(chance, depth - 1));
    default:
      return object(chance, [], depth - 1);
  }
}

/** An object with some of the known fields, holding the wrong things, and some unknown ones. */
export function object(chance: SeededRandom, fields: readonly string[], depth = 2): Record<string, unknown> {
  const known = fields.filter(() => chance.chance(0.7)).map((name) => [name, value(chance, depth)] as const);
  const unknown = Array.from(
    { length: chance.below(3) },
    () => [word(chance), value(chance, depth)] as const,
  );
  return Object.fromEntries([...known, ...unknown]);
}

export function form(chance: SeededRandom, fields: readonly string[]): string {
  const parts = fields.filter(() => chance.chance(0.7)).map((name) => `${name}=${escaped(chance)}`);
  if (chance.chance(0.3)) parts.push(`${escaped(chance)}=${escaped(chance)}`);
  return parts.join('&');
}

/** Escaped as browsers do, or not at all; lone surrogates cannot be escaped. */
function escaped(chance: SeededRandom): string {
  const text = word(chance);
  return chance.chance(0.6) ? encodeURIComponent(wellFormed(text)) : text.replace(/[^\x21-\x7e]/g, '%');
}

/** More brackets than a stack has room for, and fewer bytes than a carrier's call may have. */
const DEEP = 50_000;

/** Text that was cut, doubled, hit by a stray byte or put into brackets without end. */
export function broken(chance: SeededRandom, text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return bytes;
  const at = chance.below(bytes.length);
  switch (chance.below(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 4:
      return Buffer.concat([Buffer.alloc(DEEP, '['), bytes, Buffer.alloc(DEEP, ']')]);
    case 1:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    case 2:
      bytes[at] = chance.below(256);
      return bytes;
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0, 255, 254]), bytes.subarray(at)]);
  }
}
