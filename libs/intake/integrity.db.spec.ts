import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import {
  burstsAtDesks,
  phonesAtManyCentres,
  phonesOnManyVisits,
  visitsAheadOfTime,
} from './integrity.sql.js';
import { VisitIntake } from './visit-intake.js';

let t: TestDatabase;
let intake: VisitIntake;
let next = 0;
const MARCH = { from: '2026-03-01', to: '2026-03-31' };

beforeAll(async () => {
  t = await testDatabase();
  intake = new VisitIntake(
    t.db,
    new Vault(Buffer.alloc(32, 7).toString('base64')),
    new SteppedClock(new Date('2026-03-31T12:00:00Z')),
  );
});
beforeEach(() => t.db.query('truncate visit, centre, contact, intake_batch cascade'));
afterAll(() => t.drop());

const CLERK = '0501111111';
const visits = (
  ...given: { at: string; phone?: string; centre?: string; desk?: string; outcome?: string }[]
) =>
  intake.importRecords(
    given.map(({ at, centre = 'A', ...rest }) => ({
      source: 'hall',
      recordId: `r${next++}`,
      centre,
      finishedAt: `2026-${at}+02:00`,
      ...rest,
    })),
  );

test('names a number that was given on many visits of one day, and no other', async () => {
  await visits(
    ...[9, 10, 11, 12].map((hour) => ({ at: `03-02T${String(hour).padStart(2, '0')}:00`, phone: CLERK })),
    ...[2, 3, 4, 5].map((day) => ({ at: `03-0${day}T12:00`, phone: '0502222222' })),
    ...[9, 10, 11, 12].map((hour) => ({
      at: `04-02T${String(hour).padStart(2, '0')}:00`,
      phone: '0503333333',
    })),
    ...[9, 10, 11, 12].map((hour) => ({ at: `03-02T${String(hour).padStart(2, '0')}:00` })),
  );
  const flags = await phonesOnManyVisits(t.db, MARCH);
  expect(flags).toMatchObject([{ day: '2026-03-02', visits: 4, centres: 1 }]);
  expect(flags[0]?.contactId).toMatch(/^\d+$/);
  expect(await phonesOnManyVisits(t.db, MARCH, 5)).toEqual([]);
});

test('names a number that was served at many centres', async () => {
  await visits(
    ...['A', 'B', 'C', 'D'].map((centre, i) => ({ at: `03-0${i + 1}T10:00`, centre, phone: CLERK })),
    ...['A', 'B', 'C'].map((centre, i) => ({ at: `03-0${i + 1}T10:00`, centre, phone: '0502222222' })),
  );
  expect(await phonesAtManyCentres(t.db, MARCH)).toMatchObject([{ centres: 4, visits: 4 }]);
  expect(await phonesAtManyCentres(t.db, { from: '2026-03-02', to: '2026-03-31' })).toEqual([]);
});

test('names a desk that ended more calls than anybody can serve, with its worst minutes', async () => {
  const minutes = (desk: string, every: number, hour: string, outcome = 'served') =>
    Array.from({ length: 10 }, (_, i) => ({
      at: `03-02T${hour}:${String(Math.floor(i * every)).padStart(2, '0')}`,
      desk,
      outcome,
    }));
  await visits(
    ...minutes('fast', 0.5, '10'),
    ...minutes('slow', 5, '10'),
    ...minutes('nobody came', 0.5, '10', 'no_show'),
    ...minutes('fast', 5, '14'),
  );
  expect(await burstsAtDesks(t.db, MARCH)).toEqual([
    { centre: 'A', desk: 'fast', day: '2026-03-02', calls: 10, until: new Date('2026-03-02T08:04:00Z') },
  ]);
  expect(await burstsAtDesks(t.db, MARCH, { calls: 2, minutes: 5 })).toHaveLength(2);
});

test('names centres whose visits have not happened yet', async () => {
  await visits({ at: '12-30T10:00', centre: 'W' }, { at: '12-31T10:00', centre: 'W' }, { at: '03-31T16:00' });
  expect(await visitsAheadOfTime(t.db)).toEqual([
    { source: 'hall', centre: 'W', visits: 2, latest: new Date('2026-12-31T08:00:00Z') },
  ]);
});
