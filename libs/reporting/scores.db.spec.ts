import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Builders, type Campaign } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { reportCost } from './cost-report.js';
import { formatReport } from './format.js';
import { reportQuestion, type ReportQuery } from './question.js';
import { reportScores, type ScoreEntry } from './scores-report.js';

const now = new Date('2026-03-02T12:00:00Z');
const march = { from: '2026-03-01', to: '2026-03-31' };
const questions = [
  { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' } },
  { key: 'recommend', type: 'nps', text: { uk: 'Порадите?' } },
  { key: 'solved', type: 'yesno', text: { uk: 'Питання вирішено?' } },
  { key: 'reason', type: 'multi', choices: [{ key: 'queue', text: { uk: 'Черга' } }, { key: 'staff', text: { uk: 'Персонал' } }], text: { uk: 'Чому?' } },
  { key: 'comment', type: 'text', text: { uk: 'Що покращити?' }, optional: true },
]; // prettier-ignore
let t: TestDatabase;
let build: Builders;
let campaign: Campaign;

beforeAll(async () => {
  t = await testDatabase();
  build = new Builders(t.db, now);
  campaign = await build.campaign('scored', questions);
  // Kyiv: 12 answers; Lviv: 10; Odesa: 4, of whom one is a wrong number; Dnipro: asked, no answer.
  for (let i = 0; i < 12; i++) await answered('kyiv-1', { quality: i < 9 ? 5 : 2, recommend: i < 6 ? 10 : i < 9 ? 8 : 3, solved: i % 4 > 0, reason: i < 3 ? ['queue', 'staff'] : ['queue'] }); // prettier-ignore
  for (let i = 0; i < 10; i++) await answered('lviv-1', { quality: 4, comment: 'добре' });
  for (let i = 0; i < 3; i++) await answered('odesa-1', { quality: 1 });
  await build.path({
    campaign,
    centre: 'odesa-1',
    facts: { sent: true, wrong_number: true },
    answers: { quality: 5 },
  });
  await build.path({
    campaign,
    centre: 'odesa-1',
    facts: { sent: true },
    answers: { quality: 5 },
    late: true,
  });
  await build.path({ campaign, centre: 'dnipro-1', facts: { sent: true } });
});
afterAll(() => t.drop());

const answered = (centre: string, answers: Record<string, unknown>) =>
  build.path({ campaign, centre, facts: { sent: true, started: true }, answers });
const scores = (query: Partial<ReportQuery> = {}) =>
  reportScores(t.db, reportQuestion({ ...march, ...query }), now);
const find = (entries: readonly ScoreEntry[] | undefined, question: string) =>
  entries?.find((entry) => entry.question === question);

describe('scores', () => {
  test('of a scale: mean, interval and every mark, also those nobody gave', async () => {
    const [group] = (await scores({ centre: 'kyiv-1' })).groups;
    const quality = find(group?.scores, 'quality');
    expect(quality).toMatchObject({ survey: 'scored-survey', type: 'scale', hidden: false, n: 12 });
    expect(quality?.metric).toBe('scored-survey/quality:scale(1 2 3 4 5)');
    expect(quality?.mean?.value).toBeCloseTo(4.25, 9);
    expect(quality?.mean?.definition).toBe('mean/1');
    expect(quality?.satisfied).toMatchObject({ definition: 'satisfied/1', count: 9, value: 0.75 });
    expect(quality?.shares?.['5']).toMatchObject({ count: 9, share: 0.75 });
    expect(quality?.shares?.['3']).toMatchObject({ count: 0, share: 0, low: 0 });
    expect(quality?.nps).toBeNull();
  });

  test('of a recommendation, a yes or no, and several choices', async () => {
    const [group] = (await scores({ centre: 'kyiv-1' })).groups;
    const { nps } = find(group?.scores, 'recommend') ?? {};
    expect(nps?.value).toBeCloseTo(25, 9);
    expect(nps).toMatchObject({ definition: 'loyalty-864/2', band: 'not negative' });
    expect(find(group?.scores, 'solved')?.shares?.['true']).toMatchObject({ count: 9, share: 0.75 });
    const reason = find(group?.scores, 'reason');
    expect(reason).toMatchObject({ n: 12, shares: { queue: { share: 1 }, staff: { share: 0.25 } } });
  });

  test('count answers in time of people who were meant, and count texts without showing them', async () => {
    const [group] = (await scores()).groups;
    expect(find(group?.scores, 'quality')?.n).toBe(25);
    expect(find(group?.scores, 'comment')).toMatchObject({ n: 10, mean: null, shares: {} });
    expect(JSON.stringify(group)).not.toContain('добре');
  });

  test('by centre: three answers and none look the same, and the rest does not give them away', async () => {
    const { groups, fewest } = await scores({ by: 'centre' });
    expect(fewest).toBe(10);
    const quality = groups.map(({ by, scores: own }) => [by.centre, find(own, 'quality')?.n]);
    expect(quality).toEqual([
      ['dnipro-1', null],
      ['kyiv-1', 12],
      ['lviv-1', null],
      ['odesa-1', null],
    ]);
    const [dnipro, , , odesa] = groups;
    expect(find(odesa?.scores, 'quality')).toEqual(find(dnipro?.scores, 'quality'));
  });

  test('a filter shows nothing that the unfiltered report hides', async () => {
    const n = async (query: Partial<ReportQuery>) =>
      find((await scores(query)).groups[0]?.scores, 'quality')?.n;
    expect(await n({ centre: 'kyiv-1' })).toBe(12);
    // Ten answers, but all minus these and those of kyiv-1 are the three of odesa-1.
    expect(await n({ centre: 'lviv-1' })).toBeNull();
    expect(await n({ centre: ['lviv-1', 'odesa-1'] })).toBeNull();
    expect(await n({ centre: ['kyiv-1', 'lviv-1'] })).toBeNull();
    expect(await n({ centre: ['kyiv-1', 'lviv-1', 'odesa-1'] })).toBe(25);
  });

  test('a period shows nothing that is less than ten answers away from the month', async () => {
    const own = await testDatabase();
    try {
      const other = new Builders(own.db, now);
      const visits = await other.campaign('daily', questions);
      const on = (day: number) => new Date(Date.UTC(2026, 1, day, 9));
      for (const [day, answers] of [[2, 15], [10, 12], [20, 3]] as const) // prettier-ignore
        for (let i = 0; i < answers; i++)
          await other.path({ campaign: visits, finishedAt: on(day), facts: { sent: true }, answers: { quality: 5 } }); // prettier-ignore
      const n = async (from: string, to: string, by?: string) => {
        const report = await reportScores(own.db, reportQuestion({ from, to, ...(by && { by }) }), now);
        return report.groups.map(({ scores: found }) => find(found, 'quality')?.n);
      };
      expect(await n('2026-02-01', '2026-02-28')).toEqual([30]);
      expect(await n('2026-02-01', '2026-02-19')).toEqual([null]);
      expect(await n('2026-02-01', '2026-02-09')).toEqual([15]);
      expect(await n('2026-02-10', '2026-02-28')).toEqual([15]);
      expect(await n('2026-02-01', '2026-02-28', 'day')).toEqual([15, null, null]);
    } finally {
      await own.drop();
    }
  });

  test('a changed scale is another metric, a new wording is not', async () => {
    const own = await testDatabase();
    try {
      const other = new Builders(own.db, now);
      const first = await other.campaign('kept', questions);
      const reworded = questions.map((q) =>
        q.key === 'quality' ? { ...q, text: { uk: 'Оцініть візит' } } : q,
      );
      const rescaled = questions.map((q) => (q.key === 'quality' ? { ...q, max: 10 } : q));
      const revision = async (n: number, content: object[]): Promise<string> => {
        const { rows } = await own.db.query<{ id: string }>(
          `insert into definition (kind, key, revision, content, content_hash, pack, created_at)
           values ('survey', 'kept-survey', $1::int, $2, $1::int::text, 'test', $3) returning id`,
          [n, JSON.stringify({ key: 'kept-survey', title: { uk: 'x' }, questions: content }), now],
        );
        return rows[0]?.id ?? '';
      };
      const surveyIds = [first.surveyId, await revision(2, reworded), await revision(3, rescaled)];
      for (const surveyId of surveyIds) {
        for (let i = 0; i < 10; i++) {
          await other.path({
            campaign: { ...first, surveyId },
            facts: { sent: true },
            answers: { quality: 5 },
          });
        }
      }
      const [group] = (await reportScores(own.db, reportQuestion(march), now)).groups;
      const quality = group?.scores.filter((entry) => entry.question === 'quality');
      expect(quality?.map(({ n }) => n).sort()).toEqual([10, 20]);
    } finally {
      await own.drop();
    }
  });

  test('print one line per figure, and a hidden one as hidden', async () => {
    const csv = formatReport(await scores({ by: 'centre' }), 'csv').split('\r\n');
    expect(csv[0]).toBe('centre,survey,question,metric,n,figure,definition,count,value,low,high');
    expect(csv.filter((row) => row.startsWith('odesa-1,')).every((row) => row.includes(',hidden,'))).toBe(
      true,
    );
    expect(csv.find((row) => row.includes('kyiv-1') && row.includes('share of 5'))).toMatch(
      /,12,share of 5,share\/1,9,0\.75,/,
    );
    expect(formatReport(await scores({ centre: 'kyiv-1' }), 'table')).toMatch(
      /quality +12 +share of 5 +9 +75\.0 %/,
    );
  });
});

describe('cost', () => {
  test('counts accepted messages and SMS parts with the visit they are about', async () => {
    const { invitationId } = await build.path({
      campaign,
      centre: 'cost-1',
      facts: { sent: true, started: true, completed: true },
    });
    const id = invitationId ?? '';
    await build.sender('viber', 'viber');
    await build.message(id, { state: 'accepted', accepted_at: now, parts: 2 });
    await build.message(id, {
      kind: 'reminder',
      state: 'failed',
      accepted_at: now,
      settled_at: now,
      parts: 3,
    });
    await build.message(id, {
      kind: 'thanks',
      channel: 'viber',
      sender: 'viber',
      state: 'accepted',
      accepted_at: now,
    });
    await build.message(id, { kind: 'question', state: 'cancelled', settled_at: now });
    const report = await reportCost(t.db, reportQuestion({ ...march, centre: 'cost-1' }), now);
    expect(report.groups).toEqual([
      {
        by: {},
        invited: 1,
        answered: 1,
        sms: { messages: 2, parts: 5, uncounted: 0 },
        viber: { messages: 1, parts: 0, uncounted: 1 },
        partsByKind: { invite: 2, reminder: 3 },
        partsPerAnswer: 5,
      },
    ]);
    expect(formatReport(report, 'table')).toMatch(/^parts_reminder +3$/m);
  });

  test('per answer is undefined while nobody answered', async () => {
    const report = await reportCost(
      t.db,
      reportQuestion({ ...march, by: 'centre', centre: 'dnipro-1' }),
      now,
    );
    expect(report.groups[0]).toMatchObject({ by: { centre: 'dnipro-1' }, answered: 0, partsPerAnswer: null });
  });
});
