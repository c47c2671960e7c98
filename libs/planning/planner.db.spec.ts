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

interface DecisionRow {
  decision: string;
  reason: string | null;
  channel: string | null;
  planned_at: Date | null;
  visit_revision: number;
}
const decisionOf = (visitId: string): Promise<DecisionRow> =>
  world.one(
    'select decision, reason, channel, planned_at, visit_revision from decision where visit_id = $1',
    visitId,
  );
const invitationOf = (visitId: string): Promise<Record<string, unknown>> =>
  world.one('select * from invitation where visit_id = $1', visitId);
const messagesOf = async (visitId: string): Promise<Record<string, unknown>[]> => {
  const { rows } = await t.db.query(
    'select m.* from message m join invitation i on i.id = m.invitation_id where i.visit_id = $1 order by m.id',
    [visitId],
  );
  return rows;
};

describe('an invited visit', () => {
  test('gets a decision, an invitation and a first message, and is not due any more', async () => {
    await world.sender('twilio', 'sms');
    const campaign = await world.campaign();
    const visit = await world.visit({ person: 1, finishedAt: NOON, language: 'uk', serviceName: 'Паспорт' });
    expect(await planner.runOnce(NOON)).toEqual({ taken: 1, invited: 1, control: 0, notInvited: 0, attached: 0, waiting: 0 }); // prettier-ignore
    expect(await decisionOf(visit)).toEqual({
      decision: 'invited',
      reason: null,
      channel: 'sms',
      planned_at: at('2020-01-13T10:45:00Z'),
      visit_revision: 1,
    });
    expect(await invitationOf(visit)).toMatchObject({
      campaign_id: campaign,
      contact_id: await world.person(1),
      variant: 'hello',
      code: expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{8}$/),
      locale: 'uk',
      legal_basis: 'public_task',
      channels: ['sms'],
      planned_at: at('2020-01-13T10:45:00Z'),
      deadline_at: at('2020-01-15T10:00:00Z'),
      expires_at: at('2020-01-20T10:45:00Z'),
      sms_parts: 1,
      cancelled_at: null,
    });
    expect(await messagesOf(visit)).toEqual([
      expect.objectContaining({
        kind: 'invite',
        state: 'queued',
        priority: 5,
        channel: 'sms',
        sender: 'twilio',
        contact_id: await world.person(1),
        subscriber_id: null,
        locale: 'uk',
        due_at: at('2020-01-13T10:45:00Z'),
        closes_at: at('2020-01-13T18:00:00Z'),
        not_after: at('2020-01-15T10:00:00Z'),
        content: {
          fields: {
            centre: 'ЦНАП A',
            service: 'Паспорт',
            date: '13 січня',
            deadline: '20 січня',
            sender: 'Відгуки',
          },
        },
      }),
    ]);
    expect(await world.one('select planning_due_at from visit')).toEqual({ planning_due_at: null });
    expect((await planner.runOnce(NOON)).taken).toBe(0);
  });

  test.each([
    ['en-GB', 'en', '13 January'],
    ['ru', 'uk', '13 січня'],
    [undefined, 'uk', '13 січня'],
  ])('is written to in its own language %s if the campaign speaks it: %s', async (language, locale, date) => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    const visit = await world.visit({ person: 1, finishedAt: NOON, ...(language ? { language } : {}) });
    await planner.runOnce(NOON);
    expect(await messagesOf(visit)).toEqual([
      expect.objectContaining({ locale, content: { fields: expect.objectContaining({ date }) } }),
    ]);
  });

  test('whose record came in the night is written to in the morning, planned as if it had come at once', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    const night = at('2020-01-13T22:00:00Z');
    const visit = await world.visit({ person: 1, finishedAt: NOON, reachedAt: night });
    await planner.runOnce(night);
    expect((await decisionOf(visit)).planned_at).toEqual(at('2020-01-13T10:45:00Z'));
    expect(await messagesOf(visit)).toEqual([
      expect.objectContaining({ due_at: at('2020-01-14T07:00:00Z'), closes_at: at('2020-01-14T18:00:00Z') }),
    ]);
  });

  test('has no closing hour where the window never closes', async () => {
    await world.sender('twilio', 'sms');
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    await world.campaign({ window: { days, from: '00:00', to: '24:00' } });
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    expect(await messagesOf(visit)).toEqual([expect.objectContaining({ closes_at: null })]);
  });
});

