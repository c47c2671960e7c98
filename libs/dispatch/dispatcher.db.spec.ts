import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SendOutcome } from '#channels/channel';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { at, NOON, OutboxBuilder } from '#testkit/outbox';
import { ScriptedChannel } from '#testkit/scripted-channel';
import { messageClaimDue, messageClaimPlan, NO_TURN } from './claim.sql.js';
import { Composer } from './composer.js';
import { Definitions } from './definitions.js';
import { Dispatcher } from './dispatcher.js';
import { Upkeep } from './upkeep.js';

let t: TestDatabase;
let outbox: OutboxBuilder;
let clock: SteppedClock;
let sms: ScriptedChannel;
let viber: ScriptedChannel;

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  outbox = await OutboxBuilder.open(t.db);
  clock = new SteppedClock(NOON);
  sms = new ScriptedChannel('sms-a');
  viber = new ScriptedChannel('viber-a', { channel: 'viber' });
});
afterAll(() => t.drop());

function dispatcher(worker = 'worker-1', concurrency = 64, channels = [sms, viber]): Dispatcher {
  const definitions = new Definitions(t.db);
  const composer = new Composer(definitions, outbox.vault, clock, 'https://opyt.example');
  return new Dispatcher(new Map(channels.map((channel) => [channel.sender, channel])), {
    database: t.db,
    clock,
    definitions,
    composer,
    worker,
    concurrency,
  });
}

const upkeep = (): Upkeep => new Upkeep(t.db, clock, new Definitions(t.db));
const outcome = (end: SendOutcome): void => {
  sms.script = () => end;
};

describe('sending', () => {
  test('a due message is rendered, sent once and stands as accepted', async () => {
    const [one] = await outbox.queue(1);
    expect(await dispatcher().runOnce()).toMatchObject({ claimed: 1, accepted: 1 });
    expect(sms.sent).toEqual([
      {
        id: one?.messageId,
        attempt: 1,
        address: one?.phone,
        text: `2 березня, ЦНАП: https://opyt.example/${one?.code}`,
        publicUrl: 'https://opyt.example',
        validForSeconds: 8 * 3600,
      },
    ]);
    const id = one?.messageId ?? '';
    expect(await outbox.value('message', id, 'state')).toBe('accepted');
    expect(await outbox.value('message', id, 'external_id')).toBe(`ext-${id}-1`);
    expect(await outbox.value('message', id, 'accepted_at')).toEqual(NOON);
    expect(await outbox.value('invitation', one?.invitationId ?? '', 'sent_at')).toEqual(NOON);
    expect(await outbox.value('invitation', one?.invitationId ?? '', 'sent_channel')).toBe('sms');
    expect(await outbox.value('message', id, 'claimed_by')).toBe('worker-1');
    expect(await outbox.value('message', id, 'claimed_at')).toEqual(NOON);
    expect(await t.db.query('select from attempt')).toMatchObject({ rowCount: 0 });
    expect(await dispatcher().runOnce()).toMatchObject({ claimed: 0 });
  });

  test('conversation goes before invites, invites before reminders, each in the order they were due', async () => {
    const late = await outbox.queue(1, { dueAt: at(-1) });
    const early = await outbox.queue(1, { dueAt: at(-2) });
    const reminder = await outbox.queue(1, { kind: 'reminder', priority: 6, dueAt: at(-3) });
    const question = await outbox.queue(1, {
      kind: 'question',
      priority: 0,
      content: { question: 'quality' },
      closesAt: null,
    });
    await dispatcher('worker-1', 1).runOnce();
    expect(sms.sent.map(({ id }) => id)).toEqual(
      [...question, ...early, ...late, ...reminder].map(({ messageId }) => messageId),
    );
    expect(sms.sent[0]?.text).toContain('Як Вас обслужили?');
  });

  test('a notice is sent in the language asked for', async () => {
    await outbox.queue(1, { kind: 'notice', priority: 0, content: { notice: 'opted_out' }, locale: 'en' });
    await dispatcher().runOnce();
    expect(sms.sent[0]?.text).toContain('We will not write to you again');
  });

  test('no more are in flight than the smaller of the two limits', async () => {
    await outbox.queue(30);
    await dispatcher('worker-1', 7).runOnce();
    expect(sms.mostInFlight).toBe(7);
    const few = new ScriptedChannel('sms-a', { concurrency: 3 });
    await outbox.queue(30);
    await dispatcher('worker-1', 7, [few]).runOnce();
    expect(few.mostInFlight).toBe(3);
  });

  test('a full claim is followed by the next until nothing is due', async () => {
    await outbox.queue(1200);
    expect(await dispatcher('worker-1', 8).runOnce()).toMatchObject({ claimed: 1200, accepted: 1200 });
    expect(new Set(sms.sent.map(({ address }) => address)).size).toBe(1200);
  });

  test('many workers at once send each message once', async () => {
    await outbox.queue(1000);
    const workers = Array.from({ length: 8 }, (_, n) => dispatcher(`worker-${n}`, 16));
    const counts = await Promise.all(workers.map((worker) => worker.runOnce()));
    expect(counts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1000);
    expect(sms.sent).toHaveLength(1000);
    expect(new Set(sms.sent.map(({ id }) => id)).size).toBe(1000);
    const { rows } = await t.db.query('select count(*)::int as n from message where attempt = 1');
    expect(rows).toEqual([{ n: 1000 }]);
  });

  test('a channel whose carrier cannot be asked holds no more than it can begin', async () => {
    await outbox.queue(50);
    const open = sms.hold();
    const worker = dispatcher('worker-1', 10);
    await worker.wake('sms-a');
    expect(await outbox.states()).toEqual({ queued: 40, sending: 10 });
    open();
    await worker.stop(new AbortController().signal);
    expect(sms.sent).toHaveLength(10);
  });
});

