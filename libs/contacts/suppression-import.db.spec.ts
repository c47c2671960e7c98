import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { importSuppressions, readSuppressionLine } from './suppression-import.js';
import { suppressionPage } from './suppression-list.sql.js';
import { isSuppressed, liftSuppression } from './suppression.sql.js';
import { Vault } from './vault.js';

let t: TestDatabase;
const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
const now = new Date('2026-03-02T10:00:00Z');
beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(() => t.db.query('truncate suppression'));
afterAll(() => t.drop());

async function* lines(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

test.each<[string, object]>([
  ['+380671234567', { kind: 'entry', e164: '+380671234567', channel: null }],
  ['067 123-45-67', { kind: 'entry', e164: '+380671234567', channel: null }],
  ['"067 123 45 67",viber', { kind: 'entry', e164: '+380671234567', channel: 'viber' }],
  ['0671234567;SMS;2024-05-01;скарга', { kind: 'entry', e164: '+380671234567', channel: 'sms' }],
  ['0671234567\tall', { kind: 'entry', e164: '+380671234567', channel: null }],
  ['\ufeff0671234567', { kind: 'entry', e164: '+380671234567', channel: null }],
  ['', { kind: 'nothing' }],
  ['# від операторів', { kind: 'nothing' }],
  ['телефон;канал', { kind: 'nothing' }],
  [',sms', { kind: 'nothing' }],
  ['1234', { kind: 'problem', problem: 'bad_number' }],
  ['0442345678', { kind: 'problem', problem: 'not_mobile' }],
  ['0671234567,email', { kind: 'problem', problem: 'unknown_channel' }],
])('the first line %j is %j', (text, expected) => {
  expect(readSuppressionLine(text, 1)).toEqual(expected);
});

test('words in place of a number are a problem further down', () => {
  expect(readSuppressionLine('немає', 7)).toEqual({ kind: 'problem', problem: 'bad_number' });
  expect(readSuppressionLine(';sms', 7)).toEqual({ kind: 'problem', problem: 'no_number' });
});

test('everybody on the list is not written to, and lines that cannot be read are told by their place only', async () => {
  const list = ['phone', '0671234567', '+380501112233,viber', 'xx', '', '067 123 45 67', '050 111 22 3'];
  const done = await importSuppressions(t.db, vault, lines(...list), now);
  expect(done).toEqual({
    read: 5, added: 2, known: 1, rejected: 2,
    problems: [{ line: 4, problem: 'bad_number' }, { line: 7, problem: 'bad_number' }],
  }); // prettier-ignore
  const stands = (phone: string, channel: 'sms' | 'viber') =>
    isSuppressed(t.db, vault.phoneHash(phone), channel);
  expect(await stands('+380671234567', 'sms')).toBe(true);
  expect(await stands('+380501112233', 'viber')).toBe(true);
  expect(await stands('+380501112233', 'sms')).toBe(false);
});

test('importing a list again adds nobody, and does not undo what a person took back', async () => {
  await importSuppressions(t.db, vault, lines('0671234567', '0671234568'), now);
  expect(await importSuppressions(t.db, vault, lines('0671234567', '0671234568'), now)).toMatchObject({ added: 0, known: 2 });
  await liftSuppression(t.db, { addressHash: vault.phoneHash('+380671234567'), channel: null, now });
  const page = await suppressionPage(t.db, { before: undefined, limit: 10 });
  expect(page).toMatchObject([{ reason: 'import', via: 'import', phoneCipher: null }]);
}); // prettier-ignore

test('a list longer than a batch is taken whole', async () => {
  const list = Array.from({ length: 2_345 }, (_, i) => `+38067${1_000_000 + i}`);
  expect(await importSuppressions(t.db, vault, lines(...list), now)).toMatchObject({
    added: 2_345,
    rejected: 0,
  });
});
