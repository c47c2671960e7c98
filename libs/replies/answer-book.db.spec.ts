import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
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

test('an answer begins the survey, the last one completes it', async () => {
  const first = await give({ quality: 5 });
  expect(first).toMatchObject({ outcome: 'saved', late: false, open: { next: { key: 'recommend' } } });
  expect(await desk.invitation(sent.invitationId)).toMatchObject({ started_at: desk.clock.now(), completed_at: null });
  await give({ recommend: 9, comment: 'Дякую' });
  expect(await desk.invitation(sent.invitationId)).toMatchObject({ completed_at: desk.clock.now(), completed_via: 'page' });
}); // prettier-ignore

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

test('after the end nothing changes', async () => {
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

test('completing by the page takes back questions and reminders that still wait', async () => {
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
