import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import {
  burstsAtDesks,
  integrityFlags,
  phonesAtManyCentres,
  phonesNeverDelivered,
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
beforeEach(() => t.db.query('truncate visit, centre, contact, intake_batch, definition cascade'));
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

/** Invitations of all visits, as planning would have made them, with what became of them. */
async function invited(
  facts: Partial<Record<'delivered_at' | 'undelivered_at' | 'opened_at', string>>,
): Promise<void> {
  const { rows } = await t.db.query<{ id: string }>(
    `insert into definition (kind, key, revision, content, content_hash, pack, created_at)
     values ('campaign', 'flags', $1, '{}', '', 'flags', '2026-03-01') returning id`,
    [next++],
  );
  await t.db.query(
    `insert into invitation (visit_id, contact_id, campaign_id, survey_id, variant, locale, legal_basis, channels,
       planned_at, deadline_at, expires_at, sms_parts, code, created_at, delivered_at, undelivered_at, opened_at)
     select v.id, v.contact_id, $1, $1, 'a', 'uk', 'public_task', '{sms}', v.finished_at, v.finished_at, v.finished_at,
       1, 'c' || v.id, v.finished_at, $2, $3, $4
     from visit v where not exists (select from invitation i where i.visit_id = v.id)`,
    [rows[0]?.id, facts.delivered_at ?? null, facts.undelivered_at ?? null, facts.opened_at ?? null],
  );
}

test('names a number that no message ever reached', async () => {
  const mondays = (phone: string) => ['02', '09'].map((day) => ({ at: `03-${day}T10:00`, phone }));
  await visits(...mondays('0501111111'), ...mondays('0502222222'), {
    at: '03-02T11:00',
    phone: '0503333333',
  });
  await invited({ undelivered_at: '2026-03-10' });
  expect(await phonesNeverDelivered(t.db, MARCH)).toMatchObject([
    { visits: 2, undelivered: 2 },
    { visits: 2, undelivered: 2 },
  ]);
  await visits({ at: '04-02T10:00', phone: '0502222222' });
  await invited({ delivered_at: '2026-04-02' });
  const [dead, ...others] = await phonesNeverDelivered(t.db, MARCH);
  expect(others).toEqual([]);
  expect(dead?.contactId).toMatch(/^\d+$/);
  expect(await phonesNeverDelivered(t.db, { from: '2026-03-05', to: '2026-03-31' })).toEqual([]);
});

test('signs of some centres are those of their visits alone', async () => {
  const hours = [9, 10, 11, 12].map((hour) => ({
    at: `03-02T${String(hour).padStart(2, '0')}:00`,
    phone: CLERK,
  }));
  await visits(...hours, ...hours.map((one) => ({ ...one, centre: 'B', phone: '0502222222' })));
  await invited({ undelivered_at: '2026-03-10' });
  const all = await integrityFlags(t.db, MARCH);
  const own = await integrityFlags(t.db, { ...MARCH, centres: ['B'] });
  expect([all.manyVisits.length, own.manyVisits.length]).toEqual([2, 1]);
  expect([all.neverDelivered.length, own.neverDelivered.length]).toEqual([2, 1]);
  expect(await integrityFlags(t.db, { ...MARCH, centres: [] })).toEqual({
    manyVisits: [], manyCentres: [], neverDelivered: [], deskBursts: [], aheadOfTime: [],
  }); // prettier-ignore
});

test('an opened link proves a number whatever the receipts say', async () => {
  await visits({ at: '03-02T10:00', phone: CLERK }, { at: '03-09T10:00', phone: CLERK });
  await invited({ undelivered_at: '2026-03-10', opened_at: '2026-03-10' });
  expect(await phonesNeverDelivered(t.db, MARCH)).toEqual([]);
});

test('tells all signs at once', async () => {
  await visits(
    ...[9, 10, 11, 12].map((hour) => ({ at: `03-02T${String(hour).padStart(2, '0')}:00`, phone: CLERK })),
  );
  expect(await integrityFlags(t.db, MARCH)).toMatchObject({
    manyVisits: [{ visits: 4 }],
    manyCentres: [],
    neverDelivered: [],
    deskBursts: [],
    aheadOfTime: [],
  });
});
