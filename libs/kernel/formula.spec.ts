import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { unrunnable, wouldRun } from './formula.js';

describe('a cell', () => {
  test.each(['=1+1', '+380', '-2', '@x', '\tx', '\rx', '\nx', ' =1', '\u00a0=1', '\ufeff=1', '\u200b=1', '\u0000=1', '＝1', '＋1', '－1', '＠x'])(
    '%j would run, and does not behind an apostrophe',
    (text) => {
      expect([wouldRun(text), unrunnable(text).startsWith("'"), wouldRun(unrunnable(text))]).toEqual([true, true, false]);
    },
  );

  test.each(['', 'добре', 'a=b', '5', 'так - ні', 'пошта a@b.ua', 'а; б', '(-5)', '’=', '"=1"'])('%j is as it was', (text) => {
    expect(unrunnable(text)).toBe(text);
  });

  test.each([
    ['добре;=1+1', "добре;'=1+1"],
    ['добре; +1;@x', "добре; '+1;'@x"],
    ['добре\n=1+1\r\n-2', "добре\n'=1+1\r\n'-2"],
    ['добре\t=1', "добре\t'=1"],
  ])('%j runs nowhere, also where a semicolon or a line end begins another', (text, safe) => {
    expect(unrunnable(text)).toBe(safe);
  });

  test('whatever it is, no part of it would run however it is split, and nothing is lost', () => {
    const sign = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ';', ' ', 'а', '"', '\u200b', '＝');
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 12 }).map((signs) => signs.join('')), (text) => {
        const safe = unrunnable(text);
        for (const part of safe.split(/[;\t\r\n]/)) expect({ part, runs: /^[\s\u200b]*[=+\-@＝]/.test(part) }).toEqual({ part, runs: false });
        expect(safe.replaceAll("'", '')).toBe(text);
      }),
    );
  });
}); // prettier-ignore
