import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseMapping } from '../mapping/read-mapping.js';
import { isRejection, type Rejection, type VisitRecord } from './visit-record.js';
import { visitRows, type SourceRow } from './visit-rows.js';

const COLUMNS = `{recordId: id, centre: office, serviceName: queue, ticket: ticket, calledAt: called, finishedAt: closed,
  outcome: status, phone: phone, consent: consent, language: lang, attributes.exam: exam}`;
const CSV = parseMapping(
  `
key: hall
delimiter: ";"
dateFormat: "yyyy-MM-dd HH:mm"
columns: ${COLUMNS}
visitKey: [centre, date, ticket]
values: {consent: {"1": granted, "0": refused}, outcome: {обслужено: served}, attributes.exam: {"так": true, "ні": false}}
`,
  'csv',
);
const JSONL = parseMapping(
  `
key: hall
format: jsonl
columns: {recordId: id, centre: office.code, finishedAt: closed, calledAt: called, phone: client.phone, outcome: status,
          attributes.exam: exam}
visitKey: visit
`,
  'jsonl',
);
const HEADER = 'id;office;queue;ticket;called;closed;status;phone;consent;lang;exam';

async function rowsOf(text: string | Buffer, mapping = CSV): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  async function* input() {
    yield Buffer.from(text);
  }
  for await (const piece of visitRows(input(), mapping)) rows.push(...piece);
  return rows;
}
const readOne = async (row: string | Buffer): Promise<VisitRecord | Rejection | undefined> =>
  (await rowsOf(Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.from(row)])))[0]?.read;
const readJson = async (line: string): Promise<VisitRecord | Rejection | undefined> =>
  (await rowsOf(line, JSONL))[0]?.read;

describe('a CSV row is taken', () => {
  test.each<[string, string, Partial<Record<keyof VisitRecord, unknown>>]>([
    ['as it should be', '1;A;Каса;K1;2026-03-02 10:00;2026-03-02 10:20;served;0501234567;1;uk;так', { visitKey: 'A|2026-03-02|K1', outcome: 'served', consent: 'granted', language: 'uk', attributes: { exam: true } }],
    ['with everything optional empty', '1;A;;;;2026-03-02 10:20;;;;;', { visitKey: '1', calledAt: null, outcome: 'served', consent: 'unknown', language: null, attributes: {}, phone: { status: 'missing' } }],
    ['with blanks around the values', ' 1 ; A ;;K1 ;; 2026-03-02 10:20 ; served ;;; uk;', { recordId: '1', centre: 'A', visitKey: 'A|2026-03-02|K1', language: 'uk' }],
    ['with hard blanks around the values', '\u00a01\u00a0;A;;;;2026-03-02 10:20;;;;;', { recordId: '1' }],
    ['with an outcome in capitals', '1;A;;;;2026-03-02 10:20;SERVED;;;;', { outcome: 'served' }],
    ['with an outcome in the words of the source', '1;A;;;;2026-03-02 10:20;обслужено;;;;', { outcome: 'served' }],
    ['with a language and region', '1;A;;;;2026-03-02 10:20;;;;uk-UA;', { language: 'uk' }],
    ['with a language that is none', '1;A;;;;2026-03-02 10:20;;;;українська;', { language: null }],
    ['with a number that is none', '1;A;;;;2026-03-02 10:20;;немає;;;', { phone: { status: 'bad' }, phoneTyped: 'немає' }],
    ['with two numbers', '1;A;;;;2026-03-02 10:20;;0501234567 0671234567;;;', { phone: { status: 'bad' } }],
    ['with a landline', '1;A;;;;2026-03-02 10:20;;044 475-35-63;;;', { phone: { status: 'not_mobile' } }],
    ['called after it was closed', '1;A;;;2026-03-02 11:00;2026-03-02 10:20;;;;;', { finishedAt: new Date('2026-03-02T08:20:00Z') }],
    ['just after midnight, on the day of the zone', '1;A;;K1;;2026-03-02 00:10;;;;;', { visitKey: 'A|2026-03-02|K1' }],
    ['in the doubled hour', '1;A;;;;2026-10-25 03:30;;;;;', { finishedAt: new Date('2026-10-25T00:30:00Z') }],
    ['in the missing hour', '1;A;;;;2026-03-29 03:30;;;;;', { finishedAt: new Date('2026-03-29T01:30:00Z') }],
    ['with a time that brings its offset', '1;A;;;;2026-03-02T10:20:00Z;;;;;', { finishedAt: new Date('2026-03-02T10:20:00Z') }],
    ['with seconds since 1970', '1;A;;;;1772446800;;;;;', { finishedAt: new Date('2026-03-02T10:20:00Z') }],
    ['with a quoted name that holds the delimiter', '1;A;"Каса; ліва";;;2026-03-02 10:20;;;;;', { serviceName: 'Каса; ліва' }],
    ['with quotes in a name', '1;A;Центр "Дія";;;2026-03-02 10:20;;;;;', { serviceName: 'Центр "Дія"' }],
    ['with a stray quote', '1;A;"Каса;;;2026-03-02 10:20;;;;;', { serviceName: '"Каса' }],
    ['with a name over two lines', '1;A;"Каса\nліва";;;2026-03-02 10:20;;;;;', { serviceName: 'Каса ліва' }],
    ['with a name in decomposed letters', '1;A;Їжак'.normalize('NFD') + ';;;2026-03-02 10:20;;;;;', { serviceName: 'Їжак' }],
    ['with a | in the ticket', '1;A;;K|1;;2026-03-02 10:20;;;;;', { visitKey: 'A|2026-03-02|K|1' }],
    ['with a tab in the name', '1;A;Каса\tліва;;;2026-03-02 10:20;;;;;', { serviceName: 'Каса ліва' }],
    ['with an attribute that has no meaning listed', '1;A;;;;2026-03-02 10:20;;;;;можливо', { attributes: { exam: 'можливо' } }],
    ['with empty cells too many', '1;A;;;;2026-03-02 10:20;;;;;;;;', { recordId: '1' }],
    ['with a carriage return at its end', '1;A;;;;2026-03-02 10:20;;;;;\r', { recordId: '1', attributes: {} }],
    ['with what would be SQL',
      "1' drop table visit --;A;;;;2026-03-02 10:20;;;;;",
      { recordId: "1' drop table visit --" },
    ],
    ['with the names of object internals', '__proto__;constructor;;;;2026-03-02 10:20;;;;;toString', { recordId: '__proto__', centre: 'constructor', attributes: { exam: 'toString' } }],
    ['with the longest name', `1;A;${'ї'.repeat(500)};;;2026-03-02 10:20;;;;;`, { serviceName: 'ї'.repeat(500) }],
  ])('%s', async (_how, row, expected) => {
    expect(await readOne(row)).toMatchObject(expected);
  }); // prettier-ignore
});

