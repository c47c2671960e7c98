import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { seededRandom, type SeededRandom } from '#kernel/seeded-random';
import { Builders, type Campaign, type FactColumn, type PathSpec } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import type { Queryable } from '#store/database';
import { reportCost } from './cost-report.js';
import { reportFunnel } from './funnel-report.js';
import { inSnapshot } from './kept-count.js';
import { reportLedger } from './ledger-report.js';
import { DIMENSIONS, reportQuestion, type ReportQuery } from './question.js';
import { reportRates } from './rates-report.js';
import { RollUps } from './roll-ups.js';
import { keptOf } from './rollup-read.sql.js';
import { reportScores } from './scores-report.js';

const now = new Date('2026-04-20T12:00:00Z');
const later = new Date('2026-06-20T12:00:00Z');
const span = { from: '2026-02-01', to: '2026-06-30' };
let t: TestDatabase;
let build: Builders;
let rollUps: RollUps;

beforeEach(async () => {
  t = await testDatabase();
  build = new Builders(t.db, now);
  rollUps = new RollUps(t.db);
});
afterEach(() => t.drop());

/** Every report of a question, as an analyst would get it. */
async function reports(db: Queryable, query: ReportQuery, at: Date): Promise<unknown> {
  const question = reportQuestion(query);
  return {
    rates: await reportRates(db, question, at),
    ledger: await reportLedger(db, question, at),
    funnel: await reportFunnel(db, question, at),
    cost: await reportCost(db, question, at),
    scores: await reportScores(db, question, at),
  };
}

/** The same, counted in the tables: in a transaction that knows of no kept day and is undone. */
async function fromTables(query: ReportQuery, at: Date): Promise<unknown> {
  let found: unknown;
  const undo = new Error('undo');
  await t.db
    .transaction(async (tx) => {
      await tx.query('delete from rollup_day');
      found = await reports(tx, query, at);
      throw undo;
    })
    .catch((thrown: unknown) => {
      if (thrown !== undo) throw thrown;
    });
  return found;
}

const keptDays = (at: Date) => inSnapshot(t.db, (view) => keptOf(view, reportQuestion(span), at));

/**
 * Rounds until nothing is left to do. A day is counted only after transactions that began before have ended, those of
 * other databases of the server too, so tests that run beside this one may hold it up for a while.
 */
async function settle(at: Date): Promise<void> {
  for (let round = 0; round < 20_000; round++) {
    const { days, postponed, watched } = await rollUps.runOnce(at);
    const { rows } = await t.db.query(
      `select from rollup_day where quiet_from is not null and counted_at is null`,
    );
    if (days + postponed + watched + rows.length === 0) return;
  }
  throw new Error('the roll-ups do not settle');
}

describe('a kept figure', () => {
  test('equals the tables for every report, grouping and filter, whatever is written and when', async () => {
    const random = seededRandom('roll-ups');
    const campaigns = [await build.campaign('one'), await build.campaign('two')];
    await build.centre('lisboa', 'Europe/Lisbon');
    for (let i = 0; i < 90; i++) await anyPath(random, campaigns);
    await settle(now);
    let kept = 0;
    for (let step = 0; step < 24; step++) {
      const at = step < 16 ? now : later;
      for (let change = random.below(3); change >= 0; change--) await anyChange(random, campaigns);
      if (random.chance(0.4)) await (random.chance(0.5) ? settle(at) : rollUps.runOnce(at));
      for (const query of questions(random)) {
        const asked = random.chance(0.2) ? new Date('2026-03-05T12:00:00Z') : at;
        expect(await reports(t.db, query, asked)).toEqual(await fromTables(query, asked));
      }
      const { days, months } = await keptDays(at);
      kept += days.length + months.length;
    }
    expect(kept).toBeGreaterThan(500);
  });

  test('is what reports read: they follow the roll-up when it is falsified by hand', async () => {
    for (let i = 0; i < 4; i++) await build.path({ finishedAt: new Date('2026-03-03T09:00:00Z') });
    await settle(now);
    await t.db.query('update rollup_path set visits = array(select n + 100 from unnest(visits) n)');
    const visits = async (query: Partial<ReportQuery>) =>
      (await reportLedger(t.db, reportQuestion({ ...span, ...query }), now)).groups.map((g) => g.visits);
    expect(await visits({})).toEqual([104]);
    expect(await visits({ by: 'day' })).toEqual([104]);
    expect(await visits({ by: 'service,variant', from: '2026-03-03', to: '2026-03-03' })).toEqual([104]);
  });

  test('is not used while a link was still open at the time the report speaks of', async () => {
    await build.path({ finishedAt: new Date('2026-03-03T09:00:00Z'), facts: { sent: true } });
    await settle(now);
    const open = async (at: string) =>
      (await reportRates(t.db, reportQuestion(span), new Date(at))).groups[0]?.coverage.open;
    expect([await open('2026-03-04T00:00:00Z'), await open('2026-04-20T12:00:00Z')]).toEqual([1, 0]);
  });
});