describe('what waits', () => {
  test.each([
    ['not due yet', { dueAt: at(1) }],
    ['its window is closed', { closesAt: NOON }],
    ['past its last moment', { notAfter: NOON }],
    ['its sender has no channel here', { sender: 'viber-a', channel: 'viber' as const }],
  ])('a message that is %s', async (_, spec) => {
    await outbox.queue(1, spec);
    await dispatcher('worker-1', 64, [sms]).runOnce();
    expect(sms.sent).toEqual([]);
    expect(await outbox.states()).toEqual({ queued: 1 });
  });

  test.each([
    ['enabled = false', 'is switched off'],
    [`stopped_at = '2026-01-01', stopped_reason = 'x'`, 'is stopped'],
  ])('anything of a sender with %s', async (change) => {
    await outbox.queue(1);
    await t.db.query(`update sender set ${change} where key = 'sms-a'`);
    await dispatcher().runOnce();
    expect(await outbox.states()).toEqual({ queued: 1 });
  });
});

describe('what is cancelled instead of being sent', () => {
  /** Why the one message was cancelled; fails when anything was sent. */
  async function reason(): Promise<unknown> {
    expect(await dispatcher().runOnce()).toMatchObject({ claimed: 0 });
    expect(sms.sent).toEqual([]);
    const { rows } = await t.db.query('select state, reason, attempt, settled_at from message');
    expect(rows).toEqual([{ state: 'cancelled', reason: expect.anything(), attempt: 0, settled_at: NOON }]);
    expect(await t.db.query('select from attempt')).toMatchObject({ rowCount: 0 });
    return rows[0]?.['reason'];
  }

  test.each([
    ['refused_at', 'opted_out'],
    ['wrong_number_at', 'wrong_number'],
    ['completed_at', 'answered'],
    ['cancelled_at', 'withdrawn'],
  ])('an invite whose invitation has %s', async (fact, why) => {
    const [one] = await outbox.queue(1);
    await t.db.query(
      `update invitation set ${fact} = $1, cancel_reason = case $2 when 'cancelled_at' then 'x' end where id = $3`,
      [NOON, fact, one?.invitationId],
    );
    expect(await reason()).toBe(why);
    expect(await outbox.value('message', one?.messageId ?? '', 'follow_up_at')).toEqual(NOON);
  });

  test('an invite that expired', async () => {
    await outbox.queue(1, { expiresAt: NOON });
    expect(await reason()).toBe('expired');
  });

  test('a reminder to somebody who has started, but not an invite or a question', async () => {
    await outbox.queue(1, { kind: 'reminder', priority: 6 });
    await t.db.query('update invitation set started_at = $1', [NOON]);
    expect(await reason()).toBe('answered');
    await outbox.queue(1);
    await outbox.queue(1, { kind: 'question', content: { question: 'quality' } });
    await t.db.query('update invitation set started_at = $1', [NOON]);
    expect(await dispatcher().runOnce()).toMatchObject({ accepted: 2 });
  });

  test.each(['delivered_at', 'seen_at', 'opened_at', 'started_at'])(
    'a fallback, once the first channel has %s',
    async (fact) => {
      await outbox.queue(1);
      await t.db.query(`update message set fallback_of = id`);
      await t.db.query(`update invitation set ${fact} = $1`, [NOON]);
      expect(await reason()).toBe('reached');
    },
  );

  test.each([null, 'sms'])('an SMS to a number suppressed for %s', async (channel) => {
    const [one] = await outbox.queue(1);
    await suppressed(one?.phone ?? '', channel);
    expect(await reason()).toBe('opted_out');
  });

  test('a message to a subscriber who left', async () => {
    const [one] = await outbox.queue(1);
    await subscribe(one?.messageId, 'user-1', NOON);
    expect(await reason()).toBe('opted_out');
  });

  test('but not what the refusal does not concern, and the notice that confirms it', async () => {
    const [other, lifted] = await outbox.queue(2, { kind: 'question', content: { question: 'quality' } });
    await suppressed(lifted?.phone ?? '', null);
    await t.db.query('update suppression set lifted_at = $1', [NOON]);
    await suppressed(other?.phone ?? '', 'viber');
    const [notice] = await outbox.queue(1, { kind: 'notice', content: { notice: 'opted_out' } });
    await suppressed(notice?.phone ?? '', null);
    const [subscriber] = await outbox.queue(1);
    await subscribe(subscriber?.messageId, 'user-2', null);
    expect(await dispatcher().runOnce()).toMatchObject({ accepted: 4 });
    expect(sms.sent.map(({ address }) => address)).toContain('user-2');
  });

  test('a queue full of refusals does not hold up those behind it', async () => {
    await outbox.queue(600, { dueAt: at(-2) });
    await t.db.query('update invitation set refused_at = $1', [NOON]);
    await outbox.queue(3);
    expect(await dispatcher('worker-1', 4).runOnce()).toMatchObject({ claimed: 3, accepted: 3 });
    expect(await outbox.states()).toEqual({ cancelled: 600, accepted: 3 });
  });
});

