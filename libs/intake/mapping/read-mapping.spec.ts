import { describe, expect, test } from '@jest/globals';
import { AppError } from '#kernel/errors';
import { parseMapping, readMapping } from './read-mapping.js';
import type { YamlProblem } from './yaml-text.js';

const WARSAW = `
key: warsaw
format: csv
delimiter: ";"
timezone: Europe/Warsaw
defaultCountry: UA
dateFormat: "yyyy-MM-dd HH:mm"
columns: {recordId: id, centre: office, ticket: ticket, finishedAt: closed_at, phone: phone, consent: consent,
          attributes.exam: exam}
visitKey: [centre, date, ticket]
values: {consent: {"1": granted, "0": refused, "": unknown}, attributes.exam: {"так": true}}
`;
const MINIMAL = 'key: k\ncolumns: {recordId: a, centre: b, finishedAt: c}\n';

function problems(text: string): YamlProblem[] {
  try {
    parseMapping(text, 'm.yaml');
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'mapping_invalid')
      return thrown.options.details as YamlProblem[];
    throw thrown;
  }
  return [];
}

test('reads a mapping', () => {
  expect(parseMapping(WARSAW, 'm.yaml')).toMatchObject({
    key: 'warsaw',
    format: 'csv',
    delimiter: ';',
    timezone: 'Europe/Warsaw',
    visitKey: ['centre', 'date', 'ticket'],
    columns: { finishedAt: 'closed_at', 'attributes.exam': 'exam' },
    values: { consent: { '1': 'granted', '0': 'refused', '': 'unknown' }, 'attributes.exam': { так: true } },
  });
});

test('a column may be called anything', () => {
  const { columns } = parseMapping('key: k\ncolumns: {recordId: __proto__, centre: constructor, finishedAt: c}', 'm.yaml');
  expect(columns).toMatchObject({ recordId: '__proto__', centre: 'constructor' });
}); // prettier-ignore

test('fills in what a Ukrainian source usually is', () => {
  expect(parseMapping(MINIMAL, 'm.yaml')).toMatchObject({
    format: 'csv', delimiter: ',', timezone: 'Europe/Kyiv', defaultCountry: 'UA', values: {},
  }); // prettier-ignore
  expect(parseMapping(`${MINIMAL}delimiter: tab\nvisitKey: number`, 'm.yaml')).toMatchObject({
    delimiter: '\t',
    visitKey: 'number',
  });
});

describe('points at what is wrong', () => {
  test.each<[string, string, number, number, RegExp]>([
    ['an unknown setting', `${MINIMAL}delimeter: ";"`, 3, 1, /delimeter means nothing here; known: key, format/],
    ['an unknown field', 'key: k\ncolumns:\n  recordId: a\n  centre: b\n  finishedAt: c\n  finishAt: d', 6, 3, /columns.finishAt is no field; known fields: recordId, .*attributes.NAME/],
    ['a missing field', 'key: k\ncolumns: {recordId: a, centre: b}', 2, 1, /finishedAt has no column/],
    ['no columns at all', 'key: k', 1, 1, /columns must list the columns/],
    ['no zone of this world', `${MINIMAL}timezone: Europe/Kyjiw`, 3, 1, /timezone is no time zone/],
    ['a country in small letters', `${MINIMAL}defaultCountry: ua`, 3, 1, /defaultCountry is no country code/],
    ['a date format of another tool', `${MINIMAL}dateFormat: YYYY-MM-DD HH:mm`, 3, 1, /dateFormat "YYYY" means nothing/],
    ['a long delimiter', `${MINIMAL}delimiter: "||"`, 3, 1, /delimiter must be one character/],
    ['a format that is none', `${MINIMAL}format: xlsx`, 3, 1, /format/],
    ['an encoding that is none', `${MINIMAL}encoding: koi8`, 3, 1, /encoding/],
    ['a key part without column', `${MINIMAL}visitKey: [centre, ticket]`, 3, 20, /ticket has no column/],
    ['a number as part of the key', 'key: k\ncolumns: {recordId: a, centre: b, finishedAt: c, phone: p}\nvisitKey: [phone]', 3, 12, /"phone" cannot be part/],
    ['the key as a column', 'key: k\ncolumns: {recordId: a, centre: b, finishedAt: c, visitKey: v}', 2, 50, /is set by visitKey: COLUMN/],
    ['meanings of a field without column', `${MINIMAL}values: {consent: {"1": granted}}`, 3, 10, /values.consent has no column/],
    ['a meaning outside the list', 'key: k\ncolumns: {recordId: a, centre: b, finishedAt: c, consent: d}\nvalues:\n  consent:\n    "1": yes', 5, 5, /must mean one of granted, refused, unknown/],
    ['YAML that is none', 'key: [k\ncolumns: x', 2, 1, /./],
    ['an alias of nothing', `${MINIMAL}timezone: *zone`, 3, 11, /\*zone stands for nothing/],
    ['a field __proto__', 'key: k\ncolumns: {recordId: a, centre: b, finishedAt: c, __proto__: d}', 2, 50, /__proto__ is no name/],
    ['an attribute __proto__', 'key: k\ncolumns: {recordId: a, centre: b, finishedAt: c, attributes.__proto__: d}', 2, 50, /columns.attributes.__proto__ is no field/],
    ['a meaning of __proto__', 'key: k\ncolumns: {recordId: a, centre: b, finishedAt: c, consent: d}\nvalues:\n  consent:\n    __proto__: granted', 5, 5, /__proto__ is no name/],
    ['a setting twice', 'key: k\nkey: l\n', 2, 1, /unique/],
    ['an empty file', '', 1, 1, /the file/],
    ['a list', '- key: k', 1, 1, /the file/],
  ])('%s', (_what, text, line, column, problem) => {
    const [first] = problems(text);
    expect(first).toMatchObject({ line, column });
    expect(first?.problem).toMatch(problem);
  }); // prettier-ignore

  test('every problem at once, in a message for people', () => {
    const text = 'key: k\ncolumns: {recordId: a, wrong: b}\ndateFormat: x\nvisitKey: [phone]';
    expect(problems(text).length).toBeGreaterThanOrEqual(5);
    expect(() => parseMapping(text, 'hall.yaml')).toThrow(
      /The mapping hall.yaml has problems:\n {2}line \d+, column \d+: /,
    );
  });
});

test('a mapping file that is not there is a usage error', async () => {
  await expect(readMapping('/nowhere/m.yaml')).rejects.toMatchObject({
    code: 'mapping_missing',
    exitCode: 2,
  });
});
