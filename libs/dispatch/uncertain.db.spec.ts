import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SendOutcome } from '#channels/channel';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { at, NOON, OutboxBuilder, type Queued } from '#testkit/outbox';
import { ScriptedChannel } from '#testkit/scripted-channel';
import { Composer } from './composer.js';
import { Definitions } from './definitions.js';
import { Uncertainties, type UncertainCounts } from './uncertain.js';

let t: TestDatabase;
let outbox: OutboxBuilder;
let clock: SteppedClock;
let sms: ScriptedChannel;
let ended: string[];
let asked: { id: string; text: string; since: Date }[];

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  outbox = await OutboxBuilder.open(t.db);
  clock = new SteppedClock(NOON);
  sms = new ScriptedChannel('sms-a');
  asked = [];
  ended = [];
});
afterAll(() => t.drop());

const none = { looked: 0, accepted: 0, failed: 0, queued: 0, abandoned: 0 };

function answer(found: SendOutcome | 'not_found'): void {
  sms.lookup = ({ id, text }, since) => {
    asked.push({ id, text, since });
    return Promise.resolve(found);
  };
}

async function run(seconds: number, signal = new AbortController().signal): Promise<UncertainCounts> {
  clock.set(new Date(NOON.getTime() + seconds * 1000));
  const definitions = new Definitions(t.db);
  const composer = new Composer(definitions, outbox.vault, clock, 'https://opyt.example');
  return new Uncertainties(t.db, clock, new Map([['sms-a', sms]]), definitions, composer, {
    doubtEnded: (sender, how) => ended.push(`${sender} ${how}`),
  }).runOnce(clock.now(), signal);
}

/** Sent ten seconds before noon, uncertain since noon, due for a look half a minute later. */
async function doubtful(campaignId = outbox.campaignId): Promise<Queued> {
  const [queued] = await outbox.queue(1, {}, campaignId);
  await t.db.query(
    `update message set state = 'uncertain', attempt = 1, claimed_by = 'w', claimed_at = $3, follow_up_at = $2 where id = $1`,
    [queued?.messageId, new Date(NOON.getTime() + 30_000), new Date(NOON.getTime() - 10_000)],
  );
  await t.db.query(
    `insert into attempt (message_id, attempt, worker, claimed_at, finished_at, outcome) values ($1, 1, 'w', $2, $3, 'uncertain')`,
    [queued?.messageId, new Date(NOON.getTime() - 10_000), NOON],
  );
  return queued as Queued;
}

test('nobody is asked before receipts had time to come', async () => {
  answer('not_found');
  await doubtful();
  expect(await run(29)).toEqual(none);
  expect(asked).toEqual([]);
});

test('the carrier is asked for the very message, from the moment its request began', async () => {
  answer({ outcome: 'accepted', externalId: 'SM1', parts: 3 });
  const { messageId, invitationId, code } = await doubtful();
  expect(await run(30)).toEqual({ ...none, looked: 1, accepted: 1 });
  expect(asked).toEqual([
    {
      id: messageId,
      text: `2 березня, ЦНАП: https://opyt.example/${code}`,
      since: new Date(NOON.getTime() - 10_000),
    },
  ]);
  const { rows } = await t.db.query('select state, external_id, parts, accepted_at, reason from message');
  expect(rows).toEqual([
    { state: 'accepted', external_id: 'SM1', parts: 3, accepted_at: clock.now(), reason: null },
  ]);
  expect(await outbox.value('invitation', invitationId, 'sent_at')).toEqual(clock.now());
  expect(ended).toEqual(['sms-a lookup']);
});

test('"no such message" is no proof: without the campaign\'s word nothing is sent again', async () => {
  answer('not_found');
  const { messageId } = await doubtful();
  await run(30);
  expect(await run(150)).toEqual({ ...none, looked: 1 });
  expect(await outbox.value('message', messageId, 'state')).toBe('uncertain');
});

test('a campaign that wants it so sends again two minutes after, when the carrier still knows of nothing', async () => {
  answer('not_found');
  const { messageId } = await doubtful(await outbox.campaign({ onUncertain: 'resend' }, 'resend'));
  expect(await run(30)).toEqual({ ...none, looked: 1 });
  expect(await run(60)).toEqual(none);
  expect(await run(90)).toEqual({ ...none, looked: 1 });
  expect(await run(150)).toEqual({ ...none, looked: 1, queued: 1 });
  expect(await outbox.value('message', messageId, 'state')).toBe('queued');
  expect(await outbox.value('message', messageId, 'due_at')).toEqual(clock.now());
  expect(asked).toHaveLength(3);
  expect(ended).toEqual(['sms-a lookup_resend']);
});

test('a refusal found out later is a refusal', async () => {
  answer({ outcome: 'blocked', why: 'opted_out', vendorCode: '21610', detail: 'STOP' });
  const { invitationId } = await doubtful();
  expect(await run(30)).toEqual({ ...none, looked: 1, failed: 1 });
  expect(await outbox.value('invitation', invitationId, 'refused_at')).toEqual(clock.now());
  const { rows } = await t.db.query(
    'select reason, vendor_code, (select count(*)::int from suppression) as n from message',
  );
  expect(rows).toEqual([{ reason: 'opted_out', vendor_code: '21610', n: 1 }]);
  expect(ended).toEqual(['sms-a lookup']);
});

test('where nobody can be asked the message is given up after an hour, not sent again', async () => {
  const { messageId } = await doubtful();
  expect(await run(30)).toEqual({ ...none, looked: 1 });
  expect(await run(3600)).toEqual({ ...none, looked: 1, abandoned: 1 });
  expect(await outbox.value('message', messageId, 'state')).toBe('abandoned');
  expect(await outbox.value('message', messageId, 'settled_at')).toEqual(at(1));
  expect(await run(9999)).toEqual(none);
  expect(ended).toEqual(['sms-a policy_abandon']);
});

test('unless its campaign wants it sent', async () => {
  const { messageId } = await doubtful(await outbox.campaign({ onUncertain: 'resend' }, 'resend'));
  await run(30);
  expect(await run(3600)).toEqual({ ...none, looked: 1, queued: 1 });
  expect(await outbox.value('message', messageId, 'state')).toBe('queued');
  expect(ended).toEqual(['sms-a policy_resend']);
});

test('a receipt that came first wins', async () => {
  const { messageId } = await doubtful();
  sms.lookup = async () => {
    await t.db.query(`update message set state = 'accepted', external_id = 'by-receipt' where id = $1`, [
      messageId,
    ]);
    return 'not_found';
  };
  expect(await run(3600)).toEqual({ ...none, looked: 1 });
  expect(await outbox.value('message', messageId, 'external_id')).toBe('by-receipt');
  expect(ended).toEqual([]);
});

test('when the process stops, nobody is asked any more', async () => {
  answer('not_found');
  await doubtful();
  expect(await run(30, AbortSignal.abort())).toEqual({ ...none, looked: 1 });
  expect(asked).toEqual([]);
});

test('workers that look at once ask once', async () => {
  answer('not_found');
  for (let i = 0; i < 12; i++) await doubtful();
  await Promise.all([run(30), run(30), run(30)]);
  expect(asked).toHaveLength(12);
  expect(new Set(asked.map(({ id }) => id)).size).toBe(12);
});
