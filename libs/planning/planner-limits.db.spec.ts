import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { Planner } from './planner.js';
import { PlanningWorld } from './testing/planning-world.js';

let t: TestDatabase;
let world: PlanningWorld;
let planner: Planner;
beforeAll(async () => {
  t = await testDatabase({ poolSize: 12 });
  world = new PlanningWorld(t.db);
});
afterAll(() => t.drop());
beforeEach(async () => {
  await world.clear();
  planner = new Planner(t.db, world.hash);
});

const at = (iso: string): Date => new Date(iso);
// Monday 13 January 2020, 12:00 in Kyiv.
const NOON = at('2020-01-13T10:00:00Z');

describe('quotas and budgets look at what the database holds', () => {
  test('a centre with enough completed surveys in the period asks no more; others do', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign({ quota: { completes: 2, per: 'centre', every: 'P7D' } });
    for (const [person, days] of [
      [1, 8],
      [2, 6],
      [3, 1],
    ] as const) {
      const completed = new Date(NOON.getTime() - days * 86_400_000);
      const done = await world.visit({ person, finishedAt: completed });
      await planner.runOnce(completed);
      await t.db.query('update invitation set completed_at = $2 where visit_id = $1', [done, completed]);
    }
    const full = await world.visit({ person: 4, finishedAt: NOON });
    const elsewhere = await world.visit({ person: 5, finishedAt: NOON, centre: 'B' });
    await planner.runOnce(NOON);
    expect((await world.decisionOf(full)).reason).toBe('quota_full');
    expect((await world.decisionOf(elsewhere)).decision).toBe('invited');
    // A day later the oldest of the two still counts; two days later it is out of the week.
    for (const [days, expected] of [
      [0.9, 'not_invited'],
      [1.1, 'invited'],
    ] as const) {
      const then = new Date(NOON.getTime() + days * 86_400_000);
      const visit = await world.visit({ person: 10 + days * 10, finishedAt: then });
      await planner.runOnce(then);
      expect((await world.decisionOf(visit)).decision).toBe(expected);
    }
  });

  test('the budget holds one SMS for each invitation, and what was sent counts as it was', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign({ budget: { parts: 5, every: 'P1M' } });
    const first = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    await t.db.query(`update message set parts = 3, state = 'accepted', attempt = 1`);
    for (let person = 2; person <= 6; person++) await world.visit({ person, finishedAt: NOON });
    expect(await planner.runOnce(NOON, { batch: 1 })).toMatchObject({ invited: 1 });
    expect(await planner.runOnce(NOON)).toMatchObject({ invited: 1, notInvited: 3 });
    expect(await world.decisionOf(first)).toMatchObject({ decision: 'invited' });
    const { rows } = await t.db.query('select distinct reason from decision where reason is not null');
    expect(rows).toEqual([{ reason: 'budget_exhausted' }]);
    const nextMonth = at('2020-02-14T10:00:00Z');
    await world.visit({ person: 7, finishedAt: nextMonth });
    expect(await planner.runOnce(nextMonth)).toMatchObject({ invited: 1 });
  });

  test('Viber first holds the SMS it may need, and lets it go once Viber delivered', async () => {
    await world.sender('turbo', 'viber');
    await world.campaign({ channels: ['viber', 'sms'], budget: { parts: 1, every: 'P1M' } });
    await world.visit({ person: 1, finishedAt: NOON });
    await world.visit({ person: 2, finishedAt: NOON });
    expect(await planner.runOnce(NOON)).toMatchObject({ invited: 1, notInvited: 1 });
    await t.db.query('update invitation set delivered_at = $1', [NOON]);
    await world.visit({ person: 3, finishedAt: NOON });
    expect(await planner.runOnce(NOON)).toMatchObject({ invited: 1 });
  });
});

describe('many planners beside each other', () => {
  async function runAll(planners: number, batch: number): Promise<number> {
    const runs = Array.from({ length: planners }, async () => {
      const own = new Planner(t.db, world.hash);
      let taken = 0;
      for (let got = -1; got !== 0; taken += got) got = (await own.runOnce(NOON, { batch })).taken;
      return taken;
    });
    return (await Promise.all(runs)).reduce((sum, taken) => sum + taken, 0);
  }

  test("invite a person once, however many of the person's visits they hold", async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    for (let i = 0; i < 200; i++)
      await world.visit({ person: 1, finishedAt: new Date(NOON.getTime() - i * 1000) });
    await runAll(8, 7);
    const { rows } = await t.db.query(
      'select decision, reason, count(*)::int from decision group by 1, 2 order by 3',
    );
    expect(rows).toEqual([
      { decision: 'invited', reason: null, count: 1 },
      { decision: 'not_invited', reason: 'frequency_cap', count: 199 },
    ]);
    expect(await world.one('select count(*)::int as messages from message')).toEqual({ messages: 1 });
  });

  test('decide each of many visits exactly once, without waiting for each other for ever', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    await world.campaign({ key: 'other', priority: 1 });
    for (let i = 0; i < 300; i++)
      await world.visit({ person: i % 40, finishedAt: new Date(NOON.getTime() - i * 1000) });
    expect(await runAll(8, 20)).toBe(300);
    const { rows } = await t.db.query('select decision, count(*)::int from decision group by 1 order by 2');
    expect(rows).toEqual([
      { decision: 'invited', count: 40 },
      { decision: 'not_invited', count: 260 },
    ]);
  });

  test('never spend more than a budget together', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign({ budget: { parts: 50, every: 'P1M' } });
    for (let i = 0; i < 200; i++) await world.visit({ person: i, finishedAt: NOON });
    await runAll(8, 10);
    expect(await world.one('select sum(sms_parts)::int as held from invitation')).toEqual({ held: 50 });
  });
});

test('decisions stand again after a rerun: the sample, the control group and the variants', async () => {
  await world.sender('twilio', 'sms');
  await world.campaign({ sample: 50, control: 20, variants: { invite: { hello: 50, other: 50 } } });
  for (let person = 0; person < 60; person++)
    await world.visit({ person, visitKey: `k${person}`, finishedAt: NOON });
  await planner.runOnce(NOON);
  const snapshot = async (): Promise<unknown[]> => {
    const { rows } = await t.db.query(
      `select v.visit_key, d.decision, d.reason, i.variant from visit v join decision d on d.visit_id = v.id
       left join invitation i on i.visit_id = v.id order by 1`,
    );
    return rows;
  };
  const before = await snapshot();
  expect(new Set(before.map((row) => JSON.stringify({ ...(row as object), visit_key: '' }))).size).toBe(4);
  await t.db.query('truncate decision, message, attempt, invitation cascade');
  await t.db.query('update visit set planning_due_at = $1', [NOON]);
  await new Planner(t.db, world.hash).runOnce(NOON);
  expect(await snapshot()).toEqual(before);
});
