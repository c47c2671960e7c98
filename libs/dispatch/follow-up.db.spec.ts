import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { at, NOON, OutboxBuilder, type Queued } from '#testkit/outbox';
import { Definitions } from './definitions.js';
import { FollowUps, type FollowUpCounts } from './follow-up.js';

let t: TestDatabase;
let outbox: OutboxBuilder;

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  outbox = await OutboxBuilder.open(t.db, { reminder: { after: 'P2D', max: 1 } });
});
afterAll(() => t.drop());

const run = (hours: number): Promise<FollowUpCounts> =>
  new FollowUps(t.db, new Definitions(t.db)).runOnce(at(hours));
const none = { looked: 0, fallbacks: 0, reminders: 0, undelivered: 0, cancelled: 0 };

/** An invite by Viber, with SMS after it, in the given state since noon. */
async function sent(change = `state = 'accepted', accepted_at = '${NOON.toISOString()}'`): Promise<Queued> {
  const [queued] = await outbox.queue(1, { channel: 'viber', channels: ['viber', 'sms'] });
  await t.db.query(`update message set ${change}, follow_up_at = due_at where id = $1`, [queued?.messageId]);
  return queued as Queued;
}
const failed = `state = 'failed', settled_at = '${NOON.toISOString()}', reason = 'unreachable'`;

async function messagesOf(invitationId: string): Promise<object[]> {
  const { rows } = await t.db.query<object>('select * from message where invitation_id = $1 order by id', [
    invitationId,
  ]);
  return rows;
}

describe('the next channel', () => {
  test('takes over at once from one that refused the message', async () => {
    const invite = await sent(failed);
    expect(await run(0)).toEqual({ ...none, looked: 1, fallbacks: 1 });
    expect(await messagesOf(invite.invitationId)).toMatchObject([
      { state: 'failed', follow_up_at: null },
      {
        kind: 'invite', channel: 'sms', sender: 'sms-a', state: 'queued', priority: 5, fallback_of: invite.messageId,
        due_at: NOON, closes_at: at(8), not_after: at(47), template_id: outbox.inviteId, locale: 'uk',
      },
    ]); // prettier-ignore
    expect(await run(1)).toEqual(none);
  });

  test('takes over after fallbackAfter without a receipt, not before', async () => {
    const invite = await sent();
    expect(await run(0)).toEqual({ ...none, looked: 1 });
    expect(await outbox.value('message', invite.messageId, 'follow_up_at')).toEqual(at(2));
    expect(await run(1.9)).toEqual(none);
    expect(await run(2)).toEqual({ ...none, looked: 1, fallbacks: 1 });
  });

  test('waits for the window', async () => {
    const invite = await sent(failed);
    await run(9);
    expect((await messagesOf(invite.invitationId))[1]).toMatchObject({ due_at: at(21), closes_at: at(32) });
  });

  test('stays silent where it would come too late: the invitation reached nobody', async () => {
    const invite = await sent(failed);
    await t.db.query('update invitation set deadline_at = $1', [at(20)]);
    expect(await run(9)).toEqual({ ...none, looked: 1, undelivered: 1 });
    expect(await messagesOf(invite.invitationId)).toHaveLength(1);
    expect(await outbox.value('invitation', invite.invitationId, 'undelivered_at')).toEqual(at(9));
  });

  test.each([
    ['the sender is off', `update sender set enabled = false where key = 'sms-a'`],
    ['the number was erased', 'update contact set phone_cipher = null'],
    [
      'the person cannot be reached through a bot',
      `update sender set addressing = 'subscriber' where key = 'sms-a'`,
    ],
    [
      'the number is suppressed there',
      `insert into suppression (address_hash, channel, reason, via, created_at) select phone_hash, 'sms', 'stop', 'sms', created_at from contact`,
    ],
  ])('is passed over when %s', async (_, change) => {
    // prettier-ignore
    await sent(failed);
    await t.db.query(change);
    expect(await run(0)).toEqual({ ...none, looked: 1, undelivered: 1 });
  });

  test('reaches a subscriber of the bot', async () => {
    const invite = await sent(failed);
    await t.db.query(`update sender set addressing = 'subscriber' where key = 'sms-a'`);
    const { rows } = await t.db.query<{ id: string }>(
      `insert into viber_subscriber (sender, user_id, contact_id, linked_at, link_source, subscribed_at, created_at)
       values ('sms-a', 'user-1', $1, $2, 'code', $2, $2) returning id`,
      [invite.contactId, NOON],
    );
    expect(await run(0)).toEqual({ ...none, looked: 1, fallbacks: 1 });
    expect((await messagesOf(invite.invitationId))[1]).toMatchObject({ subscriber_id: rows[0]?.id });
  });

  test.each([
    ['opened the chat and never joined', null, null],
    ['joined and left', at(-2), at(-1)],
  ])('does not write to a person who %s', async (_, subscribedAt, unsubscribedAt) => {
    const invite = await sent(failed);
    await t.db.query(`update sender set addressing = 'subscriber' where key = 'sms-a'`);
    await t.db.query(
      `insert into viber_subscriber (sender, user_id, contact_id, linked_at, link_source, created_at, subscribed_at, unsubscribed_at)
       values ('sms-a', 'user-1', $1, $2, 'code', $2, $3, $4)`,
      [invite.contactId, NOON, subscribedAt, unsubscribedAt],
    );
    expect(await run(0)).toEqual({ ...none, looked: 1, undelivered: 1 });
  });

  test('a stopped sender is the last choice', async () => {
    const invite = await sent(failed);
    await t.db.query(
      `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
       values ('sms-b', 'scripted', 'sms', 'phone', true, true, 9, $1)`,
      [NOON],
    );
    await t.db.query(`update sender set stopped_at = $1 where key = 'sms-a'`, [NOON]);
    await run(0);
    expect((await messagesOf(invite.invitationId))[1]).toMatchObject({ sender: 'sms-b' });
  });

  test('takes back the fact that the first one failed', async () => {
    const invite = await sent(failed);
    await t.db.query('update invitation set undelivered_at = $1', [NOON]);
    await run(0);
    expect(await outbox.value('invitation', invite.invitationId, 'undelivered_at')).toBeNull();
  });

  test('is not used twice when workers look at once', async () => {
    for (let i = 0; i < 20; i++) await sent(failed);
    const both = await Promise.all([run(0), run(0), run(0)]);
    expect(both.reduce((sum, { fallbacks }) => sum + fallbacks, 0)).toBe(20);
    expect(await outbox.states()).toEqual({ failed: 20, queued: 20 });
  });
});

