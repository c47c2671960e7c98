import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countParts, measureParts } from './parts.js';

const EMOJI = '😀';

describe('an SMS text is counted in parts', () => {
  test.each([
    ['an empty text is one part', '', 'GSM-7', 0, 1],
    ['160 septets still fit one part', 'a'.repeat(160), 'GSM-7', 160, 1],
    ['161 septets take two joined parts', 'a'.repeat(161), 'GSM-7', 161, 2],
    ['306 septets are two full joined parts', 'a'.repeat(306), 'GSM-7', 306, 2],
    ['307 septets take three', 'a'.repeat(307), 'GSM-7', 307, 3],
    ['an extension character takes two septets', '€'.repeat(80), 'GSM-7', 160, 1],
    ['an extension pair is not split over parts', `${'a'.repeat(152)}{${'a'.repeat(152)}`, 'GSM-7', 306, 3],
    ['a pair that ends a part exactly is kept', `${'a'.repeat(151)}{${'a'.repeat(153)}`, 'GSM-7', 306, 2],
    ['70 Cyrillic letters fit one part', 'ї'.repeat(70), 'UCS-2', 70, 1],
    ['71 take two', 'ї'.repeat(71), 'UCS-2', 71, 2],
    ['134 are two full joined parts', 'ї'.repeat(134), 'UCS-2', 134, 2],
    ['135 take three', 'ї'.repeat(135), 'UCS-2', 135, 3],
    ['an emoji is two units', EMOJI.repeat(35), 'UCS-2', 70, 1],
    ['a surrogate pair is not split', `${'ї'.repeat(66)}${EMOJI}${'ї'.repeat(66)}`, 'UCS-2', 134, 3],
    [
      'a pair that ends a part exactly is whole',
      `${'ї'.repeat(65)}${EMOJI}${'ї'.repeat(67)}`,
      'UCS-2',
      134,
      2,
    ],
    ['a lone surrogate is one unit', `\ud83d${'ї'.repeat(69)}`, 'UCS-2', 70, 1],
    ['a lone high surrogate at the end is one unit', `${'ї'.repeat(133)}\ud83d`, 'UCS-2', 134, 2],
  ])('%s', (_, text, encoding, units, parts) => {
    expect(measureParts(text)).toEqual({ encoding, units, parts });
    expect(countParts(text)).toMatchObject({ encoding, units, parts });
  });

  test.each([
    ['every letter of a GSM-7 text is cheap', "Hello, it's 5 € [ok] àÜñ Δ\n", []],
    ['one typographic quote makes the text costly', 'It’s ok', ['’']],
    ['each character is named once, in order', 'Її їжак — ok', ['Ї', 'ї', 'ж', 'а', 'к', '—']],
    ['the backtick, tab and lower-case ç are not GSM-7', 'a`b\tcç', ['`', '\t', 'ç']],
    ['a no-break space is costly, a plain one is not', 'a\u00a0b c', ['\u00a0']],
    ['the apostrophe letter is costly, the plain apostrophe is not', "'ʼ", ['ʼ']],
    ['an emoji is named whole', `ok ${EMOJI}`, [EMOJI]],
    ['the escape character itself cannot be sent', '\u001b', ['\u001b']],
  ])('%s', (_, text, costly) => {
    const counted = countParts(text);
    expect(counted.costly).toEqual(costly);
    expect(counted.encoding).toBe(costly.length === 0 ? 'GSM-7' : 'UCS-2');
  });

  test('parts are never fewer than the units need nor more than one wasted unit a part would give', () => {
    const piece = fc.constantFrom('a', '{', '€', 'ї', EMOJI, '\ud800', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 500 }), (pieces) => {
        const { encoding, units, parts } = measureParts(pieces.join(''));
        const [alone, joined] = encoding === 'GSM-7' ? [160, 153] : [70, 67];
        if (units <= alone) return parts === 1;
        return parts >= Math.ceil(units / joined) && parts <= Math.ceil(units / (joined - 1));
      }),
    );
  });
});
