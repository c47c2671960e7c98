import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { Builders } from '#testkit/builders';
import { authenticate } from './authenticate.js';
import {
  awaitCode,
  closeSession,
  closeSessions,
  findAwaiting,
  findSession,
  openSession,
  SESSION_HOURS,
  SESSION_IDLE_MINUTES,
  sessionList,
  spendCodeTry,
} from './sessions.js';
import { createToken, findToken, revokeToken, revokeTokens, tokenList } from './tokens.js';
import { changeUser, createUser, resetUser, userById, userCount, userList, verifyUser } from './users.js';

const now = new Date('2026-03-02T12:00:00Z');
const hours = (n: number): Date => new Date(now.getTime() + n * 3_600_000);
const here = { via: 'password', address: '10.0.0.1', agent: 'a browser' } as const;
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
    expect(await verifyUser(t.db, 'olena\0@example.ua', password)).toBeUndefined();
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
    const { token } = await openSession(t.db, user.id, here, now);
    const count = await userCount(t.db);
    await t.db.transaction((tx) => changeUser(tx, user.id, { disabled: true }, now));
    expect(await userCount(t.db)).toBe(count - 1);
    expect(await findSession(t.db, token, now)).toBeUndefined();
    expect(await verifyUser(t.db, 'gone@example.ua', password)).toBeUndefined();
    expect((await userList(t.db)).find(({ id }) => id === user.id)?.disabledAt).toEqual(now);
  });
});

describe('what administrators change', () => {
  const change = (id: string, what: Parameters<typeof changeUser>[2]) =>
    t.db.transaction((tx) => changeUser(tx, id, what, now));

  test('closes the sessions that were opened before it', async () => {
    const user = await createUser(t.db, { email: 'moved@example.ua', password, role: 'operator', now });
    const { token } = await openSession(t.db, user.id, here, now);
    const { before, after } = await change(user.id, { role: 'analyst' });
    expect([before.role, after.role]).toEqual(['operator', 'analyst']);
    expect(await findSession(t.db, token, now)).toBeUndefined();
  });

  test('limits a person to centres, which sessions and tokens tell', async () => {
    await new Builders(t.db, now).centre('kyiv-1');
    const user = await createUser(t.db, { email: 'c@example.ua', password, role: 'operator', centres: ['kyiv-1'], now }); // prettier-ignore
    const { token } = await openSession(t.db, user.id, here, now);
    expect((await findSession(t.db, token, now))?.centres).toEqual(['kyiv-1']);
    const made = await createToken(t.db, { name: 'c', role: 'analyst', centres: ['kyiv-1', 'kyiv-1'], now });
    expect((await findToken(t.db, made.secret, now))?.centres).toEqual(['kyiv-1']);
    expect((await change(user.id, { centres: null })).after.centres).toBeNull();
  });

  test.each([
    ['a centre that does not exist', { centres: ['nowhere'] }, 'centre_unknown'],
    ['an administrator of one centre', { role: 'admin', centres: ['kyiv-1'] }, 'admin_everywhere'],
  ] as const)('refuses %s', async (_, what, code) => {
    const user = await createUser(t.db, { email: `${code}@example.ua`, password, role: 'operator', now });
    await expect(change(user.id, what)).rejects.toMatchObject({ code });
    expect((await change(user.id, {})).after).toMatchObject({ role: 'operator', centres: null });
  });

  test('never leaves nobody who could administer, also when two dismiss each other at once', async () => {
    const fresh = await testDatabase();
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) =>
        createUser(fresh.db, { email: `${name}@x.ua`, password, role: 'admin', now }),
      ),
    );
    const dismissed = await Promise.allSettled(
      [one, two].map((user) =>
        fresh.db.transaction((tx) => changeUser(tx, user?.id ?? '', { role: 'analyst' }, now)),
      ),
    );
    expect(dismissed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await userList(fresh.db)).filter(({ role }) => role === 'admin')).toHaveLength(1);
    await fresh.drop();
  });

  test('a reset gives a new password and takes the second factor off', async () => {
    const user = await createUser(t.db, { email: 'lost@example.ua', password, role: 'operator', now });
    await t.db.query(
      `insert into second_factor (user_id, secret_cipher, key_id, created_at, confirmed_at) values ($1, '\\x00', 'k', $2, $2)`,
      [user.id, now],
    );
    expect((await userById(t.db, user.id)).secondFactor).toBe(true);
    const made = await t.db.transaction((tx) => resetUser(tx, user.id, { secondFactor: true, now }));
    expect(made.user.secondFactor).toBe(false);
    expect(await verifyUser(t.db, user.email, password)).toBeUndefined();
    expect(await verifyUser(t.db, user.email, made.password)).toEqual(made.user);
  });
});

