import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CarrierFact } from '#channels/channel';
import { isSuppressed } from '#contacts/suppression.sql';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';
import { invitationByCode } from './invitation.sql.js';
import { OptOutDesk } from './opt-out-desk.js';

let t: TestDatabase;
let desk: ReplyDesk;
let sent: Sent;
let user: string;
let made = 0;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());
beforeEach(async () => {
  user = `01234/user+${++made}==`;
  sent = await desk.invite();
});

const started = (code?: string, over: object = {}): CarrierFact => ({
  kind: 'conversation_started',
  dedupeKey: `s${++made}`,
  address: user,
  ...(code ? { context: code } : {}),
  subscribed: false,
  detail: {},
  ...over,
});
const event = (kind: 'subscribed' | 'unsubscribed', happenedAt?: Date): CarrierFact => ({
  kind,
  dedupeKey: `e${++made}`,
  address: user,
  ...(happenedAt ? { happenedAt } : {}),
  detail: {},
});
const subscriber = (): Promise<Record<string, unknown>> =>
  desk.row('select * from viber_subscriber where user_id = $1', user);
const press = (value: string, question = 'quality'): Promise<string> =>
  desk.says(user, `v1:${sent.code}:${question}:${value}`);

test('opening the link binds the subscriber to the invited person and counts as opened', async () => {
  await desk.receive('viber', started(sent.code, { language: 'uk', apiVersion: 10 }));
  expect(await subscriber()).toMatchObject({
    contact_id: sent.contactId, link_source: 'code', language: 'uk', api_version: 10, subscribed_at: null,
  }); // prettier-ignore
  expect((await desk.invitation(sent.invitationId))['opened_at']).toBeInstanceOf(Date);
});

test('the welcome asks the first open question, and again the same when the call is repeated', async () => {
  await desk.receive('viber', started(sent.code));
  const welcome = await desk.applier.welcome(sent.code);
  expect(welcome.text).toContain('Як Вас обслужили?');
  expect(welcome.keyboard?.buttons[4]?.reply).toBe(`v1:${sent.code}:quality:5`);
  expect(await desk.applier.welcome(sent.code)).toEqual(welcome);
});

test.each([undefined, 'zzzzzzzz'])('the welcome without an invitation (%s) explains itself', async (code) => {
  expect((await desk.applier.welcome(code)).text).toMatch(/опитування/);
  await desk.receive('viber', started(code));
  expect((await subscriber())['contact_id']).toBeNull();
});

test('presses walk through the survey by Viber', async () => {
  await desk.receive('viber', started(sent.code));
  expect(await press('2')).toBe('answer');
  expect(await desk.sendAll(sent.invitationId)).toEqual(['question:reason']);
  await press('queue', 'reason');
  expect(await desk.sendAll(sent.invitationId)).toEqual(['question:recommend']);
  await press('9', 'recommend');
  expect(await desk.sendAll(sent.invitationId)).toEqual(['question:comment']);
  await press('-', 'comment');
  expect(await desk.sendAll(sent.invitationId)).toEqual(['thanks']);
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 2, reason: ['queue'], recommend: 9, comment: null });
  expect(await desk.invitation(sent.invitationId)).toMatchObject({ completed_via: 'viber' });
  const { rows } = await t.db.query(`select distinct channel, sender, subscriber_id from message where invitation_id = $1 and kind <> 'invite'`, [sent.invitationId]);
  expect(rows).toEqual([{ channel: 'viber', sender: 'viber', subscriber_id: (await subscriber())['id'] }]);
}); // prettier-ignore

test('a second press under an older question changes its answer and asks nothing anew', async () => {
  await desk.receive('viber', started(sent.code));
  await press('4');
  expect(await desk.sendAll(sent.invitationId)).toEqual(['question:recommend']);
  expect(await press('5')).toBe('answer');
  expect(await desk.sendAll(sent.invitationId)).toEqual([]);
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 5 });
});

test('a press answers its own invitation, not the latest one', async () => {
  await desk.receive('viber', started(sent.code));
  const other = await desk.invite({ phone: sent.phone });
  await press('5');
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 5 });
  expect(await desk.answers(other.invitationId)).toEqual({});
});

test.each([
  ['an unknown code', 'v1:zzzzzzzz:quality:5', 'unknown_button'],
  ['an unknown question', 'v1:CODE:nothing:5', 'unknown_button'],
  ['a mark beyond the scale', 'v1:CODE:quality:9', 'unclear'],
])('a press with %s changes nothing', async (_name, reply, meaning) => {
  await desk.receive('viber', started(sent.code));
  expect(await desk.says(user, reply.replace('CODE', sent.code))).toBe(meaning);
  expect(await desk.answers(sent.invitationId)).toEqual({});
});

test('words typed in the chat answer the question that the welcome asked', async () => {
  await desk.receive('viber', started(sent.code));
  expect(await desk.says(user, 'чудово!')).toBe('answer');
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 5 });
});

test('a stop in the chat holds for SMS too', async () => {
  await desk.receive('viber', started(sent.code));
  await desk.says(user, 'Стоп');
  expect(await isSuppressed(t.db, desk.builders.vault.phoneHash(sent.phone), 'sms')).toBe(true);
  expect(await desk.sendAll(sent.invitationId)).toEqual(['notice:opted_out']);
});

