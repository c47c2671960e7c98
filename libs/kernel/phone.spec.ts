import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import parsePhoneNumber from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import { isCountry, readPhone } from './phone.js';

const ok = (e164: string, country = 'UA') => ({ status: 'ok', e164, country });

describe('one Ukrainian mobile number, however it is typed', () => {
  test.each([
    '0501234567', '380501234567', '+380501234567', '+38 (050) 123-45-67', '00380501234567', '+3800501234567',
    '501234567', '80501234567', '8 (050) 123-45-67', '+8 050 123 45 67', " 050-123-45-67 ", "'+380501234567",
    '="+380501234567"', '050 123 45 67', '٠٥٠١٢٣٤٥٦٧', '۰۵۰۱۲۳۴۵۶۷', '０５０１２３４５６７', 'тел. 0501234567',
    'тел.:050 123 45 67', 'tel:+380501234567', '0501234567 мама', '050 123 45 67 (Viber)', '380501234567.0',
    '+380\u00a050\u00a0123\u00a045\u00a067', '\u202a+380501234567\u202c', '050–123–45–67', '050.123.45.67',
    '3800501234567', '(050)1234567',
  ])('%j', (raw) => {
    expect(readPhone(raw, 'UA')).toEqual(ok('+380501234567'));
  }); // prettier-ignore
});

describe('what it says about other cells', () => {
  test.each([
    ['nothing', null, { status: 'missing' }],
    ['no field', undefined, { status: 'missing' }],
    ['empty text', '', { status: 'missing' }],
    ['blanks', '   ', { status: 'missing' }],
    ['a blank that does not look like one', '\u00a0\u200b', { status: 'missing' }],
    ['a dash', '-', { status: 'bad' }],
    ['dashes', '---', { status: 'bad' }],
    ['a label without a number', 'тел.', { status: 'bad' }],
    ['a remark', 'немає', { status: 'bad' }],
    ['a zero', '0', { status: 'bad' }],
    ['too few digits', '050 123', { status: 'bad' }],
    ['a digit too many', '+38099000000000', { status: 'bad' }],
    ['a digit too few', '+380501234', { status: 'bad' }],
    ['two numbers', '0501234567 0671234567', { status: 'bad' }],
    ['two numbers with a comma', '0501234567, 0671234567', { status: 'bad' }],
    ['two numbers with a slash', '0501234567/0671234567', { status: 'bad' }],
    ['two endings', '050-123-45-67/68', { status: 'bad' }],
    ['a letter among digits', '05O1234567', { status: 'bad' }],
    ['a spreadsheet that rounded', '3.80501E+11', { status: 'bad' }],
    ['a whole letter', `0501234567 ${'дуже '.repeat(30)}`, { status: 'bad' }],
    ['a wide empty cell', ' '.repeat(300), { status: 'missing' }],
    ['an address', 'ivan@example.org', { status: 'bad' }],
    ['a mobile number with extension', '0501234567 ext 5', { status: 'bad' }],
    ['a mobile number with extension after a comma', '0501234567, 2', { status: 'bad' }],
    ['a Ukrainian extension', '+380501234567 дод. 12', { status: 'bad' }],
    ['an unused block', '0701234567', { status: 'bad' }],
    ['most of 079', '0791234567', { status: 'bad' }],
    ['a landline', '044 475-35-63', { status: 'not_mobile' }],
    ['a landline with extension', '044 475-35-63 вн. 7', { status: 'not_mobile' }],
    ['a toll-free number', '0 800 500 459', { status: 'not_mobile' }],
    ['a landline behind the old long-distance 8', '8 (044) 234-56-78', { status: 'not_mobile' }],
    ['another without blanks', '80322345678', { status: 'not_mobile' }],
    ['the 8 before what is no number', '80112345678', { status: 'bad' }],
    ['a premium number', '0900312345', { status: 'not_mobile' }],
    ['an internet number', '+380891234567', { status: 'not_mobile' }],
    ['790, a mobile block inside 79', '0790123456', ok('+380790123456')],
    ['a Polish mobile', '+48 535 155 104', ok('+48535155104', 'PL')],
    ['a Polish mobile behind 00', '0048889533213', ok('+48889533213', 'PL')],
    ['a Polish landline', '+48 22 635 77 77', { status: 'not_mobile' }],
    ['a German mobile', '+49 1512 3456789', ok('+4915123456789', 'DE')],
    ['a plan without the difference', '+1 202 555 0123', ok('+12025550123', 'US')],
    ['a Russian mobile', '+7 916 123-45-67', ok('+79161234567', 'RU')],
    ['a world-wide freephone', '+800 1234 5678', { status: 'not_mobile' }],
  ])('%s', (_what, raw, expected) => {
    expect(readPhone(raw, 'UA')).toEqual(expected);
  });
});

test('numbers without country code belong to the country given', () => {
  expect(readPhone('512 345 678', 'PL')).toEqual(ok('+48512345678', 'PL'));
  expect(readPhone('0501234567', 'PL')).toEqual({ status: 'bad' });
  expect(readPhone('+380 50 123 45 67', 'PL')).toEqual(ok('+380501234567'));
});

test('knows countries by their code in capitals', () => {
  expect(['UA', 'PL', 'ua', 'XX', ''].map(isCountry)).toEqual([true, true, false, false, false]);
});

test('agrees with the full numbering plan on every Ukrainian block', () => {
  for (let block = 0; block < 1000; block++) {
    const national = `${String(block).padStart(3, '0')}123456`;
    if (national.startsWith('0') || national.startsWith('80')) continue;
    const full = parsePhoneNumber(`+380${national}`, metadata);
    const mobile = full?.isValid() === true && full.getType() === 'MOBILE';
    expect([national, readPhone(`+380${national}`, 'UA').status === 'ok']).toEqual([national, mobile]);
  }
});

test('reads any text without throwing, and only ever returns E.164', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (raw) => {
      const reading = readPhone(raw, 'UA');
      if (reading.status === 'ok') expect(reading.e164).toMatch(/^\+[1-9]\d{6,14}$/);
    }),
  );
});
