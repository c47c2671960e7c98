import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Builders, TEST_SECRET } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { failWith } from '../failure.js';
import { buildProgram } from '../program.js';

const now = new Date('2026-03-02T12:00:00Z');
const REASON = "the carrier's console does not list it";
let t: TestDatabase;
let build: Builders;
let id: string;

beforeAll(async () => {
  t = await testDatabase();
  build = new Builders(t.db, now);
});
afterAll(() => t.drop());
beforeEach(async () => {
  const { invitationId } = await build.path({ phone: '+380671112233', facts: {} });
  const claimed = { attempt: 1, claimed_by: 'w', claimed_at: now };
  id = await build.message(invitationId ?? '', { state: 'uncertain', reason: 'worker_lost', ...claimed });
});

async function vidhuk(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const context = {
    env: { DATABASE_URL: t.url, VIDHUK_SECRET_KEY: TEST_SECRET },
    out: (text: string) => void (out += text),
    write: () => Promise.resolve(),
    err: (text: string) => void (err += text),
    stdin: process.stdin,
    interactive: false,
  };
  try {
    await (await buildProgram(context, words[0])).parseAsync(['node', 'vidhuk', ...words]);
    return { code: 0, out, err };
  } catch (thrown) {
    return { code: failWith(context, thrown, words.includes('--json')), out, err };
  }
}

const stateOf = async (): Promise<unknown> =>
  (await t.db.query<{ state: string }>('select state from message where id = $1', [id])).rows[0]?.state;

test('what is in doubt is listed with masked numbers', async () => {
  const { out } = await vidhuk('messages', 'list', '--json');
  const listed = JSON.parse(out) as { id: string; phone: string }[];
  expect(listed.find((one) => one.id === id)?.phone).toMatch(/^\+380.*33$/);
  expect(out).not.toContain('671112233');
  expect(out).not.toContain('phoneCipher');
});

test('a doubt is ended with its reason, which the audit log keeps beside the account it was done under', async () => {
  expect(await vidhuk('messages', 'abandon', id, '--reason', ` ${REASON} `)).toMatchObject({ code: 0 });
  expect(await stateOf()).toBe('abandoned');
  const { rows } = await t.db.query(
    `select actor_kind, action, after ->> 'reason' as reason from audit_entry where subject_id = $1`,
    [id],
  );
  expect(rows).toEqual([{ actor_kind: 'command', action: 'message.given_up', reason: REASON }]);
});

test.each([
  ['too short', 'so'],
  ['too long', 'x'.repeat(201)],
  ['blank', '      '],
])('a reason that is %s is refused as by page and API, and changes nothing', async (_, reason) => {
  const { code, err } = await vidhuk('messages', 'resend', id, '--reason', reason);
  expect([code, err]).toEqual([2, expect.stringContaining('5 to 200')]);
  expect(await stateOf()).toBe('uncertain');
});

test.each(['0', 'x', '99999999', "1' or '1"])('there is no message %s', async (unknown) => {
  const { code, err } = await vidhuk('messages', 'resend', unknown, '--reason', REASON);
  expect([code, err]).toEqual([1, expect.stringContaining('There is no message')]);
});