describe('a password of the first version', () => {
  // scrypt of "correct horse battery", as version 0.1.0 stored it
  const old = 'scrypt$32768$8$3$MDEyMzQ1Njc4OWFiY2RlZg==$knf6za9nGyU4480vWVZDWOL2uNgzmjQy+y3cqvfnUqA=';

  test('still lets in, and is stored by argon2id from then on', async () => {
    const user = await createUser(t.db, {
      email: 'old@example.ua',
      password: 'something else',
      role: 'admin',
      now,
    });
    await t.db.query('update app_user set password_hash = $2 where id = $1', [user.id, old]);
    expect(await verifyUser(t.db, user.email, `${password}!`)).toBeUndefined();
    expect(await verifyUser(t.db, user.email, password)).toEqual(user);
    const { rows } = await t.db.query<{ hash: string }>(
      'select password_hash as hash from app_user where id = $1',
      [user.id],
    );
    expect(rows[0]?.hash).toMatch(
      /^\$argon2id\$v=19\$m=19456,p=1,t=2\$|^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
    );
    expect(await verifyUser(t.db, user.email, password)).toEqual(user);
  });
});

describe('sessions', () => {
  const minutes = (n: number): Date => new Date(now.getTime() + n * 60_000);
  const person = (email: string) => createUser(t.db, { email, password, role: 'admin', now });

  test('say who it is until they are closed', async () => {
    const user = await person('s@example.ua');
    const first = await openSession(t.db, user.id, here, now);
    const found = await findSession(t.db, first.token, now);
    expect(found).toMatchObject({
      kind: 'user',
      id: user.id,
      name: 's@example.ua',
      role: 'admin',
      centres: null,
    });
    expect(found?.csrf).toMatch(/^\w{44}$/);
    expect(await findSession(t.db, 'made up', now)).toBeUndefined();
    const second = await openSession(t.db, user.id, here, now);
    await closeSession(t.db, first.token);
    expect(await findSession(t.db, first.token, now)).toBeUndefined();
    expect(await findSession(t.db, second.token, now)).toBeDefined();
    expect(await stored()).not.toContain(second.token);
  });

  test('end when nobody uses them for half an hour', async () => {
    const { token } = await openSession(t.db, (await person('idle@example.ua')).id, here, now);
    expect(await findSession(t.db, token, minutes(SESSION_IDLE_MINUTES - 1))).toBeDefined();
    expect(await findSession(t.db, token, minutes(2 * SESSION_IDLE_MINUTES - 2))).toBeDefined();
    expect(await findSession(t.db, token, minutes(3 * SESSION_IDLE_MINUTES - 2))).toBeUndefined();
  });

  test('end after twelve hours however busy', async () => {
    const { token } = await openSession(t.db, (await person('busy@example.ua')).id, here, now);
    for (let at = 20; at < SESSION_HOURS * 60; at += 20) {
      expect(await findSession(t.db, token, minutes(at))).toBeDefined();
    }
    expect(await findSession(t.db, token, hours(SESSION_HOURS))).toBeUndefined();
  });

  test('that expired are swept when another opens', async () => {
    const user = await person('sweep@example.ua');
    await openSession(t.db, user.id, here, now);
    await openSession(t.db, user.id, here, hours(1));
    const { rows } = await t.db.query<{ n: number }>(
      'select count(*)::int as n from app_session where user_id = $1',
      [user.id],
    );
    expect(rows[0]?.n).toBe(1);
  });

  test('are listed for their owner, who can close one or all others', async () => {
    const user = await person('many@example.ua');
    const opened = [];
    for (const agent of ['phone', 'desk', 'elsewhere']) {
      opened.push(await openSession(t.db, user.id, { ...here, agent }, now));
    }
    const agents = async () => (await sessionList(t.db, user.id, now)).map(({ agent }) => agent);
    expect(await agents()).toEqual(['elsewhere', 'desk', 'phone']);
    const own = (await findSession(t.db, opened[0]?.token ?? '', now))?.sessionId ?? '';
    const listed = await sessionList(t.db, user.id, now);
    expect(await closeSessions(t.db, user.id, { only: listed[0]?.id ?? '' })).toBe(1);
    expect(await agents()).toEqual(['desk', 'phone']);
    expect(await closeSessions(t.db, user.id, { except: own })).toBe(1);
    expect(await agents()).toEqual(['phone']);
    expect(await closeSessions(t.db, '999999', { only: own })).toBe(0);
    expect(await agents()).toEqual(['phone']);
  });

  test('that still await a code let into nothing, and bear five tries', async () => {
    const user = await person('code@example.ua');
    const { token } = await awaitCode(t.db, user.id, here, now);
    expect(await findSession(t.db, token, now)).toBeUndefined();
    expect(await sessionList(t.db, user.id, now)).toEqual([]);
    expect(await findAwaiting(t.db, token, now)).toEqual({ userId: user.id, email: user.email });
    expect(await findAwaiting(t.db, token, minutes(5))).toBeUndefined();
    const tries = await Promise.all(Array.from({ length: 9 }, () => spendCodeTry(t.db, token)));
    expect(tries.filter(Boolean)).toHaveLength(5);
    expect(await findAwaiting(t.db, token, now)).toBeUndefined();
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
      centres: null,
      csrf: null,
      sessionId: null,
      due: null,
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

  test('that are over before they begin are refused', async () => {
    const given = { name: 'late', role: 'analyst', now, expiresAt: now } as const;
    await expect(createToken(t.db, given)).rejects.toMatchObject({ code: 'token_lapsed' });
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
  const session = await openSession(t.db, user.id, here, now);
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
