import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AnswerBook } from '#replies/answer-book';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Role } from '#store/entities';
import type { Campaign } from '#testkit/builders';
import { testConsole, type TestConsole } from '../testing/console.js';
import type { Case, CaseDetail } from './case-shape.js';

const now = new Date('2026-03-02T12:00:00Z');
const QUESTIONS = [
  { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' }, alertAtMost: 2 },
  { key: 'comment', type: 'text', text: { uk: 'Що поліпшити?' }, optional: true },
];
const PHONE = '+380671112233';

let c: TestConsole;
let book: AnswerBook;
let campaign: Campaign;
beforeAll(async () => {
  c = await testConsole(now);
  book = new AnswerBook(c.db, c.build.vault, new SurveyShelf());
  campaign = await c.build.campaign('alerts', QUESTIONS);
});
afterAll(() => c.close());

/** A visitor of the centre who answers; returns the invitation. */
async function answered(answers: Record<string, unknown>, centre = 'kyiv-1', phone?: string): Promise<string> {
  const { invitationId } = await c.build.path({ centre, campaign, facts: { sent: true }, ...(phone && { phone }) });
  await give(invitationId ?? '', answers);
  return invitationId ?? '';
} // prettier-ignore

async function give(invitationId: string, answers: Record<string, unknown>): Promise<void> {
  const given = Object.entries(answers).map(([questionKey, value]) => ({ questionKey, value }));
  await book.save(invitationId, given, { via: 'page', at: c.clock.now() });
}

async function list(query = '', as: Role = 'operator'): Promise<{ items: Case[]; next: string | null }> {
  const answer = await c.as(as, `/api/v1/cases${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as { items: Case[]; next: string | null };
}
const caseOf = async (invitation: string, query = ''): Promise<Case | undefined> =>
  (await list(query)).items.find((one) => one.invitation === invitation);
const act = (id: string, body: object, as: Role = 'operator'): Promise<Response> =>
  c.as(as, `/api/v1/cases/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('a case', () => {
  test('opens with a low score, and with nothing else', async () => {
    const good = await answered({ quality: 3, comment: 'Дякую' });
    const bad = await answered({ quality: 2 });
    expect(await caseOf(good)).toBeUndefined();
    expect(await caseOf(bad)).toMatchObject({
      state: 'open',
      assignee: null,
      centre: 'kyiv-1',
      scores: [{ question: 'Як Вас обслужили?', value: 2, label: 'погано' }],
      noteCount: 0,
    });
  });

  test('shows a masked number, the words without numbers, and the way to the timeline', async () => {
    const bad = await answered({ quality: 1, comment: 'Грубо. Дзвоніть 067 111 22 33' }, 'kyiv-1', PHONE);
    const listed = await caseOf(bad);
    const detail = (await (await c.as('operator', `/api/v1/cases/${listed?.id}`)).json()) as CaseDetail;
    expect(detail.words).toEqual([{ question: 'Що поліпшити?', text: 'Грубо. Дзвоніть […]' }]);
    expect(detail.phone).toMatch(/^\+380.*33$/);
    expect(JSON.stringify(detail)).not.toMatch(/671112233|111 22 33/);
    expect((await c.as('operator', detail.timeline)).status).toBe(200);
    const seen = await c.db.query(`select actor_name from audit_entry where action = 'case.seen' and subject_id = $1`, [detail.id]); // prettier-ignore
    expect(seen.rows).toEqual([{ actor_name: 'operator' }]);
  });

  test('goes away when the person takes the score back before anybody touched it, not after', async () => {
    const untouched = await answered({ quality: 1 });
    await give(untouched, { quality: 5 });
    expect(await caseOf(untouched)).toBeUndefined();
    const touched = await answered({ quality: 1 });
    await act((await caseOf(touched))?.id ?? '', { action: 'note', note: 'Передзвонимо' });
    await give(touched, { quality: 5 });
    expect(await caseOf(touched)).toMatchObject({ state: 'open', noteCount: 1, scores: [] });
  });

  test('is one for a visit, whatever is answered again', async () => {
    const bad = await answered({ quality: 1 });
    await give(bad, { quality: 2 });
    expect((await list()).items.filter(({ invitation }) => invitation === bad)).toHaveLength(1);
  });
});

describe('an operator', () => {
  test('takes it, notes, closes and opens it again; each is recorded without the words', async () => {
    const id = (await caseOf(await answered({ quality: 1 })))?.id ?? '';
    const states: unknown[] = [];
    for (const change of [
      { action: 'take' },
      { action: 'note', note: 'Подзвонили' },
      { action: 'close', note: 'Вибачились, довідку видано' },
      { action: 'reopen' },
    ]) {
      const answer = await act(id, change);
      expect(answer.status).toBe(200);
      const detail = (await answer.json()) as CaseDetail;
      states.push([detail.state, detail.assignee, detail.notes.map(({ text }) => text).length]);
    }
    expect(states).toEqual([
      ['taken', 'operator', 0],
      ['taken', 'operator', 1],
      ['closed', 'operator', 2],
      ['open', null, 2],
    ]);
    const { rows } = await c.db.query<{ action: string }>(
      `select action, before::text || after::text as told from audit_entry where subject_kind = 'case' and subject_id = $1 order by id`,
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['case.taken', 'case.noted', 'case.closed', 'case.reopened']);
    expect(JSON.stringify(rows)).not.toContain('довідку');
    const stored = await c.db.query<{ text: Buffer }>('select text_cipher as text from case_note where case_id = $1', [id]);
    expect(stored.rows.map(({ text }) => text.toString('utf8')).join()).not.toContain('довідку');
  }); // prettier-ignore

  test.each<[string, object[], object, number, string]>([
    ['closing without a note', [], { action: 'close' }, 422, 'note_missing'],
    ['an empty note', [], { action: 'note', note: '  ' }, 422, 'note_missing'],
    ['giving back what nobody took', [], { action: 'release' }, 409, 'case_state'],
    ['opening what is open', [], { action: 'reopen' }, 409, 'case_state'],
    ['taking what is closed', [{ action: 'close', note: 'Готово' }], { action: 'take' }, 409, 'case_state'],
    ['something else', [], { action: 'delete' }, 400, 'request_invalid'],
  ])('%s is refused', async (_name, before, change, status, code) => {
    const id = (await caseOf(await answered({ quality: 1 })))?.id ?? '';
    for (const one of before) await act(id, one);
    const answer = await act(id, change);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  test('two who take it at once take turns, and both are recorded', async () => {
    const id = (await caseOf(await answered({ quality: 1 })))?.id ?? '';
    const answers = await Promise.all([act(id, { action: 'take' }), act(id, { action: 'take' }, 'admin')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const { rows } = await c.db.query(`select action from audit_entry where subject_kind = 'case' and subject_id = $1`, [id]); // prettier-ignore
    expect(rows).toHaveLength(2);
  });
});

describe('the list', () => {
  test('is filtered by state, centre and who took it, and paged', async () => {
    const lviv = [await answered({ quality: 1 }, 'lviv-1'), await answered({ quality: 2 }, 'lviv-1'), await answered({ quality: 1 }, 'lviv-1')];
    const first = await list('?centre=lviv-1&limit=2');
    const second = await list(`?centre=lviv-1&limit=2&cursor=${first.next}`);
    expect([...first.items, ...second.items].map(({ invitation }) => invitation)).toEqual(lviv.reverse());
    expect(second.next).toBeNull();
    await act(first.items[0]?.id ?? '', { action: 'take' }, 'admin');
    await act(first.items[1]?.id ?? '', { action: 'close', note: 'Готово' });
    expect((await list('?centre=lviv-1&state=closed')).items).toHaveLength(1);
    expect((await list('?centre=lviv-1')).items).toHaveLength(2);
    expect((await list('?centre=lviv-1&assignee=admin')).items).toHaveLength(1);
  }); // prettier-ignore

  test('shows an operator of one centre only its own cases', async () => {
    const foreign = (await caseOf(await answered({ quality: 1 }, 'odesa-1')))?.id ?? '';
    const own = await answered({ quality: 1 }, 'rivne-1');
    const bearer = await c.scopedTo('operator', ['rivne-1']);
    const asScoped = (path: string): Promise<Response> =>
      c.as(undefined, path, { headers: { authorization: `Bearer ${bearer}` } });
    const { items } = (await (await asScoped('/api/v1/cases')).json()) as { items: Case[] };
    expect(items.map(({ invitation }) => invitation)).toEqual([own]);
    expect((await asScoped(`/api/v1/cases/${foreign}`)).status).toBe(404);
  });
});