describe('the first message goes', () => {
  const both = { channels: ['viber', 'sms'] };
  const channelAndSender = async (): Promise<unknown> => {
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    const [message] = await messagesOf(visit);
    return [
      (await decisionOf(visit)).channel,
      message?.['channel'],
      message?.['sender'],
      message?.['subscriber_id'],
    ];
  };
  const subscribe = async (unsubscribed: Date | null = null): Promise<string> => {
    const { id } = await world.one<{ id: string }>(
      `insert into viber_subscriber (sender, user_id, contact_id, linked_at, link_source, subscribed_at, unsubscribed_at, created_at)
       values ('bot', 'u', $1, $2, 'code', $2, $3, $2) returning id`,
      await world.person(1),
      NOON,
      unsubscribed,
    );
    return id;
  };

  test('by Viber where a sender takes phone numbers', async () => {
    await world.sender('twilio', 'sms');
    await world.sender('turbo', 'viber', 'phone');
    await world.campaign(both);
    expect(await channelAndSender()).toEqual(['viber', 'viber', 'turbo', null]);
  });

  test('by SMS to those who do not follow the bot', async () => {
    await world.sender('twilio', 'sms');
    await world.sender('bot', 'viber', 'subscriber');
    await world.campaign(both);
    expect(await channelAndSender()).toEqual(['sms', 'sms', 'twilio', null]);
  });

  test('by SMS to those who left the bot', async () => {
    await world.sender('twilio', 'sms');
    await world.sender('bot', 'viber', 'subscriber');
    await world.campaign(both);
    await subscribe(NOON);
    expect(await channelAndSender()).toEqual(['sms', 'sms', 'twilio', null]);
  });

  test('by the bot with the subscription it is addressed to', async () => {
    await world.sender('twilio', 'sms');
    await world.sender('bot', 'viber', 'subscriber');
    await world.campaign(both);
    const id = await subscribe();
    expect(await channelAndSender()).toEqual(['viber', 'viber', 'bot', id]);
  });

  test('on the other channel when the person refused the first', async () => {
    await world.sender('twilio', 'sms');
    await world.sender('turbo', 'viber', 'phone');
    await world.campaign(both);
    await world.person(1);
    await t.db.query(
      `insert into suppression (address_hash, channel, reason, via, created_at)
       select phone_hash, 'viber', 'unsubscribed', 'viber', $1 from contact`,
      [NOON],
    );
    expect(await channelAndSender()).toEqual(['sms', 'sms', 'twilio', null]);
  });
});