describe('a round', () => {
  test('keeps days whose links have expired and leaves the young ones to the tables', async () => {
    await build.path({ finishedAt: new Date('2026-03-31T09:00:00Z'), facts: { sent: true } });
    await build.path({ finishedAt: new Date('2026-04-17T09:00:00Z'), facts: { sent: true } });
    await settle(now);
    const { days, months } = await keptDays(now);
    expect(months).toEqual(['2026-03-01']);
    expect(days).toHaveLength(31 + 17);
    expect(days).not.toContain('2026-04-17');
    await settle(later);
    expect((await keptDays(later)).days).toContain('2026-04-17');
  });

  test('that dies in the middle leaves what was kept, and the mark', async () => {
    const { visitId } = await build.path({ finishedAt: new Date('2026-03-03T09:00:00Z') });
    await settle(now);
    await t.db.query(`update visit set service_code = 'land' where id = $1`, [visitId]);
    const before = await t.db.query('select * from rollup_path order by 1, 2, 3, 4, 5, 6');
    await t.db.query(`create function dies() returns trigger language plpgsql as 'begin perform 1 / 0; end'`);
    await t.db.query(`create trigger dies after insert on rollup_message execute function dies()`);
    await expect(settle(later)).rejects.toThrow(/division by zero/);
    expect((await t.db.query('select * from rollup_path order by 1, 2, 3, 4, 5, 6')).rows).toEqual(before.rows); // prettier-ignore
    expect((await keptDays(later)).days).not.toContain('2026-03-03');
    const ledger = await reportLedger(t.db, reportQuestion({ ...span, by: 'service' }), later);
    expect(ledger.groups.map((group) => group.by.service)).toEqual(['land']);
  });

  test('counts no day while somebody who began before it was watched may still write', async () => {
    const { invitationId } = await build.path({ finishedAt: new Date('2026-03-03T09:00:00Z') });
    const writer = await t.db.pool.connect();
    await writer.query('begin');
    await writer.query('update invitation set sent_at = $1 where id = $2', [now, invitationId]);
    for (let round = 0; round < 3; round++) expect((await rollUps.runOnce(now)).days).toBe(0);
    await writer.query('commit');
    writer.release();
    await settle(now);
    expect((await keptDays(now)).days).toContain('2026-03-03');
    const [group] = (await reportFunnel(t.db, reportQuestion(span), now)).groups;
    expect(group?.steps.sent).toBe(1);
  });

  test('keeps days again whose visits are younger than what writers compare with', async () => {
    await build.path({ finishedAt: new Date('2026-03-03T09:00:00Z') });
    await settle(now);
    const { visitId, invitationId } = await build.path({ finishedAt: new Date('2026-03-03T10:00:00Z'), facts: { sent: true } }); // prettier-ignore
    const hour = new Date(now.getTime() + 3_600_000);
    expect(await rollUps.runOnce(hour)).toMatchObject({ days: 0, postponed: 1 });
    await settle(hour);
    expect((await keptDays(hour)).days).toContain('2026-03-03');
    await build.message(invitationId ?? '', { accepted_at: now });
    expect((await keptDays(hour)).days).not.toContain('2026-03-03');
    await settle(new Date(hour.getTime() + 3_600_000));
    await t.db.query(`update decision set decision = 'control' where visit_id = $1`, [visitId]);
    expect((await keptDays(hour)).days).not.toContain('2026-03-03');
  });

  test('of two workers at once counts each day once', async () => {
    for (let day = 1; day < 10; day++)
      await build.path({ finishedAt: new Date(`2026-03-0${day}T09:00:00Z`) });
    for (let round = 0; round < 20; round++)
      await Promise.all([rollUps.runOnce(now), new RollUps(t.db).runOnce(now)]);
    await settle(now);
    const [group] = (await reportLedger(t.db, reportQuestion(span), now)).groups;
    expect(group?.visits).toBe(9);
  });
});

