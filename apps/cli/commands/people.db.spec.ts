import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyUser } from '#access/users';
import { findToken } from '#access/tokens';
import { Builders, TEST_SECRET } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { failWith } from '../failure.js';
import { buildProgram } from '../program.js';

const now = new Date('2026-03-02T12:00:00Z');
let t: TestDatabase;
let build: Builders;

beforeAll(async () => {
  t = await testDatabase();
  build = new Builders(t.db, now);
  await build.centre('kyiv-1');
});
afterAll(() => t.drop());

/** Runs one command in this process; `out` is what it printed. */
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
    const code = failWith(context, thrown, words.includes('--json'));
    return { code, out, err };
  }
}

async function told<T>(...words: string[]): Promise<T> {
  return JSON.parse((await vidhuk(...words, '--json')).out) as T;
}

describe('people at the command line', () => {
  test('are added, listed, barred, let in, and given a new password', async () => {
    const added = await told<{ email: string; password: string; centres: string[] }>('user', 'add', 'O@example.ua', '--role', 'analyst', '--centre', 'kyiv-1'); // prettier-ignore
    expect(added).toMatchObject({ email: 'o@example.ua', role: 'analyst', centres: ['kyiv-1'] });
    expect(await verifyUser(t.db, 'o@example.ua', added.password)).toBeDefined();
    expect((await vidhuk('user', 'list')).out).toMatch(/o@example\.ua +analyst of kyiv-1/);
    expect((await vidhuk('user', 'disable', 'o@example.ua')).out).toContain('may not sign in any more');
    expect((await vidhuk('user', 'list')).out).toContain('disabled');
    expect(await verifyUser(t.db, 'o@example.ua', added.password)).toBeUndefined();
    await vidhuk('user', 'enable', 'O@EXAMPLE.ua');
    expect(await verifyUser(t.db, 'o@example.ua', added.password)).toBeDefined();
    const reset = await told<{ password: string }>('user', 'reset', 'o@example.ua', '--second-factor');
    expect(await verifyUser(t.db, 'o@example.ua', added.password)).toBeUndefined();
    expect(await verifyUser(t.db, 'o@example.ua', reset.password)).toBeDefined();
  });

  test.each([
    [['user', 'add', 'x@example.ua', '--role', 'king'], 'role'],
    [['user', 'add', 'x@example.ua', '--role', 'analyst', '--centre', 'nowhere'], 'nowhere'],
    [['user', 'add', 'x@example.ua', '--role', 'admin', '--centre', 'kyiv-1'], 'every centre'],
    [['user', 'disable', 'nobody@example.ua'], 'nobody@example.ua'],
    [['token', 'revoke', '0'], 'token list'],
    [['token', 'revoke', '999999'], '999999'],
    [['audit', 'verify', '--expect', 'x'], 'id:hash'],
    [['audit', 'list', '--limit', '0'], '10,000'],
  ])('%j is wrong usage that says what to do', async (words, said) => {
    const { code, err } = await vidhuk(...words);
    expect([code, err.includes(said)]).toEqual([2, true]);
  });

  test('the last administrator cannot be barred', async () => {
    await vidhuk('user', 'add', 'only@example.ua', '--role', 'admin');
    expect((await vidhuk('user', 'disable', 'only@example.ua')).err).toContain('last administrator');
  });
});

test('tokens are made for centres and days, listed without their secret, and revoked', async () => {
  const made = await told<{ id: string; token: string; expiresAt: string }>('token', 'create', '--role', 'operator', '--name', 'board', '--centre', 'kyiv-1', '--days', '7'); // prettier-ignore
  expect(await findToken(t.db, made.token, new Date(Date.now()))).toMatchObject({ centres: ['kyiv-1'] });
  expect(new Date(made.expiresAt).getTime() - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  const listed = (await vidhuk('token', 'list')).out;
  expect(listed).toMatch(/board +operator of kyiv-1/);
  expect(listed).not.toContain(made.token);
  await vidhuk('token', 'revoke', made.id);
  expect(await findToken(t.db, made.token, new Date(Date.now()))).toBeUndefined();
});

describe('the audit log at the command line', () => {
  test('tells who did what, and that it is whole', async () => {
    const { out } = await vidhuk('audit', 'list', '--action', 'token.revoked');
    expect(out).toMatch(/token\.revoked {2}token:\d+/);
    const state = await told<{ entries: number; head: { id: string; hash: string }; faults: unknown[] }>(
      'audit',
      'verify',
    );
    expect(state).toMatchObject({ faults: [], entries: Number(state.head.id) });
    expect((await vidhuk('audit', 'verify', '--expect', `${state.head.id}:${state.head.hash}`)).code).toBe(0);
  });

  test('has the changes of other commands too', async () => {
    await vidhuk('retention', 'set', 'free_text', '180');
    await vidhuk('erase', '--phone', '+380671234567');
    const entries = await told<{ action: string; actorKind: string; after: unknown }[]>(
      'audit',
      'list',
      '--limit',
      '2',
    );
    expect(entries.map(({ action, actorKind }) => [action, actorKind])).toEqual([
      ['person.erased', 'command'],
      ['retention.changed', 'command'],
    ]);
    expect(JSON.stringify(entries)).not.toContain('671234567');
  });

  test('fails when somebody changed it', async () => {
    await t.db.query('alter table audit_entry disable trigger all');
    await t.db.query(`update audit_entry set actor_name = 'somebody else' where id = 1`);
    const { code, out, err } = await vidhuk('audit', 'verify');
    expect([code, out.includes('entry 1: was changed'), err.includes('somebody changed it')]).toEqual([
      1,
      true,
      true,
    ]);
  });
});

test('words that leave by an export leave two entries: who asked for what, and how many answers went', async () => {
  await build.path({
    centre: 'kyiv-1',
    finishedAt: now,
    facts: { sent: true, started: true },
    answers: { quality: 5 },
  });
  const days = ['--from', '2026-03-01', '--to', '2026-03-31', '--centre', 'kyiv-1'];
  expect((await vidhuk('export', 'answers', ...days, '--format', 'jsonl')).code).toBe(0);
  const { rows } = await t.db.query<{ action: string; kind: string; after: Record<string, unknown> }>(
    `select action, actor_kind as kind, after from audit_entry where action like 'answers.%' order by id`,
  );
  const asked = { from: '2026-03-01', to: '2026-03-31', format: 'jsonl', filter: { centre: ['kyiv-1'] } };
  expect(rows).toEqual([
    { action: 'answers.exported', kind: 'command', after: expect.objectContaining(asked) },
    {
      action: 'answers.export_ended',
      kind: 'command',
      after: expect.objectContaining({ ...asked, answers: 1, complete: true }),
    },
  ]);
});
