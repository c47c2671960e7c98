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

describe('an invited visit', () => {
  test('gets a decision, an invitation and a first message, and is not due any more', async () => {
    await world.sender('twilio', 'sms');
    const campaign = await world.campaign();
    const visit = await world.visit({ person: 1, finishedAt: NOON, language: 'uk', serviceName: 'Паспорт' });
    expect(await planner.runOnce(NOON)).toEqual({ taken: 1, invited: 1, control: 0, notInvited: 0, attached: 0, waiting: 0 }); // prettier-ignore
    expect(await world.decisionOf(visit)).toEqual({
      decision: 'invited',
      reason: null,
      channel: 'sms',
      planned_at: at('2020-01-13T10:45:00Z'),
      visit_revision: 1,
    });
    expect(await world.invitationOf(visit)).toMatchObject({
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
    expect(await world.messagesOf(visit)).toEqual([
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
    expect(await world.messagesOf(visit)).toEqual([
      expect.objectContaining({ locale, content: { fields: expect.objectContaining({ date }) } }),
    ]);
  });

  test('whose record came in the night is written to in the morning, planned as if it had come at once', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    const night = at('2020-01-13T22:00:00Z');
    const visit = await world.visit({ person: 1, finishedAt: NOON, reachedAt: night });
    await planner.runOnce(night);
    expect((await world.decisionOf(visit)).planned_at).toEqual(at('2020-01-13T10:45:00Z'));
    expect(await world.messagesOf(visit)).toEqual([
      expect.objectContaining({ due_at: at('2020-01-14T07:00:00Z'), closes_at: at('2020-01-14T18:00:00Z') }),
    ]);
  });

  test('has no closing hour where the window never closes', async () => {
    await world.sender('twilio', 'sms');
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    await world.campaign({ window: { days, from: '00:00', to: '24:00' } });
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    expect(await world.messagesOf(visit)).toEqual([expect.objectContaining({ closes_at: null })]);
  });
});

describe('the first message goes', () => {
  const both = { channels: ['viber', 'sms'] };
  const channelAndSender = async (): Promise<unknown> => {
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    const [message] = await world.messagesOf(visit);
    return [
      (await world.decisionOf(visit)).channel,
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
    expect(await world.decisionOf(visit)).toMatchObject({ decision: 'not_invited', reason: 'opted_out' });
    await t.db.query('update suppression set lifted_at = $1', [NOON]);
    await world.change(visit, { reachedAt: NOON });
    await planner.runOnce(NOON);
    expect(await world.decisionOf(visit)).toMatchObject({ decision: 'invited', visit_revision: 2 });
  });

  test('is no_campaign when every channel with a sender misses the person', async () => {
    await world.sender('bot', 'viber', 'subscriber');
    await world.campaign({ channels: ['viber'] });
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await planner.runOnce(NOON);
    expect(await world.decisionOf(visit)).toMatchObject({ decision: 'not_invited', reason: 'no_campaign' });
  });

  test('waits, and holds nobody up, while no sender at all serves its campaign', async () => {
    await world.sender('bot', 'viber', 'subscriber');
    await world.campaign();
    for (let person = 1; person <= 4; person++) await world.visit({ person, finishedAt: NOON });
    const behind = await world.visit({ finishedAt: NOON });
    expect(await planner.runOnce(NOON, { batch: 2 })).toMatchObject({ taken: 2, waiting: 2 });
    expect(await planner.runOnce(NOON, { batch: 2 })).toMatchObject({ taken: 2, waiting: 2 });
    expect(await planner.runOnce(NOON, { batch: 2 })).toMatchObject({ taken: 1, notInvited: 1 });
    expect((await world.decisionOf(behind)).reason).toBe('no_phone');
    await world.sender('twilio', 'sms');
    expect(await planner.runOnce(NOON, { batch: 10 })).toMatchObject({ taken: 4, invited: 4 });
  });

  test('whose number was erased counts as opted out', async () => {
    await world.sender('twilio', 'sms');
    await world.campaign();
    const visit = await world.visit({ person: 1, finishedAt: NOON });
    await t.db.query('update contact set phone_hash = null, phone_cipher = null, key_id = null, erased_at = $1', [NOON]); // prettier-ignore
    await planner.runOnce(NOON);
    expect((await world.decisionOf(visit)).reason).toBe('opted_out');
  });
});

test('a visit without any campaign in force is decided too', async () => {
  await world.sender('twilio', 'sms');
  const visit = await world.visit({ person: 1, finishedAt: NOON });
  expect(await planner.runOnce(NOON)).toMatchObject({ taken: 1, notInvited: 1 });
  expect((await world.decisionOf(visit)).reason).toBe('no_campaign');
});