describe('what cannot be written', () => {
  test.each([
    ['the number was erased', `update contact set phone_cipher = null`],
    ['its text is not defined', `update message set template_id = null`],
  ])('fails: %s', async (detail, change) => {
    await outbox.queue(1);
    await t.db.query(change);
    expect(await dispatcher().runOnce()).toMatchObject({ claimed: 1, rejected: 1 });
    expect(sms.sent).toEqual([]);
    expect(await outbox.states()).toEqual({ failed: 1 });
    const { rows } = await t.db.query('select detail from attempt');
    expect(rows).toEqual([{ detail }]);
  });
});

describe('what the carrier answers', () => {
  test.each<[string, SendOutcome, object]>([
    [
      'a rejected recipient fails',
      { outcome: 'rejected', scope: 'recipient', vendorCode: '21614', detail: 'x' },
      { state: 'failed', reason: 'rejected_recipient', vendor_code: '21614' },
    ],
    [
      'rejected content fails',
      { outcome: 'rejected', scope: 'content', detail: 'x' },
      { state: 'failed', reason: 'rejected_content' },
    ],
    [
      'an unreachable person fails',
      { outcome: 'blocked', why: 'unreachable', detail: 'x' },
      { state: 'failed', reason: 'unreachable' },
    ],
    [
      'a refusal fails',
      { outcome: 'blocked', why: 'opted_out', detail: 'x' },
      { state: 'failed', reason: 'opted_out' },
    ],
    [
      'doubt is kept',
      { outcome: 'uncertain', detail: 'x' },
      { state: 'uncertain', reason: 'unknown_outcome' },
    ],
    [
      'a refused account keeps the message',
      { outcome: 'rejected', scope: 'sender', detail: 'x' },
      { state: 'queued', reason: 'rejected_sender' },
    ],
  ])('%s', async (_, end, row) => {
    // prettier-ignore
    await outbox.queue(1);
    outcome(end);
    await dispatcher().runOnce();
    const { rows } = await t.db.query('select state, reason, vendor_code from message');
    expect(rows).toMatchObject([row]);
    const { rows: attempts } = await t.db.query('select outcome, detail from attempt');
    expect(attempts).toEqual([{ outcome: end.outcome, detail: 'x' }]);
  });

  test('a deferred message is tried again after its wait, with a new attempt', async () => {
    const [one] = await outbox.queue(1);
    outcome({ outcome: 'deferred', retryAfterMs: 60_000, detail: 'busy' });
    const worker = dispatcher();
    await worker.runOnce();
    const due = (await outbox.value('message', one?.messageId ?? '', 'due_at')) as Date;
    expect(due.getTime() - NOON.getTime()).toBeGreaterThanOrEqual(60_000);
    await worker.runOnce();
    expect(sms.sent).toHaveLength(1);
    clock.set(due);
    outcome({ outcome: 'accepted', externalId: 'x' });
    await worker.runOnce();
    expect(sms.sent.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await outbox.states()).toEqual({ accepted: 1 });
  });

  test('a refusal is a fact, and the number is suppressed on that channel', async () => {
    const [one] = await outbox.queue(1);
    outcome({ outcome: 'blocked', why: 'opted_out', vendorCode: '21610', detail: 'STOP' });
    await dispatcher().runOnce();
    expect(await outbox.value('invitation', one?.invitationId ?? '', 'refused_at')).toEqual(NOON);
    const { rows } = await t.db.query('select address_hash, channel, reason from suppression');
    expect(rows).toEqual([
      { address_hash: outbox.vault.phoneHash(one?.phone ?? ''), channel: 'sms', reason: 'carrier' },
    ]);
  });

  test('a refused account stops its sender, with the reason, and nothing is lost', async () => {
    await outbox.queue(20);
    sms.lookup = () => Promise.resolve('not_found');
    outcome({ outcome: 'rejected', scope: 'sender', vendorCode: '20003', detail: 'authentication failed' });
    const worker = dispatcher('worker-1', 4);
    await worker.runOnce();
    const { rows } = await t.db.query(`select stopped_at, stopped_reason from sender where key = 'sms-a'`);
    expect(rows).toEqual([{ stopped_at: NOON, stopped_reason: 'authentication failed' }]);
    expect(await outbox.states()).toEqual({ queued: 20 });
    // Those in flight when the first refusal came; what was claimed ahead is given back.
    expect(sms.sent).toHaveLength(4);
  });

  test('a message our account is refused for again and again fails instead of stopping the sender for ever', async () => {
    await outbox.queue(1);
    outcome({ outcome: 'rejected', scope: 'sender', vendorCode: '21612', detail: 'combination' });
    for (let round = 0; round < 3; round++) {
      await t.db.query('update sender set stopped_at = null, stopped_reason = null');
      clock.advance(3_600_000);
      await dispatcher().runOnce();
    }
    expect(await outbox.states()).toEqual({ failed: 1 });
    const { rows } = await t.db.query(`select stopped_at from sender where key = 'sms-a'`);
    expect(rows).toEqual([{ stopped_at: null }]);
  });

  test('being given back does not count as a refusal', async () => {
    await outbox.queue(1);
    await t.db.query('update message set attempt = 7');
    outcome({ outcome: 'rejected', scope: 'sender', detail: 'authentication failed' });
    await dispatcher().runOnce();
    expect(await outbox.states()).toEqual({ queued: 1 });
  });

  test('a channel that throws leaves doubt, not a loss', async () => {
    await outbox.queue(2);
    sms.script = (message) => {
      if (message.id === sms.sent[0]?.id) throw new Error('bug');
      return { outcome: 'accepted', externalId: 'ok' };
    };
    await dispatcher().runOnce();
    expect(await outbox.states()).toEqual({ uncertain: 1, accepted: 1 });
  });

  test('an answer that no column takes leaves a doubt, and does not hold up the other results', async () => {
    await outbox.queue(5);
    sms.script = ({ id }) => ({
      outcome: 'accepted',
      externalId:
        sms.sent.length === 2 ? 'SM\u00001' : sms.sent.length === 3 ? 'x'.repeat(9_000) : `ext-${id}`,
      parts: sms.sent.length === 4 ? 1e9 : 2,
    });
    expect(await dispatcher().runOnce()).toMatchObject({ accepted: 3, uncertain: 2 });
    expect(await outbox.states()).toEqual({ accepted: 3, uncertain: 2 });
    expect(await dispatcher().runOnce()).toMatchObject({ claimed: 0 });
  });

  test('an id that a carrier gives twice does not hold up the other results', async () => {
    await outbox.queue(40);
    sms.script = (message) => ({
      outcome: 'accepted',
      externalId: Number(message.id) % 20 === 0 ? 'same' : message.id,
    });
    expect(await dispatcher().runOnce()).toMatchObject({ accepted: 40 });
    const { rows } = await t.db.query(
      `select count(*) filter (where external_id is null)::int as without from message where state = 'accepted'`,
    );
    expect(rows).toEqual([{ without: 1 }]);
  });
});

