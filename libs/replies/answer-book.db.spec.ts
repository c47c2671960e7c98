import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';
import type { GivenAnswer, SaveResult } from './answer-book.js';

let t: TestDatabase;
let desk: ReplyDesk;
let sent: Sent;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());
beforeEach(async () => {
  sent = await desk.invite();
});

const give = (answers: Record<string, unknown>, at = desk.clock.now()): Promise<SaveResult> => {
  const given: GivenAnswer[] = Object.entries(answers).map(([questionKey, value]) => ({
    questionKey,
    value,
  }));
  return desk.book.save(sent.invitationId, given, { via: 'page', at });
};

test('an answer begins the survey, the last that must be given completes it', async () => {
  const first = await give({ quality: 5 });
  expect(first).toMatchObject({ outcome: 'saved', late: false, open: { next: { key: 'recommend' } } });
  expect(await desk.invitation(sent.invitationId)).toMatchObject({ started_at: desk.clock.now(), completed_at: null });
  await give({ recommend: 9 });
  expect(await desk.invitation(sent.invitationId)).toMatchObject({ completed_at: desk.clock.now(), completed_via: 'page' });
}); // prettier-ignore

describe('what looks like a program is flagged, and nothing else', () => {
  const flags = async () =>
    (await t.db.query(`select f.flag, f.sign from visit_flag f join invitation i using (visit_id) where i.id = $1`, [sent.invitationId])).rows;
  const after = (ms: number): Date => new Date(desk.clock.now().getTime() + ms);
  const save = (key: string, value: unknown, at: Date, how: { byProgram?: boolean; via?: 'sms' } = {}) =>
    desk.book.save(sent.invitationId, [{ questionKey: key, value }], { via: 'page', at, ...how });

  test.each<[string, number, { byProgram?: boolean; via?: 'sms' }, string | undefined]>([
    ['a person who takes a second', 1000, {}, undefined],
    ['half a second between two pages', 500, {}, 'pace'],
    ['the same by SMS', 500, { via: 'sms' }, undefined],
    ['a name of a program', 60_000, { byProgram: true }, 'agent'],
  ])('%s', async (_, ms, how, sign) => {
    await save('quality', 5, after(0));
    await save('recommend', 9, after(ms), how);
    expect(await flags()).toEqual(sign === undefined ? [] : [{ flag: 'robots', sign }]);
  });
}); // prettier-ignore

describe('once it is complete', () => {
  const completedAt = async (): Promise<unknown> =>
    (await desk.invitation(sent.invitationId))['completed_at'];
  const later = (seconds: number): Date => new Date(desk.clock.now().getTime() + seconds * 1000);

  test('what is optional is still taken, without another completion', async () => {
    await give({ quality: 5, recommend: 9 });
    const before = await completedAt();
    const remark = await desk.book.save(sent.invitationId, [{ questionKey: 'comment', value: 'Дякую' }], {
      via: 'sms',
      at: later(60),
    });
    expect(remark).toMatchObject({ outcome: 'saved', open: { next: undefined } });
    expect(await desk.answers(sent.invitationId)).toEqual({ quality: 5, recommend: 9, comment: 'Дякую' });
    expect(await completedAt()).toEqual(before);
    expect(await desk.invitation(sent.invitationId)).toMatchObject({ completed_via: 'page' });
  });

  test('a mark may be changed on the way back, and the follow-up it opens is asked; it stays complete', async () => {
    await give({ quality: 5, recommend: 9 });
    expect(await give({ quality: 2 }, later(1))).toMatchObject({ open: { next: { key: 'reason' } } });
    expect(await completedAt()).toEqual(desk.clock.now());
    await give({ reason: ['staff'], comment: null }, later(2));
    expect(await desk.answers(sent.invitationId)).toEqual({ quality: 2, reason: ['staff'], recommend: 9, comment: null });
    expect((await give({ quality: 5 }, later(3))).outcome).toBe('closed');
  }); // prettier-ignore

  test('invites and reminders are taken back, the question that is left is not', async () => {
    await desk.says(sent.phone, '4');
    await desk.sendAll(sent.invitationId);
    await desk.builders.message(sent.invitationId, { kind: 'reminder', priority: 6 });
    await desk.says(sent.phone, '8');
    expect(await completedAt()).toBeInstanceOf(Date);
    expect(await desk.sendAll(sent.invitationId)).toEqual(['question:comment']);
    const { rows } = await t.db.query(`select state from message where invitation_id = $1 and kind = 'reminder'`, [sent.invitationId]); // prettier-ignore
    expect(rows).toEqual([{ state: 'cancelled' }]);
  });

  test('an optional question given alone completes nothing', async () => {
    await give({ comment: 'Добре' });
    await give({ quality: 5 });
    expect(await completedAt()).toBeNull();
    await give({ recommend: 0 });
    expect(await completedAt()).toBeInstanceOf(Date);
  });
});

