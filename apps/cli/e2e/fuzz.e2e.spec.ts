import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seededRandom } from '#kernel/seeded-random';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { badRequest } from '../../../bench/fuzz/doors.js';
import { openHouse, type House } from '../../../bench/fuzz/house.js';
import { fuzz } from '../../../bench/fuzz/run.js';
import { differences, rowsOf } from '../../../bench/fuzz/tables.js';

let t: TestDatabase;
let house: House;
let dir: string;
beforeAll(async () => {
  t = await testDatabase();
  house = await openHouse(t.db, t.url);
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-fuzz-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await t.drop();
});

test('the same seed makes the same inputs', () => {
  const draw = (seed: string): unknown => badRequest(seededRandom(seed), house.target);
  expect(draw('1 7')).toEqual(draw('1 7'));
  expect(draw('1 7')).not.toEqual(draw('1 8'));
});

test('a row that changed, went or came is seen', async () => {
  const before = await rowsOf(t.db);
  await t.db.query(`update invitation set seen_at = created_at where id = (select min(id) from invitation)`);
  await t.db.query(`delete from answer where invitation_id = (select min(invitation_id) from answer)`);
  await t.db.query(`insert into carrier_fact (sender, kind, dedupe_key, happened_at, received_at) values ('s', 'unknown', 'k', now(), now())`);
  expect(differences(before, await rowsOf(t.db))).toEqual([
    'answer: 1 rows lost or changed',
    'invitation: 1 rows lost or changed',
    'invitation: 1 rows that nobody asked for',
  ]);
}); // prettier-ignore

test('bad input at every door gives no fault, and no row is lost or changed', async () => {
  const { target, process, complaints } = house;
  const settle = (): Promise<void> => house.close();
  const verdict = await fuzz({ inputs: 4_000, seed: 'ci', target, process, dir, settle, complaints });
  expect(verdict.faults).toEqual([]);
  expect(verdict.imported.read).toBeGreaterThan(100);
  // Each door was really reached: what a guard in front turns away proves nothing about the rooms behind.
  expect(Object.keys(verdict.doors).sort()).toEqual(
    ['changes', 'code', 'lists', 'sign-in', 'survey form', 'turbosms', 'twilio', 'viber', 'visits'],
  );
  for (const carrier of ['twilio', 'viber', 'turbosms']) expect(verdict.doors[carrier]?.['200']).toBeGreaterThan(50);
  expect(verdict.doors['survey form']?.['200'] ?? verdict.doors['survey form']?.['400'] ?? verdict.doors['survey form']?.['422']).toBeGreaterThan(50);
}); // prettier-ignore
