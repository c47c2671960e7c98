import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { VisitIntake } from './visit-intake.js';

let t: TestDatabase;
let intake: VisitIntake;
const clock = new SteppedClock(new Date('2026-03-02T12:00:00Z'));
const RECORD = { source: 'hall', recordId: '1', centre: 'A', finishedAt: '2026-03-02T10:20:00+02:00' };

beforeAll(async () => {
  t = await testDatabase();
  intake = new VisitIntake(t.db, new Vault(Buffer.alloc(32, 7).toString('base64')), clock);
});
beforeEach(() => t.db.query('truncate visit, centre, contact, intake_batch cascade'));
afterAll(() => t.drop());

test('takes a record with all its fields', async () => {
  const summary = await intake.importRecords([
    {
      ...RECORD, visitKey: 'v1', desk: 3, employee: 'e-7', ticket: 'K1', serviceCode: 12, serviceName: 'Паспорт',
      arrivedAt: '2026-03-02T08:00:00Z', calledAt: 1772438700, outcome: 'redirected', phone: 380501234567,
      consent: 'granted', language: 'uk', attributes: { exam: true, room: '3', note: null },
    },
  ]); // prettier-ignore
  expect(summary).toMatchObject({ read: 1, accepted: 1, visits: 1, rejects: [] });
  const { rows } = await t.db.query(
    'select v.*, c.timezone from visit v join centre c on c.id = v.centre_id',
  );
  expect(rows).toMatchObject([
    {
      visit_key: 'v1', desk: '3', employee: 'e-7', service_code: '12', service_name: 'Паспорт', outcome: 'redirected',
      phone_status: 'ok', consent: 'granted', language: 'uk', attributes: { exam: true, room: '3' }, timezone: 'Europe/Kyiv',
      arrived_at: new Date('2026-03-02T08:00:00Z'), finished_at: new Date('2026-03-02T08:20:00Z'),
    },
  ]); // prettier-ignore
});

test('a record is a visit of its own without a key, and joins the visit whose key it states', async () => {
  await intake.importRecords([
    RECORD,
    { ...RECORD, recordId: '2' },
    { ...RECORD, recordId: '3', visitKey: '1' },
  ]);
  const { rows } = await t.db.query('select visit_key, legs from visit order by visit_key');
  expect(rows).toEqual([{ visit_key: '1', legs: 2 }, { visit_key: '2', legs: 1 }]); // prettier-ignore
});

test('records of several sources are filed each under its own', async () => {
  expect(await intake.importRecords([RECORD, { ...RECORD, source: 'annex' }, RECORD])).toMatchObject({
    read: 3, accepted: 2, duplicates: 1, visits: 2,
  }); // prettier-ignore
  const { rows } = await t.db.query('select source, via, read from intake_batch order by source');
  expect(rows).toEqual([{ source: 'annex', via: 'http', read: 1 }, { source: 'hall', via: 'http', read: 2 }]); // prettier-ignore
});

test('posting again after a lost answer changes nothing', async () => {
  const list = Array.from({ length: 50 }, (_, i) => ({ ...RECORD, recordId: `r${i}` }));
  await intake.importRecords(list);
  expect(await intake.importRecords(list)).toMatchObject({ accepted: 0, duplicates: 50, visits: 0 });
});

describe('a record that cannot be taken', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['that is no object', 'visit', 'bad_row', /a record is a JSON object/],
    ['that is a list', [RECORD], 'bad_row', /a record is a JSON object/],
    ['that is null', null, 'bad_row', /a record is a JSON object/],
    ['without source', { ...RECORD, source: undefined }, 'missing_field', /source/],
    ['without record id', { ...RECORD, recordId: undefined }, 'missing_field', /recordId/],
    ['with an empty centre', { ...RECORD, centre: '' }, 'missing_field', /centre/],
    ['with a centre of blanks', { ...RECORD, centre: '  ' }, 'missing_field', /centre/],
    ['without the time it ended', { ...RECORD, finishedAt: null }, 'missing_field', /finishedAt/],
    ['with a field nobody knows', { ...RECORD, finished_at: 'x' }, 'bad_value', /unknown field "finished_at"; known: source, recordId/],
    ['with a local time', { ...RECORD, finishedAt: '2026-03-02T10:20:00' }, 'bad_time', /ISO 8601 with an offset/],
    ['with a time that is none', { ...RECORD, arrivedAt: 'вчора' }, 'bad_time', /arrivedAt/],
    ['with an outcome that is none', { ...RECORD, outcome: 'done' }, 'bad_value', /outcome/],
    ['with a list for a ticket', { ...RECORD, ticket: ['K1'] }, 'bad_value', /ticket/],
    ['with attributes within attributes', { ...RECORD, attributes: { exam: { passed: true } } }, 'bad_value', /attributes/],
    ['with an id that JSON rounds', { ...RECORD, recordId: 9007199254740994 }, 'bad_value', /recordId is a number with more digits than JSON keeps/],
    ['with a ticket that JSON rounds', { ...RECORD, ticket: 12345678901234567890 }, 'bad_value', /ticket is a number/],
    ...(['serviceName', 'desk', 'employee', 'serviceCode', 'language', 'phone'] as const).map((field): [string, object, string, RegExp] => [
      `with half a character in its ${field}`, { ...RECORD, [field]: 'a\ud801' }, 'bad_value', new RegExp(`${field} holds half a character`),
    ]),
    ['with half a character in an attribute', { ...RECORD, attributes: { exam: '\udc00' } }, 'bad_value', /an attribute holds half a character/],
    ['with half a character in the name of an attribute', { ...RECORD, attributes: { '\udc00': 'x' } }, 'bad_value', /an attribute name holds half/],
    ['with an attribute __proto__', JSON.parse(`${JSON.stringify(RECORD).slice(0, -1)},"attributes":{"__proto__":"x"}}`), 'bad_value', /attributes.__proto__ is no name/],
    ['with a field __proto__', JSON.parse(`${JSON.stringify(RECORD).slice(0, -1)},"__proto__":{"recordId":"9"}}`), 'bad_value', /unknown field "__proto__"/],
    ['with half a character in its id', { ...RECORD, recordId: 'a\ud801' }, 'bad_value', /half a character/],
    ['with a NUL', { ...RECORD, desk: 'a\0' }, 'bad_value', /NUL/],
  ])('%s is reported by its index, the others are taken', async (_which, record, reason, detail) => {
    const summary = await intake.importRecords([RECORD, record, { ...RECORD, recordId: '2' }]);
    expect(summary).toMatchObject({ read: 3, accepted: 2, rejected: 1, rejects: [{ index: 1, reason }] });
    expect(summary.rejects[0]?.detail).toMatch(detail);
    expect(summary.reasons).toMatchObject({ [reason]: 1 });
    expect((await t.db.query('select from rejected_row')).rowCount).toBe(1);
  }); // prettier-ignore
});

test('an empty list is nothing', async () => {
  expect(await intake.importRecords([])).toMatchObject({ read: 0, rejects: [] });
});
