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

describe('a further leg or correction', () => {
  const later = at('2020-01-13T10:20:00Z');
  let visit: string;
  beforeEach(async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
  });

  test('moves the waiting message; the code stays', async () => {
    const before = await world.invitationOf(visit);
    const [message] = await world.messagesOf(visit);
    await world.change(visit, { finishedAt: later, reachedAt: later });
    expect(await planner.runOnce(later)).toMatchObject({ invited: 1 });
    expect(await world.invitationOf(visit)).toMatchObject({
      id: before['id'],
      code: before['code'],
      planned_at: at('2020-01-13T11:05:00Z'),
      deadline_at: at('2020-01-15T10:20:00Z'),
    });
    expect(await world.messagesOf(visit)).toEqual([
      expect.objectContaining({ id: message?.['id'], state: 'queued', due_at: at('2020-01-13T11:05:00Z') }),
    ]);
    expect(await world.decisionOf(visit)).toMatchObject({
      visit_revision: 2,
      planned_at: at('2020-01-13T11:05:00Z'),
    });
  });

  test('that takes the number away cancels the message; one that brings it back plans a new one', async () => {
    await world.change(visit, { reachedAt: later, person: null });
    await planner.runOnce(later);
    expect(await world.decisionOf(visit)).toMatchObject({
      decision: 'not_invited',
      reason: 'no_phone',
      planned_at: null,
    });
    expect(await world.invitationOf(visit)).toMatchObject({
      cancelled_at: later,
      cancel_reason: 'replanned',
    });
    expect(await world.messagesOf(visit)).toEqual([
      expect.objectContaining({ state: 'cancelled', reason: 'replanned', settled_at: later }),
    ]);
    const code = (await world.invitationOf(visit))['code'];
    await world.change(visit, { reachedAt: later, person: 2 });
    await planner.runOnce(later);
    expect(await world.invitationOf(visit)).toMatchObject({ cancelled_at: null, cancel_reason: null, code, contact_id: await world.person(2) }); // prettier-ignore
    expect((await world.messagesOf(visit)).map((m) => [m['state'], m['contact_id']])).toEqual([
      ['cancelled', await world.person(1)],
      ['queued', await world.person(2)],
    ]);
  });

  test.each([
    [
      'is on its way',
      `state = 'sending', attempt = 1, claimed_by = 'w', claimed_at = '2020-01-13', claim_id = 1`,
    ],
    ['was deferred by the carrier', `attempt = 1`],
    ['has arrived', `state = 'delivered', attempt = 1, settled_at = '2020-01-13'`],
  ])('changes nothing when the message %s', async (_, claimed) => {
    await t.db.query(`update message set ${claimed}`);
    const before = [
      await world.invitationOf(visit),
      await world.decisionOf(visit),
      await world.messagesOf(visit),
    ];
    await world.change(visit, { finishedAt: later, reachedAt: later });
    expect(await planner.runOnce(later)).toMatchObject({ taken: 1, attached: 1, invited: 0 });
    expect([
      await world.invitationOf(visit),
      await world.decisionOf(visit),
      await world.messagesOf(visit),
    ]).toEqual(before);
    expect(await world.one('select planning_due_at from visit')).toEqual({ planning_due_at: null });
  });

  test('under another campaign revision takes the words of the new one', async () => {
    const renewed = await world.campaign({ delay: 'PT2H' }, 2);
    await world.change(visit, { reachedAt: later });
    await planner.runOnce(later);
    expect(await world.invitationOf(visit)).toMatchObject({
      campaign_id: renewed,
      planned_at: at('2020-01-13T12:00:00Z'),
    });
  });
});
