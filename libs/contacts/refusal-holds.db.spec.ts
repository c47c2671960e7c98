import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CarrierFact } from '#channels/channel';
import { messageClaimDue, NO_TURN } from '#dispatch/claim.sql';
import { Definitions } from '#dispatch/definitions';
import { FollowUps } from '#dispatch/follow-up';
import { SteppedClock } from '#kernel/clock';
import { Planner } from '#planning/planner';
import { PlanningWorld } from '#planning/testing/planning-world';
import { AnswerBook } from '#replies/answer-book';
import { FactApplier } from '#replies/fact-applier';
import { invitationByCode } from '#replies/invitation.sql';
import { OptOutDesk } from '#replies/opt-out-desk';
import { recordFacts } from '#replies/record';
import { SurveyShelf } from '#replies/survey-shelf';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { importSuppressions } from './suppression-import.js';
import { suppress } from './suppression.sql.js';

// Monday 13 January 2020, 12:00 in Kyiv.
const NOON = new Date('2020-01-13T10:00:00Z');
const PHONE = '+380500000001';
const USER = 'user-1==';

let t: TestDatabase;
let world: PlanningWorld;
let clock: SteppedClock;
let book: AnswerBook;
let applier: FactApplier;
let made = 0;
const errors: unknown[] = [];
beforeAll(async () => {
  t = await testDatabase();
  world = new PlanningWorld(t.db);
});
afterAll(() => t.drop());

/** A person of the bot and of SMS, planned to be invited by the bot first. */
beforeEach(async () => {
  await world.clear();
  await t.db.query('truncate carrier_fact cascade');
  errors.length = 0;
  clock = new SteppedClock(NOON);
  book = new AnswerBook(t.db, world.vault, new SurveyShelf());
  applier = new FactApplier(t.db, world.vault, book, clock, (_, thrown) => errors.push(thrown));
  await world.sender('twilio', 'sms');
  await world.sender('bot', 'viber', 'subscriber');
  await world.campaign({ channels: ['viber', 'sms'], cap: { invitations: 100, per: 'P1D' } });
  const contact = await world.person(1);
  await t.db.query(
    `insert into viber_subscriber (sender, user_id, contact_id, linked_at, link_source, subscribed_at, created_at)
     values ('bot', $1, $2, $3, 'code', $3, $3)`,
    [USER, contact, NOON],
  );
});

const planner = (): Planner => new Planner(t.db, world.hash);

/** A visit that just ended, planned: how it was decided. */
async function visited(): Promise<{ visit: string; decided: string }> {
  const visit = await world.visit({ person: 1, finishedAt: clock.now() });
  await planner().runOnce(clock.now());
  const { decision, reason, channel } = await world.decisionOf(visit);
  return { visit, decided: decision === 'invited' ? `invited by ${channel}` : (reason ?? decision) };
}

/** What workers take to send, whenever they look within the next hours; notices that confirm a word left out. */
async function sent(): Promise<string[]> {
  const kinds: string[] = [];
  for (let hour = 0; hour < 4; hour++) {
    clock.advance(3_600_000);
    await new FollowUps(t.db, new Definitions(t.db)).runOnce(clock.now());
    for (const sender of ['twilio', 'bot']) {
      const leasedUntil = new Date(clock.now().getTime() + 60_000);
      const request = { sender, worker: 'w', now: clock.now(), leasedUntil, limit: 50, turn: NO_TURN };
      const { claimed } = await messageClaimDue(t.db, request);
      kinds.push(
        ...claimed.filter(({ kind }) => kind !== 'notice').map(({ kind }) => `${kind} by ${sender}`),
      );
    }
  }
  return kinds;
}

async function hear(sender: 'twilio' | 'bot', fact: object): Promise<void> {
  const source = { sender, addressing: sender === 'bot' ? 'subscriber' : 'phone' } as const;
  const told = { dedupeKey: `f${++made}`, externalId: `x${made}`, address: sender === 'bot' ? USER : PHONE, detail: {}, ...fact };
  const stored = await recordFacts(t.db, world.vault, source, [told as CarrierFact], clock.now());
  await applier.apply([...stored.values()]);
  expect(errors).toEqual([]);
} // prettier-ignore
const text = (sender: 'twilio' | 'bot', words: string): Promise<void> =>
  hear(sender, { kind: 'text', text: words });
