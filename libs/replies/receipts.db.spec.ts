import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isSuppressed } from '#contacts/suppression.sql';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk } from '#testkit/reply-desk';

let t: TestDatabase;
let desk: ReplyDesk;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());

const message = (id: string): Promise<Record<string, unknown>> =>
  desk.row('select * from message where id = $1', id);

test('a delivery, found by our own id, moves the message and sets the fact of its invitation', async () => {
  const { messageId, invitationId } = await desk.invite();
  const counts = await desk.receive('twilio', desk.receipt({ messageId, externalId: 'other' }));
  expect(counts).toEqual({ applied: 1, waiting: 0, unmatched: 0, failed: 0 });
  expect(await message(messageId)).toMatchObject({ state: 'delivered', settled_at: desk.clock.now() });
  expect((await desk.invitation(invitationId))['delivered_at']).toEqual(desk.clock.now());
});

test('a receipt without our id is matched by the id of the carrier', async () => {
  const { messageId } = await desk.invite();
  const { external_id: externalId } = await message(messageId);
  await desk.receive('twilio', desk.receipt({ externalId: String(externalId), status: 'undelivered', vendorCode: '30003' }));
  expect(await message(messageId)).toMatchObject({
    state: 'failed',
    reason: 'carrier_undelivered',
    vendor_code: '30003',
    follow_up_at: desk.clock.now(),
  });
}); // prettier-ignore

test('receipts that come in the wrong order end where they should', async () => {
  const { messageId, invitationId } = await desk.invite();
  const at = (minute: number): { happenedAt: Date } => ({ happenedAt: new Date(desk.clock.now().getTime() - minute * 60_000) });
  await desk.receive('twilio', desk.receipt({ messageId, status: 'seen', ...at(1) }));
  await desk.receive('twilio', desk.receipt({ messageId, status: 'delivered', ...at(3) }), desk.receipt({ messageId, status: 'sent', ...at(4) }));
  expect((await message(messageId))['state']).toBe('delivered');
  const { seen_at, delivered_at } = await desk.invitation(invitationId);
  expect([seen_at, delivered_at]).toEqual([at(1).happenedAt, at(3).happenedAt]);
}); // prettier-ignore

test('a receipt resolves an uncertain message, and teaches the id that the lost answer held', async () => {
  const { messageId, invitationId } = await desk.invite({ state: 'uncertain' });
  await t.db.query('update invitation set sent_at = null, sent_channel = null where id = $1', [invitationId]);
  await desk.receive('twilio', desk.receipt({ messageId, externalId: 'SMlost', status: 'sent' }));
  expect(await message(messageId)).toMatchObject({
    state: 'accepted',
    external_id: 'SMlost',
    accepted_at: desk.clock.now(),
  });
  expect(await desk.invitation(invitationId)).toMatchObject({
    sent_at: desk.clock.now(),
    sent_channel: 'sms',
  });
  await desk.receive('twilio', desk.receipt({ externalId: 'SMlost' }));
  expect((await message(messageId))['state']).toBe('delivered');
  expect(desk.doubtsEnded).toEqual(['twilio receipt']);
});

test('a receipt that overtakes the answer to our request waits, and is applied once it is there', async () => {
  const { messageId } = await desk.invite({ state: 'sending' });
  expect(await desk.receive('twilio', desk.receipt({ messageId }))).toMatchObject({ applied: 0, waiting: 1 });
  await t.db.query(
    `update message set state = 'accepted', claimed_by = null, external_id = 'SMlate' where id = $1`,
    [messageId],
  );
  desk.clock.advance(10_000);
  expect(await desk.applier.applyPending()).toMatchObject({ applied: 1, waiting: 0 });
  expect((await message(messageId))['state']).toBe('delivered');
});

test('a receipt for a message that a dead worker holds waits as long as that takes', async () => {
  const { messageId } = await desk.invite({ state: 'sending' });
  await desk.receive('twilio', desk.receipt({ messageId }));
  desk.clock.advance(5 * 3_600_000);
  expect(await desk.applier.applyPending()).toMatchObject({ waiting: 1, unmatched: 0 });
  await t.db.query(`update message set state = 'uncertain', claimed_by = null where id = $1`, [messageId]);
  expect(await desk.applier.applyPending()).toMatchObject({ applied: 1, waiting: 0 });
  expect((await message(messageId))['state']).toBe('delivered');
});

test('a message that waits to go again does not, once a receipt says that the carrier has it', async () => {
  const { messageId, invitationId } = await desk.invite({ state: 'queued' });
  await t.db.query(`update message set attempt = 1, reason = 'not_sent' where id = $1`, [messageId]);
  const receipt = desk.receipt({ messageId, externalId: 'SMfirst' });
  expect(await desk.receive('twilio', receipt)).toMatchObject({ applied: 1, waiting: 0 });
  expect(await message(messageId)).toMatchObject({
    state: 'delivered', external_id: 'SMfirst', accepted_at: desk.clock.now(), follow_up_at: desk.clock.now(),
  }); // prettier-ignore
  expect((await desk.invitation(invitationId))['sent_at']).toEqual(desk.clock.now());
});

test('the failure of a first try does not fail the second, which the carrier took under another id', async () => {
  const { messageId } = await desk.invite();
  await t.db.query('update message set attempt = 2 where id = $1', [messageId]);
  await desk.receive('twilio', desk.receipt({ messageId, externalId: 'SMfirst', status: 'undelivered' }));
  expect((await message(messageId))['state']).toBe('accepted');
  await desk.receive('twilio', desk.receipt({ messageId, externalId: 'SMfirst', status: 'delivered' }));
  expect((await message(messageId))['state']).toBe('delivered');
});