describe('a change of a kept day', () => {
  const finishedAt = new Date('2026-03-03T09:00:00Z');
  const afterwards = new Date('2026-03-20T09:00:00Z');

  test.each<[string, boolean, string, unknown[]?]>([
    ['a receipt read after the link expired', false, 'update invitation set seen_at = $1', [afterwards]],
    ['an opening after the link expired', false, 'update invitation set opened_at = $1', [afterwards]],
    ['an erased person', false, 'update invitation set contact_id = null'],
    ['a receipt that came late', true, 'update invitation set delivered_at = $1', [afterwards]],
    [
      'a reading before the link expired, told late',
      true,
      'update invitation set seen_at = $1',
      [finishedAt],
    ],
    ['"I was not there"', true, 'update invitation set ineligible_at = $1', [afterwards]],
    ['a longer validity', true, `update invitation set expires_at = expires_at + interval '1 year'`],
    ['another service', true, `update visit set service_code = 'land'`],
    ['another day', true, `update visit set finished_on = '2026-03-09'`],
    ['a decision taken back', true, `update decision set decision = 'control'`],
    ['an answer taken away', true, 'delete from answer'],
    ['another answer', true, `update answer set value = '1'`],
    [
      'a text removed after its time',
      false,
      `update answer set text_cipher = null, key_id = null, value = '""' where question_key = 'comment'`,
    ],
    [
      'a text nobody had written',
      true,
      `update answer set value = 'null', text_cipher = null, key_id = null where question_key = 'comment'`,
    ],
    ['an accepted message', true, 'update message set accepted_at = $1', [afterwards]],
    ['a message that waits', false, 'update message set priority = 6 where accepted_at is null'],
  ])('%s: the day is marked: %s', async (_, marked, change, values = []) => {
    const { invitationId } = await build.path({ finishedAt, facts: { sent: true, started: true }, answers: { quality: 4, comment: 'довго' } }); // prettier-ignore
    await build.message(invitationId ?? '');
    await settle(now);
    await t.db.query(change, values);
    const { rows } = await t.db.query('select distinct finished_on::text as day from rollup_mark order by 1');
    const days = change.includes('finished_on') ? ['2026-03-03', '2026-03-09'] : ['2026-03-03'];
    expect(rows.map(({ day }) => day as unknown)).toEqual(marked ? days : []);
    expect(await reports(t.db, { ...span, by: 'day' }, now)).toEqual(await fromTables({ ...span, by: 'day' }, now)); // prettier-ignore
  });

  test('is counted anew after a while, and the mark goes', async () => {
    await build.path({ finishedAt });
    await settle(now);
    await build.path({ finishedAt });
    await settle(now);
    expect((await t.db.query('select from rollup_mark')).rowCount).toBeGreaterThan(0);
    await settle(new Date(now.getTime() + 3_600_000));
    expect((await t.db.query('select from rollup_mark')).rowCount).toBe(0);
    expect((await keptDays(now)).months).toEqual(['2026-03-01']);
  });
});