describe('a fallback that was not needed', () => {
  const tell = (invite: Queued, fact: string, hours: number): Promise<unknown> =>
    t.db.query(`update invitation set ${fact} = $2 where id = $1`, [invite.invitationId, at(hours)]);
  const cancelFallback = (invite: Queued, reason: string, hours: number): Promise<unknown> =>
    t.db.query(
      `update message set state = 'cancelled', reason = $2, settled_at = $3, follow_up_at = $3
       where invitation_id = $1 and fallback_of is not null`,
      [invite.invitationId, reason, at(hours)],
    );

  test('leaves the reminder to the invite that reached the person, on its channel', async () => {
    const invite = await sent();
    await run(2);
    await tell(invite, 'delivered_at', 2.1);
    await cancelFallback(invite, 'reached', 2.2);
    expect(await run(2.3)).toEqual({ ...none, looked: 1 });
    expect(await run(2.3)).toEqual({ ...none, looked: 1 });
    expect(await outbox.value('message', invite.messageId, 'follow_up_at')).toEqual(at(48));
    expect(await run(48)).toEqual({ ...none, looked: 1, reminders: 1 });
    expect((await messagesOf(invite.invitationId)).at(-1)).toMatchObject({ kind: 'reminder', channel: 'viber', ordinal: 1 }); // prettier-ignore
    expect(await run(48)).toEqual(none);
  });

  test('leaves nothing where the person answered', async () => {
    const invite = await sent();
    await run(2);
    await tell(invite, 'completed_at', 2.1);
    await cancelFallback(invite, 'answered', 2.2);
    expect(await run(2.3)).toEqual({ ...none, looked: 1 });
    expect(await run(99)).toEqual(none);
  });

  test('is not queued again when it came too late', async () => {
    const invite = await sent();
    await run(2);
    await t.db.query('update invitation set deadline_at = $1', [at(3)]);
    await cancelFallback(invite, 'expired', 3);
    await run(3);
    await run(3);
    expect(await messagesOf(invite.invitationId)).toHaveLength(2);
    expect(await outbox.value('message', invite.messageId, 'follow_up_at')).toEqual(at(48));
  });
});

