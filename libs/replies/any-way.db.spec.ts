import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';

let t: TestDatabase;
let desk: ReplyDesk;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());

type Way = 'page' | 'sms' | 'viber';
/** What the person means to answer, whichever way they do it. */
type Mind = Readonly<Record<string, number | string | string[] | null>>;

const mind: fc.Arbitrary<Mind> = fc
  .record({
    quality: fc.integer({ min: 1, max: 5 }),
    reason: fc.subarray(['queue', 'staff'], { minLength: 1 }),
    recommend: fc.integer({ min: 0, max: 10 }),
    comment: fc.constantFrom(null, 'Менше паперів', '5'),
  })
  .map(({ reason, ...rest }) => (rest.quality <= 3 ? { ...rest, reason } : rest));
const step = fc.record({
  way: fc.constantFrom<Way>('page', 'sms', 'viber'),
  pick: fc.nat(),
  twice: fc.boolean(),
});

/** As the person would type it. */
function typed(value: Mind[string]): string {
  if (value === null) return '-';
  if (Array.isArray(value)) return value.map((choice) => (choice === 'queue' ? 1 : 2)).join(', ');
  return String(value);
}

/** As a button sends it; undefined for what has no button. */
function pressed(key: string, value: Mind[string]): string | undefined {
  if (value === null) return '-';
  if (Array.isArray(value)) return value.length === 1 ? value[0] : undefined;
  return key === 'comment' ? undefined : String(value);
}

/** The question that a text would answer now: the one asked by SMS, else the first open one. */
async function inTurn(sent: Sent): Promise<string | undefined> {
  const open = await desk.book.open(sent.code);
  const asked = await desk.row<{ key?: string | null }>(
    `select (select asked_key from conversation where invitation_id = $1 and channel = 'sms') as key`,
    sent.invitationId,
  );
  return open?.next && (asked.key ?? open.next.key);
}

async function answer(sent: Sent, user: string, thought: Mind, { way, pick, twice }: { way: Way; pick: number; twice: boolean }): Promise<void> {
  const open = Object.keys(thought).filter((key) => !(key in (givenSoFar.get(sent.code) ?? {})));
  const key = open[pick % Math.max(open.length, 1)] ?? 'quality';
  const button = pressed(key, thought[key] ?? null);
  if (way === 'sms') {
    const turn = await inTurn(sent);
    if (turn !== undefined && turn in thought) await desk.says(sent.phone, typed(thought[turn] ?? null));
  } else if (way === 'viber' && button !== undefined) {
    await desk.says(user, `v1:${sent.code}:${key}:${button}`);
    if (twice) await desk.says(user, `v1:${sent.code}:${key}:${button}`);
  } else {
    const save = (): Promise<unknown> =>
      desk.book.save(sent.invitationId, [{ questionKey: key, value: thought[key] }], { via: 'page', at: desk.clock.now() });
    await Promise.all(twice ? [save(), save()] : [save()]);
  }
  await desk.sendAll(sent.invitationId);
  const given = await desk.answers(sent.invitationId);
  givenSoFar.set(sent.code, given);
  // Complete from the moment when all but the remark is there, whichever answer came last, and ever after.
  const isComplete = Object.keys(thought).every((name) => name === 'comment' || name in given);
  expect((await desk.invitation(sent.invitationId))['completed_at'] !== null).toBe(isComplete);
} // prettier-ignore

const givenSoFar = new Map<string, Record<string, unknown>>();

test('whatever order and ways the answers come in, the same is stored, once, and the survey is complete', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(mind, fc.array(step, { minLength: 4, maxLength: 6 }), async (thought, steps) => {
      const sent = await desk.invite();
      const user = `any way ${++made}==`;
      for (const one of steps) await answer(sent, user, thought, one);
      // Whoever broke off comes back to the page for the rest.
      for (const pick of [0, 0, 0, 0]) await answer(sent, user, thought, { way: 'page', pick, twice: false });
      expect(await desk.answers(sent.invitationId)).toEqual(thought);
      const invitation = await desk.invitation(sent.invitationId);
      expect(invitation['completed_at']).toBeInstanceOf(Date);
      expect(invitation['refused_at']).toBeNull();
      expect(desk.errors).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