function questions(random: SeededRandom): ReportQuery[] {
  return Array.from({ length: 3 }, () => {
    const by = DIMENSIONS.filter(() => random.chance(0.22));
    const day = (month: number): string => `2026-0${month}-${String(1 + random.below(28)).padStart(2, '0')}`;
    return {
      from: random.chance(0.5) ? '2026-02-01' : day(2), to: random.chance(0.5) ? '2026-04-30' : day(4), by,
      ...(random.chance(0.3) ? { centre: random.chance(0.5) ? 'a' : ['lisboa', 'b'] } : {}),
      ...(random.chance(0.2) ? { channel: ['sms', ''] } : {}),
      ...(random.chance(0.2) ? { month: '2026-03' } : {}),
      ...(random.chance(0.1) ? { week: ['2026-W10', '2026-W11'] } : {}),
    };
  }); // prettier-ignore
}

const FACTS: FactColumn[] = ['sent', 'delivered', 'undelivered', 'seen', 'opened', 'started', 'completed', 'refused', 'wrong_number', 'ineligible']; // prettier-ignore

async function anyPath(random: SeededRandom, campaigns: readonly Campaign[]): Promise<void> {
  const given = FACTS.filter(() => random.chance(0.4));
  const decision = random.weighted<NonNullable<PathSpec['decision']> | null>([
    ['invited', 7],
    ['control', 1],
    [{ reason: random.chance(0.5) ? 'no_phone' : 'frequency_cap' }, 2],
    [null, 1],
  ]);
  // Near midnight the day depends on the centre's zone.
  const finishedAt = new Date(Date.UTC(2026, 1, 20 + random.below(58), random.chance(0.3) ? 22 : 9, 30));
  const { invitationId } = await build.path({
    centre: random.weighted([['a', 3], ['b', 1], ['lisboa', 1]]), service: random.weighted([['x', 2], ['y', 1], [null, 1]]),
    language: random.weighted([['uk', 3], ['pl', 1], [null, 1]]), channel: random.chance(0.4) ? 'viber' : 'sms',
    campaign: campaigns[random.below(2)] ?? ({} as Campaign), finishedAt, decision,
    facts: Object.fromEntries(given.map((fact) => [fact, true])),
    answers: given.includes('started') ? { quality: 1 + random.below(5), ...(random.chance(0.3) ? { comment: 'так' } : {}) } : {},
  }); // prettier-ignore
  if (invitationId !== null && given.includes('sent'))
    await build.message(invitationId, { accepted_at: finishedAt, parts: random.chance(0.8) ? 2 : null });
}

async function anyChange(random: SeededRandom, campaigns: readonly Campaign[]): Promise<void> {
  const one = async (table: string, key: string): Promise<unknown> => {
    const { rows } = await t.db.query<{ id: unknown }>(`select ${key} as id from ${table} order by ${key}`);
    return rows[random.below(rows.length)]?.id;
  };
  const at = new Date(now.getTime() - random.below(60) * 86_400_000);
  const kinds: (() => Promise<unknown>)[] = [
    () => anyPath(random, campaigns),
    async () => t.db.query(`update invitation set ${FACTS[random.below(10)] ?? ''}_at = $2 where id = $1`, [await one('invitation', 'id'), at]), // prettier-ignore
    async () => t.db.query(`update visit set service_code = 'z', revision = revision + 1 where id = $1`, [await one('visit', 'id')]), // prettier-ignore
    async () => t.db.query(`update visit set finished_on = finished_on - 9 where id = $1`, [await one('visit', 'id')]), // prettier-ignore
    async () => t.db.query(`update invitation set expires_at = expires_at + interval '30 days' where id = $1`, [await one('invitation', 'id')]), // prettier-ignore
    async () => t.db.query(`update decision set decision = 'not_invited', reason = 'no_consent' where visit_id = $1`, [await one('decision', 'visit_id')]), // prettier-ignore
    async () =>
      t.db.query(`delete from answer where invitation_id = $1`, [await one('answer', 'invitation_id')]),
    async () => t.db.query(`update answer set late = not late where invitation_id = $1`, [await one('answer', 'invitation_id')]), // prettier-ignore
    async () => t.db.query(`update message set parts = 5 where id = $1`, [await one('message', 'id')]),
    async () => t.db.query(`update invitation set sent_channel = 'viber' where id = $1`, [await one('invitation', 'id')]), // prettier-ignore
  ];
  await kinds[random.below(kinds.length)]?.();
}
