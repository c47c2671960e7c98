import { describe, expect, test } from '@jest/globals';
import { dateFormatProblem, timeReader } from './time-reader.js';

const KYIV = 'Europe/Kyiv';
const iso = (date: Date | undefined) => date?.toISOString();

describe('reads a time', () => {
  test.each([
    ['local, in the zone of the source', 'yyyy-MM-dd HH:mm', '2020-01-10 09:15', '2020-01-10T07:15:00.000Z'],
    ['in summer', 'yyyy-MM-dd HH:mm', '2026-07-01 09:15', '2026-07-01T06:15:00.000Z'],
    ['day first', 'dd.MM.yyyy HH:mm:ss', '10.01.2020 09:15:30', '2020-01-10T07:15:30.000Z'],
    ['with single digits', 'dd.MM.yyyy HH:mm', '1.2.2020 9:05', '2020-02-01T07:05:00.000Z'],
    ['packed', 'yyyyMMddHHmmss', '20200110091530', '2020-01-10T07:15:30.000Z'],
    ['with quoted letters', "dd.MM.yyyy 'о' HH:mm", '10.01.2020 о 09:15', '2020-01-10T07:15:00.000Z'],
    ['with T between', 'yyyy-MM-ddTHH:mm', '2020-01-10T09:15', '2020-01-10T07:15:00.000Z'],
    [
      'with more blanks than the format',
      'yyyy-MM-dd HH:mm',
      '2020-01-10   09:15',
      '2020-01-10T07:15:00.000Z',
    ],
    ['ISO when no format is given', undefined, '2020-01-10T09:15:00', '2020-01-10T07:15:00.000Z'],
    ['ISO with fractions', undefined, '2020-01-10 09:15:00.123456', '2020-01-10T07:15:00.000Z'],
    ['with its own offset', undefined, '2020-01-10T09:15:00+01:00', '2020-01-10T08:15:00.000Z'],
    [
      'with an offset behind the format',
      'yyyy-MM-dd HH:mm',
      '2020-01-10 09:15 -0330',
      '2020-01-10T12:45:00.000Z',
    ],
    [
      'ISO with offset beside another format',
      'dd.MM.yyyy HH:mm',
      '2020-01-10T09:15:00Z',
      '2020-01-10T09:15:00.000Z',
    ],
    ['with the widest offset there is', undefined, '2020-01-10T09:15:00+14:00', '2020-01-09T19:15:00.000Z'],
    ['with a short offset', undefined, '2020-01-10 09:15+02', '2020-01-10T07:15:00.000Z'],
    ['seconds since 1970', undefined, '1578640500', '2020-01-10T07:15:00.000Z'],
    ['milliseconds since 1970', 'yyyy-MM-dd HH:mm', '1578640500000', '2020-01-10T07:15:00.000Z'],
    [
      'the doubled hour as its first pass',
      'yyyy-MM-dd HH:mm',
      '2026-10-25 03:30',
      '2026-10-25T00:30:00.000Z',
    ],
    ['the missing hour moved forward', 'yyyy-MM-dd HH:mm', '2026-03-29 03:30', '2026-03-29T01:30:00.000Z'],
    ['29 February of a leap year', 'yyyy-MM-dd HH:mm', '2020-02-29 12:00', '2020-02-29T10:00:00.000Z'],
  ])('%s', (_how, format, text, expected) => {
    expect(iso(timeReader(format, KYIV)(text))).toBe(expected);
  });
});

describe('refuses a time', () => {
  test.each([
    ['of a day that is not', 'dd.MM.yyyy HH:mm', '31.02.2020 10:00'],
    ['of 29 February in a common year', 'yyyy-MM-dd HH:mm', '2021-02-29 10:00'],
    ['of month 13', 'yyyy-MM-dd HH:mm', '2020-13-01 10:00'],
    ['of day 0', 'yyyy-MM-dd HH:mm', '2020-01-00 10:00'],
    ['of hour 24', 'yyyy-MM-dd HH:mm', '2020-01-01 24:00'],
    ['of minute 60', 'yyyy-MM-dd HH:mm', '2020-01-01 10:60'],
    ['in another order than the format', 'dd.MM.yyyy HH:mm', '2020.01.31 10:00'],
    ['without the hour', 'yyyy-MM-dd HH:mm', '2020-01-01'],
    ['with something behind it', 'yyyy-MM-dd HH:mm', '2020-01-01 10:00 (орієнтовно)'],
    ['of the year 20', undefined, '0020-01-01T10:00Z'],
    ['of the year 2999', undefined, '2999-01-01T10:00Z'],
    ['of 1970', undefined, '0000000000'],
    ['that is a spreadsheet number', undefined, '43840.385'],
    ['with an offset that no place has', undefined, '2026-01-10T10:00:00+25:00'],
    ['that is a word', undefined, 'вчора'],
    ['that is empty', undefined, ''],
  ])('%s', (_what, format, text) => {
    expect(timeReader(format, KYIV)(text)).toBeUndefined();
  });

  test('without offset where no zone is known', () => {
    expect(timeReader(undefined, undefined)('2020-01-10T09:15:00')).toBeUndefined();
    expect(iso(timeReader(undefined, undefined)('2020-01-10T09:15:00Z'))).toBe('2020-01-10T09:15:00.000Z');
  });
});

test.each([
  ['yyyy-MM-dd HH:mm', undefined],
  ["dd.MM.yyyy 'о' HH:mm", undefined],
  ['YYYY-MM-dd HH:mm', /"YYYY" means nothing here/],
  ['yyyy-MM-DD HH:mm', /"DD"/],
  ['yyyy-MM-dd hh:mm', /"hh"/],
  ['yyyy-MM-dd', /HH, mm must appear/],
])('says what is wrong with the format %j', (format, problem) => {
  const found = dateFormatProblem(format);
  if (problem) expect(found).toMatch(problem);
  else expect(found).toBeUndefined();
});
