import { expect, test } from '@jest/globals';
import { foldText, foldWords, retyped, unmixed } from './folding.js';

test.each([
  ["П'ять", "п'ять"],
  ['п’ять', "п'ять"],
  ['пʼять', "п'ять"],
  ['п´ять', "п'ять"],
  ['п`ять', "п'ять"],
  ['５', '5'],
  ['٥', '5'],
  ['5️⃣', '5'],
  ['⑤', '5'],
  ['  дуже \u00a0\n добре ', 'дуже добре'],
  ['СТО\u200bП', 'стоп'],
  ['и\u0306ого', 'його'],
])('%j folds to %j', (typed, folded) => {
  expect(foldText(typed)).toBe(folded);
});

test.each([
  ['«СТОП!!!»', 'стоп'],
  ["'стоп'", 'стоп'],
  ['👎 не пишіть, будь ласка 🙏', 'не пишіть будь ласка'],
  ["м'ята", "м'ята"],
  ['...', ''],
])('the words of %j are %j', (typed, words) => {
  expect(foldWords(typed)).toBe(words);
});

test.each([
  ['ctoп', 'стоп'],
  ['cтoп', 'стоп'],
  ['stоp', 'stop'],
  ['ст0п', 'стоп'],
  ['st0p', 'stop'],
  ['вiдмiна', 'відміна'],
])('%s, in mixed alphabets, can be read as %s', (typed, read) => {
  expect(unmixed(typed)).toContain(read);
});

test.each(['стоп', 'stop', 'com', '5', '10', 'буду о 10'])('%s mixes nothing', (typed) => {
  expect(unmixed(typed)).toEqual([]);
});

test.each([
  ['ыещз', 'stop'],
  ['іещз', 'stop'],
  ['cnjg', 'стоп'],
  ['dslgbcfnbcz', 'відписатися'],
  ['jnvtyf', 'отмена'],
])('%s, typed on the wrong layout, can be read as %s', (typed, read) => {
  expect(retyped(typed)).toContain(read);
});