const hash = (): Buffer => world.vault.phoneHash(PHONE);
async function* lines(...all: string[]): AsyncIterable<string> {
  for (const one of all) yield await Promise.resolve(one);
}
async function onPage(visit: string, what: 'stop' | 'resume'): Promise<void> {
  const invitation = await invitationByCode(t.db, String((await world.invitationOf(visit))['code']));
  if (!invitation) throw new Error('no invitation');
  await new OptOutDesk(t.db)[what](invitation, clock.now());
}

type Way = [string, (visit: string) => Promise<unknown>];
const everywhere: Way[] = [
  ['STOP by SMS', () => text('twilio', 'СТОП')],
  ['STOP in Viber', () => text('bot', 'Стоп')],
  ['the link of the message', (visit) => onPage(visit, 'stop')],
  ['an operator', () => suppress(t.db, { addressHash: hash(), channel: null, reason: 'operator', via: 'operator', now: clock.now() })],
  ['an imported list', () => importSuppressions(t.db, world.vault, lines('phone', '050 000 00 01'), clock.now())],
  ['a wrong number', () => text('twilio', 'Ви помилились номером')],
]; // prettier-ignore

describe.each(everywhere)('who says no by %s', (_, refuse) => {
  test('is written to on no channel, neither by what waits nor for a later visit', async () => {
    const { visit, decided } = await visited();
    expect(decided).toBe('invited by viber');
    await refuse(visit);
    expect(await sent()).toEqual([]);
    expect((await visited()).decided).toBe('opted_out');
  });

  test('nobody but they take it back: no answer, no press, no list, no operator, no coming back to the bot', async () => {
    const { visit } = await visited();
    await refuse(visit);
    clock.advance(1000);
    const id = String((await world.invitationOf(visit))['id']);
    await book.save(id, [{ questionKey: 'quality', value: 5 }], { via: 'page', at: clock.now() });
    await text('twilio', '5');
    await hear('bot', { kind: 'unsubscribed' });
    clock.advance(1000);
    await hear('bot', { kind: 'subscribed' });
    await text('bot', '5');
    await importSuppressions(t.db, world.vault, lines('050 000 00 01,sms'), clock.now());
    await suppress(t.db, { addressHash: hash(), channel: 'viber', reason: 'operator', via: 'operator', now: clock.now() });
    expect(await sent()).toEqual([]);
    expect((await visited()).decided).toBe('opted_out');
  }); // prettier-ignore

  test('is invited again after their own START', async () => {
    const { visit } = await visited();
    await refuse(visit);
    await text('twilio', 'СТАРТ');
    expect((await visited()).decided).toBe('invited by viber');
    expect(await sent()).toContain('invite by bot');
  });

  test('is invited again after the button of their own page', async () => {
    const { visit } = await visited();
    await refuse(visit);
    await onPage(visit, 'resume');
    expect((await visited()).decided).toBe('invited by viber');
  });
});

describe('who leaves the bot', () => {
  test('gets nothing of what waits, and nothing there later, but may be asked by SMS about a later visit', async () => {
    const { visit } = await visited();
    await hear('bot', { kind: 'unsubscribed' });
    expect(await world.invitationOf(visit)).toMatchObject({ cancel_reason: 'unsubscribed' });
    expect(await sent()).toEqual([]);
    expect((await visited()).decided).toBe('invited by sms');
    clock.advance(1000);
    await hear('bot', { kind: 'subscribed' });
    expect((await visited()).decided).toBe('invited by viber');
  });
});

test('who said STOP to the bot before it knew their number stays unwritten once it does', async () => {
  const { visit } = await visited();
  await t.db.query('update viber_subscriber set contact_id = null, linked_at = null, link_source = null');
  await text('bot', 'стоп');
  clock.advance(1000);
  const context = String((await world.invitationOf(visit))['code']);
  await hear('bot', { kind: 'conversation_started', context, subscribed: true });
  expect(await sent()).toEqual([]);
  expect((await visited()).decided).toBe('opted_out');
  await text('bot', 'старт');
  expect((await visited()).decided).toBe('invited by viber');
});
