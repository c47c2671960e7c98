import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { surveyCode } from '#kernel/ids';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';

let t: TestDatabase;
let desk: ReplyDesk;
let user: string;
let doubtful: Sent;

beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());

/** A person of the bot, whose message was begun a minute ago and is in doubt. */
beforeEach(async () => {
  desk.clock.advance(24 * 3_600_000);
  user = `user-${surveyCode()}`;
  desk.doubtsEnded.length = 0;
  doubtful = await desk.invite({ sender: 'viber', state: 'uncertain' });
  await t.db.query(
    `with s as (insert into viber_subscriber (sender, user_id, contact_id, linked_at, link_source, subscribed_at, created_at)
       values ('viber', $1, $2, $3, 'code', $3, $3) returning id)
     update message set subscriber_id = s.id, channel = 'viber' from s where message.id = $4`,
    [user, doubtful.contactId, ago(86_400), doubtful.messageId],
  );
  await attempted(doubtful.messageId);
});

const ago = (seconds: number): Date => new Date(desk.clock.now().getTime() - seconds * 1000);

async function attempted(messageId: string): Promise<void> {
  await t.db.query(`update message set claimed_at = $2 where id = $1`, [messageId, ago(60)]);
}

/** Another message to the same person, in the given state. */
async function another(state: string, over = ''): Promise<void> {
  const { messageId } = await desk.invite({ sender: 'viber', state });
  await attempted(messageId);
  await t.db.query(
    `update message set channel = 'viber' ${over}, subscriber_id = (select subscriber_id from message where id = $2) where id = $1`,
    [messageId, doubtful.messageId],
  );
}

const token = (): string => `57413118${surveyCode()}`;
const state = async (): Promise<unknown> =>
  (await desk.row<{ state: string }>('select state from message where id = $1', doubtful.messageId)).state;
const waiting = { applied: 0, waiting: 1, unmatched: 0, failed: 0 };

test('a receipt that nothing else explains ends the doubt, and later ones find the message by their id', async () => {
  const externalId = token();
  const counts = await desk.receive(
    'viber',
    desk.receipt({ externalId, address: user, happenedAt: ago(55) }),
  );
  expect(counts).toMatchObject({ applied: 1, waiting: 0 });
  const message = await desk.row('select * from message where id = $1', doubtful.messageId);
  expect(message).toMatchObject({ state: 'delivered', external_id: externalId });
  expect((await desk.invitation(doubtful.invitationId))['delivered_at']).toEqual(ago(55));
  await desk.receive(
    'viber',
    desk.receipt({ externalId, address: user, status: 'seen', happenedAt: ago(10) }),
  );
  expect((await desk.invitation(doubtful.invitationId))['seen_at']).toEqual(ago(10));
});

test('several receipts of one id in one batch are of one message', async () => {
  const externalId = token();
  const both = [
    desk.receipt({ externalId, address: user, happenedAt: ago(50) }),
    desk.receipt({ externalId, address: user, status: 'seen', happenedAt: ago(40) }),
  ];
  expect(await desk.receive('viber', ...both)).toMatchObject({ applied: 2 });
  expect(await state()).toBe('delivered');
});

test('how the doubt ended is told once, however many receipts speak of it', async () => {
  const externalId = token();
  await desk.receive('viber', desk.receipt({ externalId, address: user, happenedAt: ago(55) }), desk.receipt({ externalId, address: user, happenedAt: ago(54), status: 'seen' }));
  await desk.receive('viber', desk.receipt({ externalId, address: user, happenedAt: ago(50), status: 'seen' }));
  expect(desk.doubtsEnded).toEqual(['viber receipt_of_person']);
}); // prettier-ignore

test('a failure told that way ends it too', async () => {
  await desk.receive('viber', desk.receipt({ externalId: token(), address: user, status: 'failed', happenedAt: ago(50) }));
  expect(await state()).toBe('failed');
}); // prettier-ignore

test('a receipt that came while the message was still being sent is understood once the doubt is there', async () => {
  await t.db.query(`update message set state = 'sending', claimed_by = 'w', claim_id = 1 where id = $1`, [doubtful.messageId]);
  const [id = ''] = await desk.record('viber', desk.receipt({ externalId: token(), address: user, happenedAt: ago(50) }));
  expect(await desk.applier.apply([id])).toEqual(waiting);
  await t.db.query(`update message set state = 'uncertain' where id = $1`, [doubtful.messageId]);
  expect(await desk.applier.apply([id])).toMatchObject({ applied: 1 });
  expect(await state()).toBe('delivered');
}); // prettier-ignore

test.each<[string, () => Promise<unknown>, number?]>([
  ['one that is older than the request', () => Promise.resolve(), 61],
  ['one for somebody with two messages in doubt', () => another('uncertain')],
  ['one for somebody to whom another message is under way', () => another('sending')],
  ['one for somebody who has just written', () => desk.says(user, 'дякую')],
  ['one for somebody who has just opened the chat', () => desk.receive('viber', { kind: 'conversation_started', dedupeKey: surveyCode(), address: user, subscribed: true, detail: {} })],
  ['one of two with different ids', () => desk.record('viber', desk.receipt({ externalId: token(), address: user, happenedAt: ago(58) }))],
])('leaves the doubt: %s', async (_, before, seconds = 50) => {
  const earlier = await before();
  const ids = await desk.record('viber', desk.receipt({ externalId: token(), address: user, happenedAt: ago(seconds) }));
  await desk.applier.apply([...(Array.isArray(earlier) ? (earlier as string[]) : []), ...ids]);
  expect(await state()).toBe('uncertain');
}); // prettier-ignore

test('leaves the doubt: one for somebody else', async () => {
  await desk.receive('viber', desk.receipt({ externalId: token(), address: 'nobody', happenedAt: ago(50) }));
  expect(await state()).toBe('uncertain');
});

test('an id that is known is never taken for a stray one', async () => {
  const externalId = token();
  await another('accepted', `, external_id = '${externalId}', accepted_at = now()`);
  await desk.receive('viber', desk.receipt({ externalId, address: user, happenedAt: ago(50) }));
  expect(await state()).toBe('uncertain');
});

describe('of a message that is to go again', () => {
  const goesAgain = (outcome: string): Promise<unknown> =>
    t.db.query(
      `with again as (update message set state = 'queued' where id = $1 returning id, attempt, claimed_at)
       insert into attempt (message_id, attempt, worker, claimed_at, finished_at, outcome)
       select id, attempt, 'w', claimed_at, claimed_at, $2 from again`,
      [doubtful.messageId, outcome],
    );

  test.each(['uncertain', 'rescued'])('after a doubt (%s) it is understood, and the message does not go', async (outcome) => {
    await goesAgain(outcome);
    await desk.receive('viber', desk.receipt({ externalId: token(), address: user, happenedAt: ago(50) }));
    expect(await state()).toBe('delivered');
  });

  test('it is not meant where its last request certainly never left', async () => {
    await goesAgain('deferred');
    await desk.receive('viber', desk.receipt({ externalId: token(), address: user, happenedAt: ago(50) }));
    expect(await state()).toBe('queued');
  });

  test('nobody can tell which is meant while another to the same person is in doubt', async () => {
    await goesAgain('uncertain');
    await another('uncertain');
    await desk.receive('viber', desk.receipt({ externalId: token(), address: user, happenedAt: ago(50) }));
    expect(await state()).toBe('queued');
  });
}); // prettier-ignore