test('leaving the bot closes Viber alone, and writing to it opens it again', async () => {
  const hash = desk.builders.vault.phoneHash(sent.phone);
  await desk.receive('viber', started(sent.code));
  await press('4');
  desk.clock.advance(1000);
  await desk.receive('viber', event('unsubscribed'));
  expect([await isSuppressed(t.db, hash, 'viber'), await isSuppressed(t.db, hash, 'sms')]).toEqual([
    true,
    false,
  ]);
  expect(await desk.sendAll(sent.invitationId)).toEqual([]);
  expect(await desk.says(user, '8')).toBe('answer');
  expect(await isSuppressed(t.db, hash, 'viber')).toBe(false);
  expect(await subscriber()).toMatchObject({ unsubscribed_at: null });
});

test('coming back and leaving count by when they happened, not by when we heard', async () => {
  await desk.receive('viber', started(sent.code));
  const at = (second: number): Date => new Date(desk.clock.now().getTime() - 60_000 + second * 1000);
  await desk.receive('viber', event('subscribed', at(30)));
  await desk.receive('viber', event('unsubscribed', at(10)));
  expect(await subscriber()).toMatchObject({ unsubscribed_at: null, subscribed_at: at(30) });
  await desk.receive('viber', event('unsubscribed', at(40)), event('subscribed', at(35)));
  expect(await subscriber()).toMatchObject({ unsubscribed_at: at(40) });
});

test('a shared number is a claim: kept sealed, binding nobody', async () => {
  const shared: CarrierFact = { kind: 'shared_phone', dedupeKey: 'claim', address: user, phone: sent.phone, detail: {} };
  await desk.receive('viber', shared);
  expect((await subscriber())['contact_id']).toBeNull();
  const row = await desk.row<{ meaning: string; text_cipher: Buffer }>(`select * from carrier_fact where dedupe_key = 'claim'`);
  expect([row.meaning, desk.builders.vault.open(row.text_cipher)]).toEqual(['claim', sent.phone]);
}); // prettier-ignore

test('a link opened after the end says so', async () => {
  await t.db.query('update invitation set expires_at = $2 where id = $1', [
    sent.invitationId,
    desk.clock.now(),
  ]);
  await desk.receive('viber', started(sent.code));
  expect(await desk.applier.welcome(sent.code)).toEqual({
    text: expect.stringContaining('завершено') as unknown,
  });
});

const smsStopped = (of: Sent): Promise<boolean> =>
  isSuppressed(t.db, desk.builders.vault.phoneHash(of.phone), 'sms');
/** What retention leaves of the facts once their time is over. */
const forgetWords = (): Promise<unknown> =>
  t.db.query(
    'update carrier_fact set address_hash = null, address_cipher = null, text_cipher = null, key_id = null',
  );

describe('a stop said in the chat', () => {
  test('before the number was known holds for the number once it is, however much later that is', async () => {
    expect(await desk.says(user, 'Стоп')).toBe('opt_out');
    expect((await subscriber())['stopped_at']).toEqual(desk.clock.now());
    await forgetWords();
    await desk.receive('viber', started(sent.code));
    expect([await smsStopped(sent), (await subscriber())['contact_id']]).toEqual([true, sent.contactId]);
  });

  test('while linked to one number holds for another whose link is opened later', async () => {
    await desk.receive('viber', started(sent.code));
    await desk.says(user, 'Стоп');
    const other = await desk.invite({ state: 'queued' });
    await desk.receive('viber', started(other.code));
    expect([await smsStopped(sent), await smsStopped(other)]).toEqual([true, true]);
    const { rows } = await t.db.query('select state, reason from message where id = $1', [other.messageId]);
    expect(rows).toEqual([{ state: 'cancelled', reason: 'opted_out' }]);
  });

  test('is over once the person says so there, and only by a later word', async () => {
    await desk.says(user, 'Стоп');
    const before = new Date(desk.clock.now().getTime() - 1000);
    expect(await desk.says(user, 'Старт', { happenedAt: before })).toBe('opt_in');
    expect((await subscriber())['stopped_at']).not.toBeNull();
    expect(await desk.says(user, 'Старт')).toBe('opt_in');
    await desk.receive('viber', started(sent.code));
    expect([await smsStopped(sent), (await subscriber())['stopped_at']]).toEqual([false, null]);
  });

  test('is over once the person says so by text or on the page of the number', async () => {
    await desk.receive('viber', started(sent.code));
    await desk.says(user, 'Стоп');
    expect(await desk.says(sent.phone, 'Старт')).toBe('opt_in');
    expect((await subscriber())['stopped_at']).toBeNull();
    await desk.says(user, 'Стоп');
    const invitation = await invitationByCode(t.db, sent.code);
    if (invitation) await new OptOutDesk(t.db).resume(invitation, desk.clock.now());
    expect((await subscriber())['stopped_at']).toBeNull();
    const other = await desk.invite();
    await desk.receive('viber', started(other.code));
    expect([await smsStopped(sent), await smsStopped(other)]).toEqual([false, false]);
  });

  test('is not what "wrong number" says: that holds for the number alone', async () => {
    await desk.receive('viber', started(sent.code));
    expect(await desk.says(user, 'це не мій номер')).toBe('wrong_number');
    const other = await desk.invite();
    await desk.receive('viber', started(other.code));
    expect([await smsStopped(sent), await smsStopped(other)]).toEqual([true, false]);
  });
});
