import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { authenticate } from './authenticate.js';
import { closeSession, findSession, openSession, SESSION_HOURS } from './sessions.js';
import { createToken, findToken, revokeToken, revokeTokens, tokenList } from './tokens.js';
import { createUser, disableUser, userCount, userList, verifyUser } from './users.js';

const now = new Date('2026-03-02T12:00:00Z');
const hours = (n: number): Date => new Date(now.getTime() + n * 3_600_000);
const password = 'correct horse battery';
let t: TestDatabase;

beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

/** Everything the access tables hold, as text, to look for what must not be there. */
async function stored(): Promise<string> {
  const { rows } = await t.db.query<{ text: string }>(
    `select row_to_json(r)::text as text from (select * from app_user) r
     union all select row_to_json(r)::text from (select * from app_session) r
     union all select row_to_json(r)::text from (select * from api_token) r`,
  );
  return rows.map((row) => row.text).join('\n');
}

describe('users', () => {
  test('sign in with their password, whatever the case of the address', async () => {
    const user = await createUser(t.db, { email: ' Olena@Example.UA ', password, role: 'analyst', now });
    expect(user).toMatchObject({ email: 'olena@example.ua', role: 'analyst', disabledAt: null });
    expect(await verifyUser(t.db, 'OLENA@example.ua', password)).toEqual(user);
    expect(await verifyUser(t.db, 'olena@example.ua', `${password}!`)).toBeUndefined();
    expect(await verifyUser(t.db, 'nobody@example.ua', password)).toBeUndefined();
    expect(await stored()).not.toContain(password);
  });

  test.each([
    ['a taken address', { email: 'olena@example.ua', password }, 'email_taken'],
    ['no address', { email: 'olena', password }, 'email_invalid'],
    ['a short password', { email: 'short@example.ua', password: 'only eleven' }, 'password_weak'],
  ])('are refused with %s', async (_, given, code) => {
    const before = await userCount(t.db);
    await expect(createUser(t.db, { ...given, role: 'admin', now })).rejects.toMatchObject({ code });
    expect(await userCount(t.db)).toBe(before);
  });

  test('once disabled cannot sign in and are out at once', async () => {
    const user = await createUser(t.db, { email: 'gone@example.ua', password, role: 'operator', now });
    const { token } = await openSession(t.db, user.id, now);
    const count = await userCount(t.db);
    expect(await disableUser(t.db, user.id, now)).toBe(true);
    expect(await userCount(t.db)).toBe(count - 1);
    expect(await findSession(t.db, token, now)).toBeUndefined();
    expect(await verifyUser(t.db, 'gone@example.ua', password)).toBeUndefined();
    expect((await userList(t.db)).find(({ id }) => id === user.id)?.disabledAt).toEqual(now);
    expect(await disableUser(t.db, '999999', now)).toBe(false);
  });
});

describe('sessions', () => {
  test('say who it is until they are closed or twelve hours old', async () => {
    const user = await createUser(t.db, { email: 's@example.ua', password, role: 'admin', now });
    const first = await openSession(t.db, user.id, now);
    const found = await findSession(t.db, first.token, hours(SESSION_HOURS - 0.01));
    expect(found).toMatchObject({ kind: 'user', id: user.id, name: 's@example.ua', role: 'admin' });
    expect(found?.csrf).toMatch(/^\w{44}$/);
    expect(await findSession(t.db, first.token, hours(SESSION_HOURS))).toBeUndefined();
    expect(await findSession(t.db, 'made up', now)).toBeUndefined();
    const second = await openSession(t.db, user.id, now);
    await closeSession(t.db, first.token);
    expect(await findSession(t.db, first.token, now)).toBeUndefined();
    expect(await findSession(t.db, second.token, now)).toBeDefined();
    expect(await stored()).not.toContain(second.token);
  });

  test('that expired are swept when another opens', async () => {
    const user = await createUser(t.db, { email: 'sweep@example.ua', password, role: 'admin', now });
    await openSession(t.db, user.id, now);
    await openSession(t.db, user.id, hours(SESSION_HOURS + 1));
    const { rows } = await t.db.query<{ n: number }>(
      'select count(*)::int as n from app_session where user_id = $1',
      [user.id],
    );
    expect(rows[0]?.n).toBe(1);
  });
});

describe('tokens', () => {
  test('speak for their role until revoked, and only their hash is stored', async () => {
    const { token, secret } = await createToken(t.db, { name: 'queue', role: 'admin', now });
    expect(secret).toMatch(/^vdk_\w{40}$/);
    expect(await findToken(t.db, secret, now)).toEqual({
      kind: 'token',
      id: token.id,
      name: 'queue',
      role: 'admin',
      csrf: null,
    });
    expect(await stored()).not.toContain(secret);
    expect(await revokeToken(t.db, token.id, now)).toBe(true);
    expect(await revokeToken(t.db, token.id, now)).toBe(false);
    expect(await findToken(t.db, secret, now)).toBeUndefined();
  });

  test('expire at their time', async () => {
    const { secret } = await createToken(t.db, { name: 'short', role: 'analyst', now, expiresAt: hours(1) });
    expect(await findToken(t.db, secret, hours(0.5))).toBeDefined();
    expect(await findToken(t.db, secret, hours(1))).toBeUndefined();
  });

  test('note their last use at most once a minute', async () => {
    const { token, secret } = await createToken(t.db, { name: 'used', role: 'analyst', now });
    const lastUse = async () => (await tokenList(t.db)).find(({ id }) => id === token.id)?.lastUsedAt;
    expect(await lastUse()).toBeNull();
    await findToken(t.db, secret, now);
    await findToken(t.db, secret, new Date(now.getTime() + 59_000));
    expect(await lastUse()).toEqual(now);
    await findToken(t.db, secret, hours(1));
    expect(await lastUse()).toEqual(hours(1));
  });

  test('are revoked together by name', async () => {
    for (const name of ['demo', 'demo', 'other']) await createToken(t.db, { name, role: 'admin', now });
    expect(await revokeTokens(t.db, 'demo', now)).toBe(2);
    expect(await revokeTokens(t.db, 'demo', now)).toBe(0);
    await expect(createToken(t.db, { name: '  ', role: 'admin', now })).rejects.toMatchObject({
      code: 'token_name_invalid',
    });
  });
});

test('a request is known by its bearer token first, then by its session', async () => {
  const user = await createUser(t.db, { email: 'both@example.ua', password, role: 'operator', now });
  const session = await openSession(t.db, user.id, now);
  const { secret } = await createToken(t.db, { name: 'both', role: 'analyst', now });
  const cookie = `a=b; vidhuk_session=${session.token}; c=d`;
  const who = async (headers: { authorization?: string; cookie?: string }) =>
    (await authenticate(t.db, headers, now))?.name;
  expect(await who({})).toBeUndefined();
  expect(await who({ cookie })).toBe('both@example.ua');
  expect(await who({ authorization: `Bearer ${secret}` })).toBe('both');
  expect(await who({ authorization: `bearer ${secret}`, cookie })).toBe('both');
  expect(await who({ authorization: 'Bearer vdk_wrong', cookie })).toBeUndefined();
  expect(await who({ authorization: `Basic ${secret}` })).toBeUndefined();
  expect(await who({ cookie: 'vidhuk_session=' })).toBeUndefined();
});
