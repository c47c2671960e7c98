import { expect, test } from '@jest/globals';
import { meaningOf, pageOf, type ErrorClass } from './error-codes.js';

test.each<[ErrorClass, number[]]>([
  ['opted_out', [21610]],
  ['recipient', [21211, 21217, 21401, 21614, 30005, 30006]],
  ['route', [21408, 21606, 21612, 21910, 30018, 30024, 30032, 30034]],
  ['content', [21602, 21617, 21618, 21619, 21620, 21621, 21622, 21623, 21624, 30004, 30007, 30019]],
  [
    'account',
    [20003, 20008, 21603, 21604, 21607, 21608, 21609, 21701, 21702, 21703, 21704, 21705, 30002, 35111, 35126],
  ],
  ['throttled', [20429]],
  ['ambiguous', [20500, 20503]],
  ['queue', [21611, 30001, 30022, 30023, 30027, 63018]],
  ['handset', [30003, 30008, 30017, 30036, 30410]],
  ['other_channel', [63015, 63016, 63024, 63032, 63033]],
])('codes of the class %s', (expected, codes) => {
  for (const code of codes) expect([code, meaningOf(code)?.class]).toEqual([code, expected]);
});

test.each([0, -1, NaN, 21700, 21706, 35110, 35127, 99999])(
  'a code outside the table has no meaning: %p',
  (code) => {
    expect(meaningOf(code)).toBeUndefined();
  },
);

test('every code leads to its page', () => {
  expect(pageOf(21610)).toBe('https://www.twilio.com/docs/api/errors/21610');
});
