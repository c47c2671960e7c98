import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Builders } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { StaffFlags } from './staff-flags.js';

const now = new Date('2026-03-02T18:00:00Z');
let t: TestDatabase;
let build: Builders;
beforeAll(async () => {
  t = await testDatabase();
  build = new Builders(t.db, now);
});
afterAll(() => t.drop());

const at = (minutes: number) => new Date(Date.UTC(2026, 2, 2, 9, minutes));
const flags = async () =>
  (
    await t.db.query<{ id: string; sign: string }>(
      'select visit_id as id, sign from visit_flag order by visit_id',
    )
  ).rows;

test('a number on four visits of a day flags all four, also when the fourth comes later', async () => {
  const visits = [];
  for (let i = 0; i < 3; i++)
    visits.push(await build.path({ phone: '+380501112233', finishedAt: at(i * 40) }));
  await build.path({ phone: '+380501112244', finishedAt: at(5) });
  await new StaffFlags(t.db).runOnce(now);
  expect(await flags()).toEqual([]);
  visits.push(await build.path({ phone: '+380501112233', finishedAt: at(300) }));
  expect(await new StaffFlags(t.db).runOnce(now)).toEqual({ flagged: 4, more: false });
  expect(await flags()).toEqual(visits.map(({ visitId }) => ({ id: visitId, sign: 'number' })));
  expect(await new StaffFlags(t.db).runOnce(now)).toEqual({ flagged: 0, more: false });
});

test('a desk that ends ten calls in five minutes flags them, and none before or after', async () => {
  const { rows } = await t.db.query<{ id: string }>(
    `insert into intake_batch (source, via, started_at) values ('test', 'file', $1) returning id`,
    [now],
  );
  const batch = rows[0]?.id;
  const burst: string[] = [];
  for (let i = 0; i < 14; i++) {
    // One call half an hour before, eleven within four minutes, two much later.
    const minutes = i === 0 ? 0 : i < 12 ? 30 + i / 3 : 60 + i * 10;
    const finishedAt = new Date(at(0).getTime() + minutes * 60_000);
    const { visitId } = await build.path({ centre: 'busy', finishedAt });
    await t.db.query(
      `insert into visit_record (source, record_id, revision, current, content_hash, visit_id, batch_id, line, centre_code,
                                 desk, outcome, finished_at, phone_status, consent, received_at)
       values ('test', $1, 1, true, 'x', $2, $4, 1, 'busy', '3', 'served', $3, 'missing', 'unknown', $3)`,
      [`r${i}`, visitId, finishedAt, batch],
    );
    await t.db.query(`update visit set desk = '3' where id = $1`, [visitId]);
    if (i > 0 && i < 12) burst.push(visitId);
  }
  await new StaffFlags(t.db).runOnce(now);
  expect((await flags()).filter(({ sign }) => sign === 'burst')).toEqual(
    burst.map((id) => ({ id, sign: 'burst' })),
  );
});

test('two processes at once look at each visit once', async () => {
  for (let i = 0; i < 4; i++) await build.path({ phone: '+380501112299', finishedAt: at(i) });
  const rounds = await Promise.all([1, 2, 3].map(() => new StaffFlags(t.db).runOnce(now)));
  expect(rounds.reduce((sum, { flagged }) => sum + flagged, 0)).toBe(4);
});