describe('a CSV row is refused', () => {
  test.each<[string, string | Buffer, string, RegExp]>([
    ['without record id', ';A;;;;2026-03-02 10:20;;;;;', 'missing_field', /recordId is empty/],
    ['with a record id of blanks', '  ;A;;;;2026-03-02 10:20;;;;;', 'missing_field', /recordId/],
    ['without centre', '1;;;;;2026-03-02 10:20;;;;;', 'missing_field', /centre/],
    ['without the time it ended', '1;A;;;2026-03-02 10:20;;;;;;', 'missing_field', /finishedAt/],
    ['of nothing but delimiters', ';;;;;;;;;;', 'missing_field', /recordId/],
    ['of 31 February', '1;A;;;;2026-02-31 10:20;;;;;', 'bad_time', /finishedAt is no time of the form yyyy-MM-dd HH:mm/],
    ['with day and month turned round', '1;A;;;;2026-31-12 10:20;;;;;', 'bad_time', /finishedAt/],
    ['with another form of time', '1;A;;;;02.03.2026 10:20;;;;;', 'bad_time', /finishedAt/],
    ['with seconds nobody announced', '1;A;;;;2026-03-02 10:20:00;;;;;', 'bad_time', /finishedAt/],
    ['at 24:00', '1;A;;;;2026-03-02 24:00;;;;;', 'bad_time', /finishedAt/],
    ['with a word for the time it was called', '1;A;;;зараз;2026-03-02 10:20;;;;;', 'bad_time', /calledAt/],
    ['of the year 20026', '1;A;;;;20026-03-02 10:20;;;;;', 'bad_time', /finishedAt/],
    ['of the year 0000', '1;A;;;;0000-00-00 00:00;;;;;', 'bad_time', /finishedAt/],
    ['with an outcome nobody listed', '1;A;;;;2026-03-02 10:20;закрито;;;;', 'bad_value', /outcome is none of served, left/],
    ['with a consent nobody listed', '1;A;;;;2026-03-02 10:20;;;2;;', 'bad_value', /list the value under values.consent/],
    ['with a NUL in it', '1;A;Каса\0;;;2026-03-02 10:20;;;;;', 'bad_value', /NUL/],
    ['with a name longer than any', `1;A;${'x'.repeat(501)};;;2026-03-02 10:20;;;;;`, 'bad_value', /serviceName is too long/],
    ['with an id longer than any', `${'x'.repeat(201)};A;;;;2026-03-02 10:20;;;;;`, 'bad_value', /recordId is too long/],
    ['with an attribute larger than any', `1;A;;;;2026-03-02 10:20;;;;;${'x'.repeat(8200)}`, 'bad_value', /attributes are larger/],
    ['with a column missing', '1;A;;;2026-03-02 10:20;;;;;', 'bad_row', /has 10 columns, the header 11/],
    ['with a delimiter nobody quoted', '1;A;Каса; ліва;;;2026-03-02 10:20;;;;;x', 'bad_row', /has 12 columns/],
    ['cut off in the middle', '1;A;Кас', 'bad_row', /has 3 columns/],
    ['with another delimiter', '1,A,,,,2026-03-02 10:20,,,,,', 'bad_row', /has 1 columns/],
    ['with a broken byte in a UTF-8 file', Buffer.concat([Buffer.from('1;Ї'), Buffer.from([0xc3]), Buffer.from(';;;;2026-03-02 10:20;;;;;\n2;Ї;;;;2026-03-02 10:20;;;;;\n3;Ї;;;;x;;;;;\n')]), 'bad_row', /not UTF-8/],
  ])('%s', async (_how, row, reason, detail) => {
    const read = await readOne(row);
    expect(read).toMatchObject({ reason });
    expect((read as Rejection).detail).toMatch(detail);
  }); // prettier-ignore

  test('and what is said about it repeats no value', async () => {
    const secret = '0501234567';
    for (let i = 0; i < 11; i++) {
      const cells = ['1', 'A', '', '', '', '2026-03-02 10:20', '', '', '', '', ''];
      cells[i] = `${secret}-x`;
      const read = await readOne(cells.join(';'));
      if (read && isRejection(read)) expect(read.detail).not.toContain(secret);
    }
  });
});