test('free text is sealed in the row and read back by the person who wrote it', async () => {
  await give({ comment: 'Мій номер 0671112233' });
  const row = await desk.row<{ value: unknown; text_cipher: Buffer }>(
    'select value, text_cipher from answer where invitation_id = $1',
    sent.invitationId,
  );
  expect(row.value).toBeNull();
  expect(row.text_cipher.toString('utf8')).not.toContain('067');
  expect(await desk.book.textOf(sent.invitationId, 'comment')).toBe('Мій номер 0671112233');
  expect((await desk.book.open(sent.code))?.answers).toEqual({ comment: '' });
});

test.each<[string, Record<string, unknown>, string]>([
  ['a mark beyond the scale', { quality: 6 }, 'quality'],
  ['a question the survey does not have', { nothing: 1 }, 'nothing'],
  ['a good answer beside a bad one', { quality: 5, recommend: 'ten' }, 'recommend'],
  ['skipping what must be answered', { quality: null }, 'quality'],
])('%s is refused, and nothing is stored', async (_name, answers, questionKey) => {
  expect(await give(answers)).toEqual({ outcome: 'invalid', questionKey });
  expect(await desk.answers(sent.invitationId)).toEqual({});
  expect((await desk.invitation(sent.invitationId))['started_at']).toBeNull();
});

test('until the end the later answer stands, also when it is stored first', async () => {
  const earlier = desk.clock.now();
  const later = new Date(earlier.getTime() + 1000);
  await give({ quality: 2 }, later);
  await give({ quality: 5 }, earlier);
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 2 });
  expect((await desk.invitation(sent.invitationId))['started_at']).toEqual(earlier);
});

test('once nothing is left to ask nothing changes', async () => {
  await give({ quality: 5, recommend: 9, comment: null });
  const again = await give({ quality: 1 });
  expect(again.outcome).toBe('closed');
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 5, recommend: 9, comment: null });
});

test('answers after the invitation expired are kept and marked late', async () => {
  await t.db.query('update invitation set expires_at = $2 where id = $1', [
    sent.invitationId,
    desk.clock.now(),
  ]);
  expect(await give({ quality: 5 })).toMatchObject({ outcome: 'saved', late: true });
  expect(await desk.row('select late from answer where invitation_id = $1', sent.invitationId)).toEqual({
    late: true,
  });
});

test('two devices at once give one answer to each question, and one completion', async () => {
  await give({ quality: 4, recommend: 9 });
  const results = await Promise.all(Array.from({ length: 12 }, (_, i) => give({ comment: `пристрій ${i}` })));
  expect(results.filter(({ outcome }) => outcome === 'saved')).toHaveLength(1);
  expect(results.filter(({ outcome }) => outcome === 'closed')).toHaveLength(11);
  expect(Object.keys(await desk.answers(sent.invitationId))).toHaveLength(3);
});

test('closing by the page takes back questions and reminders that still wait', async () => {
  await desk.says(sent.phone, '4');
  await desk.builders.message(sent.invitationId, { kind: 'reminder', priority: 6 });
  await give({ recommend: 8, comment: null });
  const { rows } = await t.db.query(
    `select kind, state, reason from message where invitation_id = $1 and kind <> 'invite' order by kind`,
    [sent.invitationId],
  );
  expect(rows).toEqual([
    { kind: 'question', state: 'cancelled', reason: 'answered' },
    { kind: 'reminder', state: 'cancelled', reason: 'answered' },
  ]);
});

test('a code that was never given out opens nothing', async () => {
  expect(await desk.book.open('zzzzzzzz')).toBeUndefined();
});