test('a sender with a limit sends no more parts a second than that', async () => {
  await outbox.queue(100);
  await t.db.query(`update sender set parts_per_second = 20 where key = 'sms-a'`);
  const workers = [dispatcher('worker-1', 8), dispatcher('worker-2', 8)];
  const sent: number[] = [];
  for (let second = 0; second < 5; second++) {
    for (const worker of workers) await worker.runOnce();
    sent.push(sms.sent.length);
    clock.advance(1_000);
  }
  // Each text takes one part; the first second also settles what a message usually takes.
  expect(sent[0]).toBeLessThanOrEqual(20);
  for (const [second, total] of sent.entries()) expect(total).toBeLessThanOrEqual(20 * (second + 1));
  expect(sent.at(-1)).toBeGreaterThanOrEqual(90);
});

describe('a carrier that is down', () => {
  test('costs a few messages their certainty, not the whole queue, and is tried again with one', async () => {
    await outbox.queue(200);
    outcome({ outcome: 'uncertain', detail: 'no answer' });
    const worker = dispatcher('worker-1', 10);
    await worker.runOnce();
    expect(worker.paused('sms-a')).toBe(true);
    const after = sms.sent.length;
    expect(after).toBeLessThan(30);
    await worker.runOnce();
    expect(sms.sent).toHaveLength(after);
    clock.advance(10_000);
    await worker.runOnce();
    expect(sms.sent).toHaveLength(after + 1);
    clock.advance(20_000);
    outcome({ outcome: 'rejected', scope: 'recipient', detail: 'alive' });
    await worker.runOnce();
    expect(worker.paused('sms-a')).toBe(false);
    await worker.runOnce();
    expect(sms.sent).toHaveLength(200);
  });

  test('is asked with a harmless call before a message is risked, and operators see the pause', async () => {
    await outbox.queue(100);
    const pausedUntil = async (): Promise<unknown> =>
      (await t.db.query<{ at: Date | null }>(`select paused_until as at from sender where key = 'sms-a'`))
        .rows[0]?.at;
    outcome({ outcome: 'deferred', detail: 'busy' });
    const worker = dispatcher('worker-1', 8);
    await worker.runOnce();
    await worker.wake('sms-a');
    const after = sms.sent.length;
    expect(await pausedUntil()).toEqual(new Date(NOON.getTime() + 10_000));
    sms.health = { ok: false, detail: 'down' };
    clock.advance(10_000);
    await worker.runOnce();
    expect(await pausedUntil()).toEqual(new Date(NOON.getTime() + 30_000));
    expect(sms.sent).toHaveLength(after);
    sms.health = { ok: true, detail: 'up' };
    clock.advance(20_000);
    await worker.runOnce();
    expect(sms.sent).toHaveLength(after + 1);
    sms.script = ({ id }) => ({ outcome: 'accepted', externalId: `ext-${id}` });
    clock.advance(40_000);
    await worker.runOnce();
    await worker.wake('sms-a');
    expect(await pausedUntil()).toBeNull();
    expect(sms.sent.length).toBeGreaterThanOrEqual(100);
    await worker.stop(new AbortController().signal);
  });
});