describe('a reminder', () => {
  test('goes the way of the invite, two days later on the calendar', async () => {
    const invite = await sent();
    await t.db.query(`update message set state = 'delivered', settled_at = $1`, [NOON]);
    await run(2);
    expect(await outbox.value('message', invite.messageId, 'follow_up_at')).toEqual(at(48));
    expect(await run(48)).toEqual({ ...none, looked: 1, reminders: 1 });
    expect((await messagesOf(invite.invitationId))[1]).toMatchObject({
      kind: 'reminder', channel: 'viber', sender: 'viber-a', priority: 6, ordinal: 1, template_id: outbox.reminderId,
      due_at: at(48), closes_at: at(56), not_after: at(168), fallback_of: null,
    }); // prettier-ignore
  });

  test.each(['started_at', 'completed_at', 'refused_at', 'wrong_number_at'])(
    'is not sent after %s',
    async (fact) => {
      await sent();
      await t.db.query(`update message set state = 'delivered', settled_at = $1`, [NOON]);
      await t.db.query(`update invitation set ${fact} = $1`, [NOON]);
      expect(await run(48)).toEqual({ ...none, looked: 1 });
      expect(await outbox.states()).toEqual({ delivered: 1 });
    },
  );

  test('is not sent when its text is gone from the campaign', async () => {
    const bare = await outbox.campaign(
      { reminder: { after: 'P2D', max: 1 }, messages: { invite: 'invite' } },
      'bare',
    );
    await sent();
    await t.db.query(`update message set state = 'delivered', settled_at = $1`, [NOON]);
    await t.db.query('update invitation set campaign_id = $1', [bare]);
    expect(await run(48)).toEqual({ ...none, looked: 1 });
  });
});

describe('a cancelled invite', () => {
  const cancelled = `state = 'cancelled', reason = 'expired', settled_at = '${NOON.toISOString()}'`;

  test('closes its invitation with the reason', async () => {
    const invite = await sent(cancelled);
    expect(await run(1)).toEqual({ ...none, looked: 1, cancelled: 1 });
    expect(await outbox.value('invitation', invite.invitationId, 'cancelled_at')).toEqual(at(1));
    expect(await outbox.value('invitation', invite.invitationId, 'cancel_reason')).toBe('expired');
    expect(await run(2)).toEqual(none);
  });

  test('after another channel failed leaves an invitation that reached nobody', async () => {
    const invite = await sent(cancelled);
    await t.db.query(
      `insert into message (invitation_id, contact_id, kind, channel, sender, locale, content, state, priority, due_at,
         not_after, created_at, settled_at)
       select id, contact_id, 'invite', 'sms', 'sms-a', 'uk', '{}', 'failed', 5, $1, $1, $1, $1 from invitation`,
      [NOON],
    );
    expect(await run(1)).toEqual({ ...none, looked: 1, undelivered: 1 });
    expect(await outbox.value('invitation', invite.invitationId, 'cancelled_at')).toBeNull();
    expect(await outbox.value('invitation', invite.invitationId, 'undelivered_at')).toEqual(at(1));
  });

  test('does not close an invitation that was sent', async () => {
    const invite = await sent(cancelled);
    await t.db.query('update invitation set sent_at = $1', [NOON]);
    await run(1);
    expect(await outbox.value('invitation', invite.invitationId, 'cancelled_at')).toBeNull();
  });
});

test('a question or an uncertain message is none of its business', async () => {
  await sent(`state = 'uncertain'`);
  expect(await run(9)).toEqual(none);
});
