import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { wordingHash } from '#rendering/approval';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { NOON, OutboxBuilder, type Queued } from '#testkit/outbox';
import { ScriptedChannel } from '#testkit/scripted-channel';
import { Composer } from './composer.js';
import { Definitions } from './definitions.js';
import { Dispatcher } from './dispatcher.js';
import { FollowUps } from './follow-up.js';

const WORDING = 'Viber {{centre}}: {{link}} дякуємо';
let t: TestDatabase;
let outbox: OutboxBuilder;
let sms: ScriptedChannel;
let viber: ScriptedChannel;
let dispatcher: Dispatcher;

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  await t.db.query('truncate text_approval');
  outbox = await OutboxBuilder.open(t.db);
  const clock = new SteppedClock(NOON);
  sms = new ScriptedChannel('sms-a', { twoWay: false });
  viber = new ScriptedChannel('viber-a', { channel: 'viber', twoWay: false, approvedTextsOnly: true });
  const definitions = new Definitions(t.db);
  const composer = new Composer(definitions, outbox.vault, clock, 'https://opyt.example');
  const channels = new Map([sms, viber].map((channel) => [channel.sender, channel]));
  dispatcher = new Dispatcher(channels, {
    database: t.db,
    clock,
    definitions,
    composer,
    worker: 'w',
    concurrency: 8,
  });
});
afterAll(() => t.drop());

const invite = async (): Promise<Queued> =>
  (await outbox.queue(1, { channel: 'viber', channels: ['viber', 'sms'] }))[0] as Queued;
const decide = (state: string, sender = 'viber-a', wording = WORDING): Promise<unknown> =>
  t.db.query(
    `insert into text_approval (sender, text_hash, state, updated_at) values ($1, $2, $3, $4)
     on conflict (sender, text_hash) do update set state = excluded.state`,
    [sender, wordingHash(wording), state, NOON],
  );
const followUp = (): Promise<unknown> => new FollowUps(t.db, new Definitions(t.db)).runOnce(NOON);

test('a wording that nobody approved is never sent; the next channel takes over at once, with its reason kept', async () => {
  const { messageId } = await invite();
  await dispatcher.runOnce();
  expect(viber.sent).toEqual([]);
  expect(await outbox.value('message', messageId, 'state')).toBe('failed');
  expect(await outbox.value('message', messageId, 'reason')).toBe('not_approved');
  await followUp();
  await dispatcher.runOnce();
  expect(sms.sent).toHaveLength(1);
});

test.each([
  ['submitted', 'viber-a', WORDING, 0],
  ['rejected', 'viber-a', WORDING, 0],
  ['approved', 'another', WORDING, 0],
  ['approved', 'viber-a', `${WORDING}!`, 0],
  ['approved', 'viber-a', `${WORDING}\n`, 1],
])('%s for %s: %j lets %i message out', async (state, sender, wording, count) => {
  await decide(state, sender, wording);
  await invite();
  await dispatcher.runOnce();
  expect(viber.sent).toHaveLength(count);
});

test('an approval taken back between two claims holds for the second', async () => {
  await decide('approved');
  await invite();
  await dispatcher.runOnce();
  await decide('rejected');
  await invite();
  await dispatcher.runOnce();
  expect(viber.sent).toHaveLength(1);
});

test('a one-way sender never sends a text that asks for a reply', async () => {
  await t.db.query('update definition set content = $2 where id = $1', [
    outbox.inviteId,
    JSON.stringify({ texts: { uk: { sms: 'Надішліть оцінку або натисніть: {{link}}' } } }),
  ]);
  const [one] = await outbox.queue(1);
  await dispatcher.runOnce();
  expect(sms.sent).toEqual([]);
  expect(await outbox.value('message', one?.messageId ?? '', 'reason')).toBe('asks_reply');
});