test('a receipt that belongs to nothing is kept for an hour, then put aside', async () => {
  expect(await desk.receive('viber', desk.receipt({ externalId: '5741311803571721087' }))).toMatchObject({ waiting: 1 });
  desk.clock.advance(30 * 60_000);
  expect(await desk.applier.applyPending()).toMatchObject({ waiting: 1, unmatched: 0 });
  desk.clock.advance(31 * 60_000);
  expect(await desk.applier.applyPending()).toMatchObject({ waiting: 0, unmatched: 1 });
  expect(await desk.applier.applyPending()).toEqual({ applied: 0, waiting: 0, unmatched: 0, failed: 0 });
}); // prettier-ignore

test('another sender cannot speak for a message', async () => {
  const { messageId } = await desk.invite();
  expect(await desk.receive('viber', desk.receipt({ messageId }))).toMatchObject({ applied: 0, waiting: 1 });
  expect((await message(messageId))['state']).toBe('accepted');
});

test('a carrier that says the person opted out closes its channel to them, and tells the invitation', async () => {
  const { messageId, invitationId, phone } = await desk.invite();
  await desk.receive(
    'twilio',
    desk.receipt({ messageId, status: 'failed', vendorCode: '21610', optedOut: true }),
  );
  const hash = desk.builders.vault.phoneHash(phone);
  expect(await isSuppressed(t.db, hash, 'sms')).toBe(true);
  expect(await isSuppressed(t.db, hash, 'viber')).toBe(false);
  expect((await message(messageId))['reason']).toBe('opted_out');
  expect((await desk.invitation(invitationId))['refused_at']).toEqual(desk.clock.now());
});

test('a delivery that comes after we gave the message up is still a fact of the invitation', async () => {
  const { messageId, invitationId } = await desk.invite({ state: 'abandoned' });
  await desk.receive('twilio', desk.receipt({ messageId }));
  expect((await message(messageId))['state']).toBe('abandoned');
  expect((await desk.invitation(invitationId))['delivered_at']).toEqual(desk.clock.now());
});

test('one receipt that cannot be applied does not hold up the others', async () => {
  const [poisoned, sound] = [await desk.invite(), await desk.invite()];
  await t.db.query(
    `create function poison() returns trigger language plpgsql as $$ begin raise 'poisoned'; end $$;
     create trigger poison before update on message for each row when (old.id = ${poisoned.messageId}) execute function poison()`,
  );
  const ids = await desk.record(
    'twilio',
    desk.receipt({ messageId: poisoned.messageId }),
    desk.receipt({ messageId: sound.messageId }),
  );
  expect(await desk.applier.apply(ids)).toEqual({ applied: 1, waiting: 0, unmatched: 0, failed: 1 });
  expect((await message(sound.messageId))['state']).toBe('delivered');
  await t.db.query('drop trigger poison on message');
  expect(await desk.applier.apply(ids)).toMatchObject({ applied: 1, failed: 0 });
  expect((await message(poisoned.messageId))['state']).toBe('delivered');
});

test('hundreds of receipts in one call are applied together, and a second run finds nothing to do', async () => {
  const sent = [];
  for (let i = 0; i < 40; i++) sent.push(await desk.invite());
  const facts = sent.flatMap(({ messageId }) =>
    (['sent', 'delivered', 'seen'] as const).map((status) => desk.receipt({ messageId, status })),
  );
  const ids = await desk.record('twilio', ...facts);
  expect(await desk.applier.apply(ids)).toMatchObject({ applied: 120, waiting: 0, failed: 0 });
  expect(await desk.applier.apply(ids)).toMatchObject({ applied: 0, waiting: 0, failed: 0 });
  const { rows } = await t.db.query<{ state: string }>(
    'select distinct state from message where id = any($1::bigint[])',
    [sent.map(({ messageId }) => messageId)],
  );
  expect(rows).toEqual([{ state: 'delivered' }]);
});

describe('of two channels', () => {
  /** A Viber invite, and the SMS that took over from it. */
  async function both(states: {
    viber: string;
    sms: string;
  }): Promise<Record<'viber' | 'sms' | 'invitation', string>> {
    const { messageId: sms, invitationId: invitation } = await desk.invite({ state: states.sms });
    const settled =
      states.viber === 'failed' ? { settled_at: desk.clock.now() } : { accepted_at: desk.clock.now() };
    const viber = await desk.builders.message(invitation, {
      channel: 'viber',
      state: states.viber,
      attempt: 1,
      ...settled,
    });
    await t.db.query('update message set fallback_of = $2 where id = $1', [sms, viber]);
    return { viber, sms, invitation };
  }
  const overlap = async (id: string): Promise<unknown> => (await desk.invitation(id))['overlap_at'];

  test.each([
    ['the first, after the second went out', { viber: 'accepted', sms: 'accepted' }, ['viber'], true],
    ['the first, while the second is being sent', { viber: 'accepted', sms: 'sending' }, ['viber'], true],
    ['both', { viber: 'accepted', sms: 'accepted' }, ['sms', 'viber'], true],
    ['the first, before the second was sent', { viber: 'accepted', sms: 'queued' }, ['viber'], false],
    [
      'the second, in place of a first that never did',
      { viber: 'accepted', sms: 'accepted' },
      ['sms'],
      false,
    ],
    ['the second, after the first failed', { viber: 'failed', sms: 'accepted' }, ['sms'], false],
  ] as const)(
    'that %s arrives is kept as reaching the person twice, or not',
    async (_, states, arrivals, twice) => {
      const made = await both(states);
      for (const channel of arrivals)
        await desk.receive('twilio', desk.receipt({ messageId: made[channel] }));
      expect(await overlap(made.invitation)).toEqual(twice ? desk.clock.now() : null);
      expect((await desk.invitation(made.invitation))['delivered_at']).toEqual(desk.clock.now());
    },
  );
});