describe('when a worker dies or is late', () => {
  test('what it had in hand becomes uncertain when the lease ends, and is not sent again', async () => {
    await outbox.queue(3);
    sms.hold();
    await dispatcher('dead').wake('sms-a');
    expect(await outbox.states()).toEqual({ sending: 3 });
    expect(await upkeep().rescue(clock.now())).toBe(0);
    clock.advance(10 * 60_000);
    expect(await upkeep().rescue(clock.now())).toBe(3);
    expect(await outbox.states()).toEqual({ uncertain: 3 });
    const { rows } = await t.db.query('select distinct outcome from attempt');
    expect(rows).toEqual([{ outcome: 'rescued' }]);
    const fresh = new ScriptedChannel('sms-a');
    await dispatcher('alive', 64, [fresh]).runOnce();
    expect(fresh.sent).toEqual([]);
  });

  test('its late result changes nothing', async () => {
    const [one] = await outbox.queue(1);
    const open = sms.hold();
    const slow = dispatcher('slow');
    await slow.wake('sms-a');
    clock.advance(10 * 60_000);
    await upkeep().rescue(clock.now());
    open();
    expect(await slow.runOnce()).toMatchObject({ accepted: 0, late: 1 });
    expect(await outbox.states()).toEqual({ uncertain: 1 });
    expect(await outbox.value('message', one?.messageId ?? '', 'external_id')).toBeNull();
    expect(await outbox.value('invitation', one?.invitationId ?? '', 'sent_at')).toBeNull();
  });

  test('its late result does not touch a newer attempt', async () => {
    const [one] = await outbox.queue(1);
    const open = sms.hold();
    const slow = dispatcher('slow');
    await slow.wake('sms-a');
    await t.db.query(`update message set attempt = 2, claimed_by = 'other' where id = $1`, [one?.messageId]);
    open();
    expect(await slow.runOnce()).toMatchObject({ late: 1 });
    expect(await outbox.value('message', one?.messageId ?? '', 'claimed_by')).toBe('other');
  });

  test('a message whose lease became too short while it waited is given back unsent', async () => {
    await outbox.queue(10);
    sms.lookup = () => Promise.resolve('not_found');
    const open = sms.hold();
    const worker = dispatcher('worker-1', 2);
    await worker.wake('sms-a');
    expect(await outbox.states()).toEqual({ sending: 10 });
    clock.advance(40_000);
    open();
    await worker.stop(new AbortController().signal);
    expect(sms.sent).toHaveLength(2);
    expect(await outbox.states()).toEqual({ accepted: 2, queued: 8 });
  });
});

