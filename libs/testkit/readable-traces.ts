import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** The ways a number may stand in a dump or a log: national and international, grouped, escaped, as bytes, hashed by no key. */
export function writingsOf(e164: string): string[] {
  const digits = e164.slice(1);
  const national = digits.slice(-9);
  const operator = national.slice(0, 2);
  const rest = national.slice(2);
  // Whatever stands before and between them, the same groups of digits follow each other.
  const groups = [[3, 2, 2], [3, 4], [2, 2, 3]].map((sizes) => inGroups(rest, sizes)); // prettier-ignore
  const grouped = [' ', '-', '.', '\u00a0'].flatMap((gap) => groups.map((group) => group.join(gap)));
  return [
    national,
    ...grouped,
    ...[' ', '-', ') ', ')', '.', '\u00a0'].map((gap) => `${operator}${gap}${rest}`),
    ...[e164, digits, `0${national}`].flatMap(bytesOf),
    // There are too few numbers for such a hash to hide one: whoever has it tries them all.
    ...[e164, digits, `0${national}`, national].flatMap(hashesOf),
  ];
}

function hashesOf(text: string): string[] {
  return ['md5', 'sha1', 'sha256', 'sha512'].flatMap((name) => {
    const hash = createHash(name).update(text).digest();
    return [hash.toString('hex'), hash.toString('base64').replace(/=+$/, ''), hash.toString('base64url')];
  });
}

function inGroups(digits: string, sizes: readonly number[]): string[] {
  let at = 0;
  return sizes.map((size) => digits.slice(at, (at += size)));
}

/** Pieces of a message text by which it would be recognised; short words are no trace. */
export function piecesOf(text: string): string[] {
  return text
    .split(/https?:\S+|["\\\n«»]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece.length >= 12);
}

/** The ways a piece of text may stand in a dump or a log: as it is, escaped for JSON, pages, addresses and forms, as bytes. */
export function writingsOfText(piece: string): string[] {
  const inAddress = encodeURIComponent(piece);
  return [
    piece,
    escaped(piece, (unit) => unit.toString(16)),
    escaped(piece, (unit) => unit.toString(16).toUpperCase()),
    piece.replaceAll('&', '&amp;').replaceAll("'", '&#39;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    inAddress,
    inAddress.replaceAll(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()),
    new URLSearchParams({ piece }).toString().slice('piece='.length),
    ...bytesOf(piece),
  ];
}

function escaped(text: string, digits: (unit: number) => string): string {
  return [...text].map((letter) => (letter <= '~' ? letter : Array.from({ length: letter.length }, (_, i) => `\\u${digits(letter.charCodeAt(i)).padStart(4, '0')}`).join(''))).join('');
} // prettier-ignore

/** All the writings of all the pieces. */
export function textTraces(text: string): string[] {
  return piecesOf(text).flatMap(writingsOfText);
}

/**
 * Hexadecimal as bytea prints it, in either case; base64, also of addresses, at each of the three places where the text
 * may begin within a group; both of UTF-8 and of UTF-16.
 */
function bytesOf(text: string): string[] {
  return (['utf8', 'utf16le'] as const).flatMap((encoding) => {
    const bytes = Buffer.from(text, encoding);
    const base64 = [0, 1, 2].map((before) => {
      const whole = Buffer.concat([Buffer.alloc(before), bytes])
        .toString('base64')
        .replace(/=+$/, '');
      // The first and last characters also carry bits of what stands beside it.
      return whole.slice(before === 0 ? 0 : before + 1, -1);
    });
    const forAddresses = base64.map((one) => one.replaceAll('+', '-').replaceAll('/', '_'));
    const hex = bytes.toString('hex');
    return [hex, hex.toUpperCase(), ...base64, ...forAddresses];
  });
}

/** What is packed by gzip within a text, as hexadecimal or base64, unpacked. */
export function unpacked(text: string): string {
  const found = [
    ...(text.match(/1f8b08(?:[0-9a-f]{2})+/gi) ?? []).map((hex) => Buffer.from(hex, 'hex')),
    ...(text.match(/H4sI[\w+/-]+/g) ?? []).map((base64) => Buffer.from(base64, 'base64')),
  ];
  return found
    .map((bytes) => {
      try {
        return gunzipSync(bytes).toString('utf8');
      } catch {
        return ''; // it only began like one
      }
    })
    .join('\n');
}

// Trunk code or country, operator, seven digits in their groups; nothing that is part of a longer row of digits.
const NUMBER = /(?<![\d.])(?:\+?38[ -]?|8[ -]?)?\(?0?(\d{2})\)?[ \u00a0.-]{0,2}(\d{3})[ \u00a0.-]?(\d{2})[ \u00a0.-]?(\d{2})(?!\d)/g; // prettier-ignore

/** Which of many numbers, each by its last nine digits, stand in the text: quick, for lists that `writingsOf` is too slow for. */
export function numbersIn(text: string, national: ReadonlySet<string>): string[] {
  const found = [...text.matchAll(NUMBER)].map(([whole, ...groups]) => ({ whole, nine: groups.join('') }));
  return [...new Set(found.filter(({ nine }) => national.has(nine)).map(({ whole }) => whole))];
}

/** Which of the traces stand in the text, each with the place around it. */
export function findsIn(text: string, traces: readonly string[]): string[] {
  return traces.flatMap((trace) => {
    const at = text.indexOf(trace);
    return at < 0 ? [] : [`${trace} in …${text.slice(Math.max(0, at - 80), at + 80)}…`];
  });
}