describe('a line of JSON', () => {
  const line = (given: object) =>
    JSON.stringify({ id: '1', office: { code: 'A' }, closed: '2026-03-02T10:20:00+02:00', ...given });
  const taken = { recordId: '1', centre: 'A', finishedAt: new Date('2026-03-02T08:20:00Z') };

  test.each<[string, string, Partial<Record<keyof VisitRecord, unknown>>]>([
    ['is taken, its values found by path', line({ client: { phone: '0501234567' } }), { ...taken, phone: { status: 'ok', e164: '+380501234567', country: 'UA' } }],
    ['is taken with a dotted name as it is', JSON.stringify({ id: 1, 'office.code': 'B', closed: 1772446800 }), { recordId: '1', centre: 'B' }],
    ['is taken with a number for a phone', line({ client: { phone: 380501234567 } }), { phone: { status: 'ok', e164: '+380501234567', country: 'UA' } }],
    ['is taken with nulls', line({ client: null, status: null, called: null }), { phone: { status: 'missing' }, outcome: 'served' }],
    ['is taken with the key of its visit', line({ visit: 'v-1' }), { visitKey: 'v-1' }],
    ['is a visit of its own without', line({ visit: '' }), { visitKey: '1' }],
    ['is taken with a true attribute', line({ exam: true }), { attributes: { exam: true } }],
    ['is taken with milliseconds since 1970', line({ closed: 1772446800123 }), { finishedAt: new Date(1772446800123) }],
    ['is taken with a whole surrogate pair', line({ exam: 'a\ud83d\ude42b' }), { attributes: { exam: 'a\ud83d\ude42b' } }],
    ['is taken with __proto__ beside', `{"__proto__":{"id":"9"},${line({}).slice(1)}`, taken],
  ])('%s', async (_how, text, expected) => {
    expect(await readJson(text)).toMatchObject(expected);
  }); // prettier-ignore

  test.each([
    ['that is cut off', line({}).slice(0, -5), 'bad_row'],
    ['that is a list', `[${line({})}]`, 'bad_row'],
    ['that is a word', '"visit"', 'bad_row'],
    ['that is null', 'null', 'bad_row'],
    ['that is a row of CSV', '1;A;2026-03-02 10:20', 'bad_row'],
    ['with two objects', `${line({})} ${line({})}`, 'bad_row'],
    ['with an object for a value', line({ id: { n: 1 } }), 'bad_value'],
    ['with a list for a value', line({ status: ['served'] }), 'bad_value'],
    [
      'with an id of more digits than JSON keeps',
      '{"id": 12345678901234567890, "office": {"code": "A"}, "closed": 1772446800}',
      'bad_value',
    ],
    ['with half a character in its id', line({ id: 'a\ud800' }), 'bad_value'],
    ['with half a character in an attribute', line({ exam: 'a\ud800b' }), 'bad_value'],
    ['with half a character in its outcome', line({ status: 'served\udc00' }), 'bad_value'],
    ['with a NUL in an attribute', line({ exam: 'a\0b' }), 'bad_value'],
    ['without centre', JSON.stringify({ id: '1', closed: 1772446800 }), 'missing_field'],
    [
      'with inherited names for values',
      JSON.stringify({ id: '1', office: 'x', closed: 1772446800 }),
      'missing_field',
    ],
    ['with a time that is a fraction', line({ closed: 1772446800.5 }), 'bad_time'],
  ])('%s is refused', async (_how, text, reason) => {
    expect(await readJson(text)).toMatchObject({ reason });
  });
});