describe('stopping', () => {
  test('claims no more, finishes what is in flight, gives the rest back', async () => {
    await outbox.queue(100);
    sms.lookup = () => Promise.resolve('not_found');
    const open = sms.hold();
    const worker = dispatcher('worker-1', 10);
    await worker.wake('sms-a');
    const stopped = worker.stop(new AbortController().signal);
    open();
    await stopped;
    expect(await outbox.states()).toEqual({ accepted: 10, queued: 90 });
    const { rows } = await t.db.query('select outcome, count(*)::int as n from attempt group by outcome');
    expect(rows).toEqual([{ outcome: 'deferred', n: 8 }]);
  });

  test('cuts off what hangs, and keeps the doubt', async () => {
    await outbox.queue(3);
    sms.hold();
    const worker = dispatcher();
    await worker.wake('sms-a');
    await worker.stop(AbortSignal.abort());
    expect(await outbox.states()).toEqual({ uncertain: 3 });
  });
});

test('results that could not be written are kept and written by the next run', async () => {
  await outbox.queue(5);
  const worker = dispatcher();
  const open = sms.hold();
  await worker.wake('sms-a');
  await t.db.query('alter table attempt rename to attempt_gone');
  open();
  await expect(worker.runOnce()).rejects.toThrow('attempt');
  await t.db.query('alter table attempt_gone rename to attempt');
  expect(await worker.runOnce()).toMatchObject({ accepted: 5 });
  expect(await outbox.states()).toEqual({ accepted: 5 });
});