describe('a visit that cannot be written to', () => {
  test('is opted_out after a refusal of all channels, until it is lifted', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    await world.person(1);
    await t.db.query(
      `insert into suppression (address_hash, channel, reason, via, created_at)
       select phone_hash, null, 'stop', 'sms', $1 from contact`,
      [NOON],
    );
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    expect(await decisionOf(visit)).toMatchObject({ decision: 'not_invited', reason: 'opted_out' });
    await t.db.query('update suppression set lifted_at = $1', [NOON]);
    await world.change(visit, { reachedAt: NOON });
    await planner.runOnce(NOON);
    expect(await decisionOf(visit)).toMatchObject({ decision: 'invited', visit_revision: 2 });
  });

  test('is no_campaign when every channel with a sender misses the person', async () => {
    await world.sender('bot', 'viber', 'subscriber');
    await world.campaign({ channels: ['viber'] });
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    expect(await decisionOf(visit)).toMatchObject({ decision: 'not_invited', reason: 'no_campaign' });
  });

  test('waits, and holds nobody up, while no sender at all serves its campaign', async () => {
    await world.sender('bot', 'viber', 'subscriber');
    await world.campaign();
    for (let person = 1; person <= 4; person++) await world.visit({ person, finishedAt: NOON });
    const behind = await world.visit({ finishedAt: NOON });
    expect(await planner.runOnce(NOON, { batch: 2 })).toMatchObject({ taken: 2, waiting: 2 });
    expect(await planner.runOnce(NOON, { batch: 2 })).toMatchObject({ taken: 2, waiting: 2 });
    expect(await planner.runOnce(NOON, { batch: 2 })).toMatchObject({ taken: 1, notInvited: 1 });
    expect((await decisionOf(behind)).reason).toBe('no_phone');
    await world.sender('twilio', 'sms');
    expect(await planner.runOnce(NOON, { batch: 10 })).toMatchObject({ taken: 4, invited: 4 });
  });

  test('whose number was erased counts as opted out', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await t.db.query('update contact set phone_cipher = null, erased_at = $1', [NOON]);
    await planner.runOnce(NOON);
    expect((await decisionOf(visit)).reason).toBe('opted_out');
  });
});

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
    const before = await invitationOf(visit);
    const [message] = await messagesOf(visit);
    await world.change(visit, { finishedAt: later, reachedAt: later });
    expect(await planner.runOnce(later)).toMatchObject({ invited: 1 });
    expect(await invitationOf(visit)).toMatchObject({
      id: before['id'],
      code: before['code'],
      planned_at: at('2020-01-13T11:05:00Z'),
      deadline_at: at('2020-01-15T10:20:00Z'),
    });
    expect(await messagesOf(visit)).toEqual([
      expect.objectContaining({ id: message?.['id'], state: 'queued', due_at: at('2020-01-13T11:05:00Z') }),
    ]);
    expect(await decisionOf(visit)).toMatchObject({
      visit_revision: 2,
      planned_at: at('2020-01-13T11:05:00Z'),
    });
  });

  test('that takes the number away cancels the message; one that brings it back plans a new one', async () => {
    await world.change(visit, { reachedAt: later, person: null });
    await planner.runOnce(later);
    expect(await decisionOf(visit)).toMatchObject({
      decision: 'not_invited',
      reason: 'no_phone',
      planned_at: null,
    });
    expect(await invitationOf(visit)).toMatchObject({ cancelled_at: later, cancel_reason: 'replanned' });
    expect(await messagesOf(visit)).toEqual([
      expect.objectContaining({ state: 'cancelled', reason: 'replanned', settled_at: later }),
    ]);
    const code = (await invitationOf(visit))['code'];
    await world.change(visit, { reachedAt: later, person: 2 });
    await planner.runOnce(later);
    expect(await invitationOf(visit)).toMatchObject({ cancelled_at: null, cancel_reason: null, code, contact_id: await world.person(2) }); // prettier-ignore
    expect((await messagesOf(visit)).map((m) => [m['state'], m['contact_id']])).toEqual([
      ['cancelled', await world.person(1)],
      ['queued', await world.person(2)],
    ]);
  });

  test.each([
    ['is on its way', `state = 'sending', attempt = 1, claimed_by = 'w', leased_until = '2020-01-13'`],
    ['was deferred by the carrier', `attempt = 1`],
    ['has arrived', `state = 'delivered', attempt = 1, settled_at = '2020-01-13'`],
  ])('changes nothing when the message %s', async (_, claimed) => {
    await t.db.query(`update message set ${claimed}`);
    const before = [await invitationOf(visit), await decisionOf(visit), await messagesOf(visit)];
    await world.change(visit, { finishedAt: later, reachedAt: later });
    expect(await planner.runOnce(later)).toMatchObject({ taken: 1, attached: 1, invited: 0 });
    expect([await invitationOf(visit), await decisionOf(visit), await messagesOf(visit)]).toEqual(before);
    expect(await world.one('select planning_due_at from visit')).toEqual({ planning_due_at: null });
  });

  test('under another campaign revision takes the words of the new one', async () => {
    const renewed = await world.campaign({ delay: 'PT2H' }, 2);
    await world.change(visit, { reachedAt: later });
    await planner.runOnce(later);
    expect(await invitationOf(visit)).toMatchObject({
      campaign_id: renewed,
      planned_at: at('2020-01-13T12:00:00Z'),
    });
  });
});

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
    expect((await decisionOf(full)).reason).toBe('quota_full');
    expect((await decisionOf(elsewhere)).decision).toBe('invited');
    // A day later the oldest of the two still counts; two days later it is out of the week.
    for (const [days, expected] of [
      [0.9, 'not_invited'],
      [1.1, 'invited'],
    ] as const) {
      const then = new Date(NOON.getTime() + days * 86_400_000);
      const visit = await world.visit({ person: 10 + days * 10, finishedAt: then });
      await planner.runOnce(then);
      expect((await decisionOf(visit)).decision).toBe(expected);
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
    expect(await decisionOf(first)).toMatchObject({ decision: 'invited' });
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

test('a visit without any campaign in force is decided too', async () => {
  await world.sender('twilio', 'sms');
  const visit = await world.visit({ person: 1, finishedAt: NOON });
  expect(await planner.runOnce(NOON)).toMatchObject({ taken: 1, notInvited: 1 });
  expect((await decisionOf(visit)).reason).toBe('no_campaign');
});