describe('a file', () => {
  const good = '1;A;;;;2026-03-02 10:20;;;;;';

  test.each<[string, string | Buffer, number[]]>([
    ['with blank lines', `\n${HEADER}\n\n${good}\n\n\n${good}\n`, [4, 7]],
    ['with the line Excel puts first', `sep=;\n${HEADER}\n${good}`, [3]],
    ['with a byte order mark', `\ufeff${HEADER}\n${good}`, [2]],
    ['with Windows line ends', `${HEADER}\r\n${good}\r\n${good}\r\n`, [2, 3]],
    ['with a quoted header', `${HEADER.split(';').map((name) => `"${name}"`).join(';')}\n${good}`, [2]],
    ['with blanks in the header', `${HEADER.replaceAll(';', ' ; ')}\n${good}`, [2]],
    ['with columns nobody mapped', `x;${HEADER};y\n0;${good};0`, [2]],
    ['with its columns in another order', `${HEADER.split(';').reverse().join(';')}\n${good.split(';').reverse().join(';')}`, [2]],
    ['of a header alone', HEADER, []],
  ])('%s is read', async (_how, text, lines) => {
    const rows = await rowsOf(text);
    expect(rows.map((row) => row.line)).toEqual(lines);
    for (const row of rows) expect(row.read).toMatchObject({ recordId: '1', centre: 'A' });
  }); // prettier-ignore

  test.each<[string, string, string, RegExp]>([
    ['of nothing', '', 'input_empty', /not even a header/],
    ['of blank lines', '\n \n\n', 'input_empty', /not even a header/],
    ['with another delimiter', `${HEADER}\n${good}`.replaceAll(';', '\t'), 'columns_missing', /With delimiter tab 11 of 11 columns would be found/],
    ['with a column renamed', `${HEADER.replace('phone', 'tel')}\n${good}`, 'columns_missing', /not in the file: "phone"\. The header has: "id", "office", .*"tel"/],
    ['without header', good, 'columns_missing', /The header has: "1", "A"/],
    ['with a mapped column twice', `${HEADER};id\n${good};2`, 'columns_missing', /"id" appears twice/],
    ['with the line ends of an old Mac', `${HEADER}\r${good}\r`, 'columns_missing', /carriage return alone/],
    ['in another format', '{"id": 1}\n{"id": 2}', 'columns_missing', /not in the file/],
  ])('%s is refused as a whole', async (_how, text, code, message) => {
    await expect(rowsOf(text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
  }); // prettier-ignore
});

test('whatever stands in a file, every line of it is a row taken or refused, and none is lost', async () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', '1', '"', 'ї', ' ', '2026-03-02 10:20', '\0'),
    maxLength: 4,
  });
  const line = fc.array(cell, { minLength: 1, maxLength: 13 }).map((cells) => `x${cells.join(';')}`);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
      const rows = await rowsOf([HEADER, ...lines].join('\n'));
      const covered = rows.flatMap((row) => row.raw.split('\n').map((_, i) => row.line + i));
      expect(covered).toEqual(lines.map((_, i) => i + 2));
      expect(rows.map((row) => row.raw).join('\n')).toBe(lines.join('\n'));
    }),
    { numRuns: 200 },
  );
});