test('the claim finds its rows by the partial index among many settled ones', async () => {
  await outbox.queue(20);
  await t.db.query(
    `insert into message (contact_id, kind, channel, sender, locale, content, state, priority, due_at, not_after, created_at, settled_at)
     select (select min(id) from contact), 'question', 'sms', 'sms-a', 'uk', '{}', 'delivered', 5, $1, $1, $1, $1
     from generate_series(1, 20000)`,
    [at(-50)],
  );
  await t.db.query('analyze message');
  const request = { sender: 'sms-a', worker: 'w', now: NOON, leasedUntil: at(1), limit: 10, turn: NO_TURN };
  const plan = await messageClaimPlan(t.db, request, { analyze: false });
  const due = plan.slice(plan.indexOf('CTE due'), plan.indexOf('CTE judged'));
  expect(due.match(/Index (?:Only )?Scan using message_due/g)).toHaveLength(3);
  expect(due).not.toMatch(/Sort|Seq Scan on message|Bitmap/);
  expect(await dispatcher().runOnce()).toMatchObject({ accepted: 20 });
});

test('a claim changes no index of messages, so its update stays on the page', async () => {
  await outbox.queue(20);
  const request = { sender: 'sms-a', worker: 'w', now: NOON, leasedUntil: at(1), limit: 20, turn: NO_TURN };
  const updates = await t.db.transaction(async (tx) => {
    const count = async (): Promise<{ all: number; hot: number }> => {
      const { rows } = await tx.query<{ all: number; hot: number }>(
        `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_xact_user_tables where relname = 'message'`,
      );
      return rows[0] ?? { all: 0, hot: 0 };
    };
    const before = await count();
    await messageClaimDue(tx, request);
    const after = await count();
    return { all: after.all - before.all, hot: after.hot - before.hot };
  });
  expect(updates).toEqual({ all: 20, hot: 20 });
});

async function suppressed(phone: string, channel: string | null): Promise<void> {
  await t.db.query(
    `insert into suppression (address_hash, channel, reason, via, created_at) values ($1, $2, 'stop', 'sms', $3)`,
    [outbox.vault.phoneHash(phone), channel, NOON],
  );
}

async function subscribe(messageId: string | undefined, userId: string, left: Date | null): Promise<void> {
  await t.db.query(
    `with subscriber as (
       insert into viber_subscriber (sender, user_id, created_at, unsubscribed_at) values ('sms-a', $2, $3, $4) returning id
     ) update message set subscriber_id = subscriber.id from subscriber where message.id = $1`,
    [messageId, userId, NOON, left],
  );
}
