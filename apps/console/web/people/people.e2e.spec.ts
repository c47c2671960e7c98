import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as OTPAuth from 'otpauth';
import { createUser } from '#access/users';
import { cookiesOf, PASSWORD, testConsole, type TestConsole } from '../../testing/console.js';

const now = new Date('2026-03-02T12:00:00Z');
let c: TestConsole;
let n = 0;

beforeAll(async () => {
  c = await testConsole(now);
  await c.build.centre('kyiv-1');
});
beforeEach(async () => {
  c.clock.set(now);
  await c.db.query('truncate sign_in_failure');
});
afterAll(() => c.close());

const csrfOf = (text: string): string => /name="csrf" value="(\w+)"/.exec(text)?.[1] ?? '';
const post = (path: string, fields: Record<string, string>, cookie = '') =>
  c.as(undefined, path, { method: 'POST', body: new URLSearchParams(fields), headers: { cookie } });
const read = async (path: string, cookie: string): Promise<string> =>
  (await c.as(undefined, path, { headers: { cookie } })).text();

/** A page of a signed-in person with the means to send its forms. */
async function desk(cookie: string, path: string) {
  const csrf = csrfOf(await read(path, cookie));
  return (to: string, fields: Record<string, string> = {}) => post(to, { csrf, ...fields }, cookie);
}

async function newcomer(): Promise<{ email: string; cookie: string }> {
  const email = `person${n++}@example.ua`;
  await createUser(c.db, { email, password: PASSWORD, role: 'operator', now });
  const entered = await post('/sign-in', { email, password: PASSWORD });
  return { email, cookie: cookiesOf(entered)['vidhuk_session'] ?? '' };
}

async function lastEntry(): Promise<Record<string, unknown>> {
  const { rows } = await c.db.query<Record<string, unknown>>(
    `select action, actor_name as who, address, before, after from audit_entry order by id desc limit 1`,
  );
  return rows[0] ?? {};
}

const codeOf = (secret: string, moment: Date): string =>
  new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret) }).generate({ timestamp: moment.getTime() });

describe('the second factor', () => {
  test('is set up, asked for at sign-in, and opens nothing before its code', async () => {
    const { email, cookie } = await newcomer();
    const send = await desk(cookie, '/account');
    const shown = await (await send('/account/second-factor')).text();
    expect(shown).toContain('src="data:image/svg+xml;base64,');
    const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(shown)?.[1] ?? '').replaceAll(' ', '');
    const wrong = await send('/account/second-factor/confirm', { code: '000000' });
    expect([wrong.status, (await wrong.text()).includes('role="alert"')]).toEqual([403, true]);
    const on = await (await send('/account/second-factor/confirm', { code: codeOf(secret, now) })).text();
    const recovery = [...on.matchAll(/<li><code>(\w{6}-\w{6})<\/code>/g)].map((match) => match[1] ?? '');
    expect(recovery).toHaveLength(10);
    expect(await lastEntry()).toMatchObject({ action: 'second_factor.on', who: email });

    const first = await post('/sign-in', { email, password: PASSWORD, next: '/?days=30' });
    expect(first.headers.get('location')).toBe('/sign-in/code?next=%2F%3Fdays%3D30');
    const { vidhuk_anteroom: anteroom = '', ...others } = cookiesOf(first);
    expect(others).toEqual({});
    const asSession = anteroom.replace('vidhuk_anteroom', 'vidhuk_session');
    expect((await c.as(undefined, '/account', { headers: { cookie: asSession } })).status).toBe(303);
    expect((await post('/sign-in/code', { code: codeOf(secret, now) }, anteroom)).status).toBe(401);

    c.clock.advance(60_000);
    const given = await post(
      '/sign-in/code',
      { code: codeOf(secret, c.clock.real()), next: '/?days=30' },
      anteroom,
    );
    expect([given.status, given.headers.get('location')]).toEqual([303, '/?days=30']);
    expect(await lastEntry()).toMatchObject({
      action: 'signed_in',
      after: { via: 'password', factor: 'authenticator' },
    });
    expect(await read('/account', cookiesOf(given)['vidhuk_session'] ?? '')).toContain(email);
    expect((await post('/sign-in/code', { code: recovery[0] ?? '' }, anteroom)).status).toBe(401);

    const again = cookiesOf(await post('/sign-in', { email, password: PASSWORD }))['vidhuk_anteroom'] ?? '';
    expect((await post('/sign-in/code', { code: recovery[0] ?? '' }, again)).status).toBe(303);
  });

  test('takes a code for one sign-in, and neither it nor an older one for another', async () => {
    const { email, cookie } = await newcomer();
    const send = await desk(cookie, '/account');
    const shown = await (await send('/account/second-factor')).text();
    const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(shown)?.[1] ?? '').replaceAll(' ', '');
    await send('/account/second-factor/confirm', { code: codeOf(secret, now) });
    const enter = async (code: string): Promise<number> => {
      await c.db.query('truncate sign_in_failure');
      const anteroom =
        cookiesOf(await post('/sign-in', { email, password: PASSWORD }))['vidhuk_anteroom'] ?? '';
      return (await post('/sign-in/code', { code }, anteroom)).status;
    };
    c.clock.advance(90_000);
    const older = codeOf(secret, new Date(c.clock.real().getTime() - 30_000));
    const current = codeOf(secret, c.clock.real());
    expect(await enter(current === '000000' ? '000001' : '000000')).toBe(401);
    expect(await enter(current)).toBe(303);
    expect([await enter(current), await enter(older)]).toEqual([401, 401]);
    c.clock.advance(30_000);
    expect(await enter(codeOf(secret, c.clock.real()))).toBe(303);
  });

  test('bears five guesses, then the password is asked for again', async () => {
    const { email } = await newcomer();
    await c.db.query(
      `insert into second_factor (user_id, secret_cipher, key_id, created_at, confirmed_at)
       select u.id, f.secret_cipher, f.key_id, $2, $2 from app_user u, (select * from second_factor limit 1) f where u.email = $1`,
      [email, now],
    );
    const anteroom =
      cookiesOf(await post('/sign-in', { email, password: PASSWORD }))['vidhuk_anteroom'] ?? '';
    const statuses = [];
    for (let i = 0; i < 5; i++) {
      await c.db.query('truncate sign_in_failure');
      statuses.push((await post('/sign-in/code', { code: '000000' }, anteroom)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    const after = await post('/sign-in/code', { code: '000000' }, anteroom);
    expect(await after.text()).toContain('Почніть знову з пароля');
  });

  test('is turned off with the password only', async () => {
    const { cookie } = await newcomer();
    const send = await desk(cookie, '/account');
    expect((await send('/account/second-factor/off', { present: 'wrong' })).status).toBe(403);
    expect((await send('/account/second-factor/off', { present: PASSWORD })).status).toBe(200);
    expect(await lastEntry()).toMatchObject({ action: 'second_factor.off' });
  });
});

test('a refused sign-in is logged with its time and where it came from, and nothing that was typed', async () => {
  const before = c.log.length;
  await post('/sign-in', { email: 'somebody@example.ua', password: 'typed into the wrong field' });
  const lines = c.log.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toEqual([
    expect.objectContaining({ event: 'sign_in_refused', why: 'wrong_password', client: '127.0.0.1', time: expect.any(String) as unknown }),
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/somebody|typed/);
}); // prettier-ignore

describe('the own account', () => {
  test('a new password closes every session and gives this browser a fresh one', async () => {
    const { email, cookie } = await newcomer();
    const other = cookiesOf(await post('/sign-in', { email, password: PASSWORD }))['vidhuk_session'] ?? '';
    const send = await desk(cookie, '/account');
    const changed = await send('/account/password', { present: PASSWORD, next: 'зовсім інший пароль' });
    const fresh = cookiesOf(changed)['vidhuk_session'] ?? '';
    expect([changed.status, fresh !== '' && fresh !== cookie]).toEqual([200, true]);
    const after = { session: expect.stringMatching(/^\d+$/) };
    expect(await lastEntry()).toEqual({ action: 'password.changed', who: email, address: '127.0.0.1', before: null, after }); // prettier-ignore
    expect(await read('/account', fresh)).toContain(email);
    for (const old of [cookie, other]) {
      expect((await c.as(undefined, '/account', { headers: { cookie: old } })).status).toBe(303);
    }
    expect((await post('/sign-in', { email, password: PASSWORD })).status).toBe(401);
    expect((await post('/sign-in', { email, password: 'зовсім інший пароль' })).status).toBe(303);
  });

  test.each([
    [
      'a wrong present one',
      { present: 'wrong', next: 'зовсім інший пароль' },
      403,
      'Теперішній пароль не підходить',
    ],
    ['a weak one', { present: PASSWORD, next: 'qwertyuiop123' }, 400, 'легко вгадати'],
  ])('a new password is refused for %s, on the page itself', async (_, form, status, said) => {
    const { email, cookie } = await newcomer();
    const answer = await (await desk(cookie, '/account'))('/account/password', form);
    expect([answer.status, (await answer.text()).includes(said)]).toEqual([status, true]);
    expect((await post('/sign-in', { email, password: PASSWORD })).status).toBe(303);
  });

  test('a new password is judged for the meter as it will be when it is sent, and nothing of it stays', async () => {
    const { email, cookie } = await newcomer();
    const send = await desk(cookie, '/account');
    const strengthOf = async (next: string): Promise<number> => {
      const answer = await send('/account/password/strength', { next });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
      return ((await answer.json()) as { strength: number }).strength;
    };
    const before = await lastEntry();
    for (const [next, least] of [['qwertyuiop12345', 1], [`${email.split('@')[0] ?? ''}1234567`, 1], ['короткий', 1], ['', 1], ['сім зелених чапель', 3]] as const) {
      const strength = await strengthOf(next);
      expect({ next, strength: least === 1 ? strength === 1 : strength >= least }).toEqual({ next, strength: true });
      if (least === 1) expect((await send('/account/password', { present: PASSWORD, next })).status).toBe(400);
    }
    expect(await lastEntry()).toEqual(before);
    expect((await post('/account/password/strength', { next: 'x' }, cookie)).status).toBe(403);
    expect((await post('/account/password/strength', { next: 'x' })).status).not.toBe(200);
  }); // prettier-ignore

  test('present passwords cannot be tried out in a browser that was left open', async () => {
    const send = await desk((await newcomer()).cookie, '/account');
    const statuses = [];
    for (let i = 0; i < 6; i++) {
      statuses.push((await send('/account/password', { present: `guess ${i}`, next: 'x' })).status);
    }
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  test('sessions are listed, and all others closed', async () => {
    const { email, cookie } = await newcomer();
    const other = cookiesOf(await post('/sign-in', { email, password: PASSWORD }))['vidhuk_session'] ?? '';
    expect((await read('/account', cookie)).match(/name="session"/g)).toHaveLength(1);
    await (
      await desk(cookie, '/account')
    )('/account/sessions');
    expect((await c.as(undefined, '/account', { headers: { cookie: other } })).status).toBe(303);
    expect(await read('/account', cookie)).toContain(email);
  });

  test("nobody closes another person's session by its id", async () => {
    const victim = await newcomer();
    const { rows } = await c.db.query<{ id: string }>(
      'select s.id from app_session s join app_user u on u.id = s.user_id where u.email = $1',
      [victim.email],
    );
    const send = await desk((await newcomer()).cookie, '/account');
    await send('/account/sessions', { session: rows[0]?.id ?? '' });
    expect(await read('/account', victim.cookie)).toContain(victim.email);
  });

  test.each(['password', 'second-factor', 'second-factor/confirm', 'second-factor/off', 'sessions'])(
    'POST /account/%s without the form token changes nothing',
    async (path) => {
      const { cookie } = await newcomer();
      expect(
        (await post(`/account/${path}`, { present: PASSWORD, next: 'зовсім інший пароль' }, cookie)).status,
      ).toBe(403);
    },
  );

  test('a sign-in replaces the session that the browser had', async () => {
    const { email, cookie } = await newcomer();
    const entered = await post('/sign-in', { email, password: PASSWORD }, cookie);
    expect(cookiesOf(entered)['vidhuk_session']).not.toBe(cookie);
    expect((await c.as(undefined, '/account', { headers: { cookie } })).status).toBe(303);
  });
});

describe('the page of people', () => {
  test('adds a person with a password that is shown once, changes and bars them', async () => {
    const admin = await c.signIn('admin');
    const send = await desk(admin, '/users');
    const added = await (
      await send('/users', { email: 'Nova@example.ua', role: 'analyst', centres: 'kyiv-1' })
    ).text();
    const password = /<code class="secret">(\w+)<\/code>/.exec(added)?.[1] ?? '';
    expect(await read('/users', admin)).not.toContain(password);
    const entered = cookiesOf(await post('/sign-in', { email: 'nova@example.ua', password }));
    expect(await read('/account', entered['vidhuk_session'] ?? '')).toContain('аналітик, kyiv-1');
    const { rows } = await c.db.query<{ id: string }>(
      `select id from app_user where email = 'nova@example.ua'`,
    );
    const id = rows[0]?.id ?? '';
    await send(`/users/${id}`, { role: 'operator', centres: '' });
    expect(await lastEntry()).toEqual({
      action: 'user.changed',
      who: 'admin@example.ua',
      address: '127.0.0.1',
      before: { email: 'nova@example.ua', role: 'analyst', centres: ['kyiv-1'], disabled: false },
      after: { email: 'nova@example.ua', role: 'operator', centres: null, disabled: false },
    });
    await send(`/users/${id}`, { disabled: 'yes' });
    expect(await lastEntry()).toMatchObject({ action: 'user.disabled' });
    expect((await post('/sign-in', { email: 'nova@example.ua', password })).status).toBe(401);
    await send(`/users/${id}`, { disabled: 'no' });
    const reset = await (await send(`/users/${id}/reset`)).text();
    expect(/<code class="secret">(\w+)<\/code>/.exec(reset)?.[1]).not.toBe(password);
    const { rows: log } = await c.db.query<{ text: string }>(
      'select row_to_json(e)::text as text from audit_entry e',
    );
    expect(log.map(({ text }) => text).join()).not.toContain(password);
  });

  test.each([
    ['a taken address', '/users', { email: 'admin@example.ua', role: 'analyst', centres: '' }, 409, 'вже є'],
    [
      'an unknown centre',
      '/users',
      { email: 'x@example.ua', role: 'analyst', centres: 'nowhere' },
      400,
      'Центру з таким кодом',
    ],
    [
      'an administrator of one centre',
      '/users',
      { email: 'x@example.ua', role: 'admin', centres: 'kyiv-1' },
      400,
      'усі центри',
    ],
  ])('says what is wrong with %s', async (_, path, form, status, said) => {
    const answer = await (await desk(await c.signIn('admin'), '/users'))(path, form);
    expect([answer.status, (await answer.text()).includes(said)]).toEqual([status, true]);
  });

  test('nobody changes their own rights', async () => {
    const { rows } = await c.db.query<{ id: string }>(
      `select id from app_user where email = 'admin@example.ua'`,
    );
    const answer = await (
      await desk(await c.signIn('admin'), '/users')
    )(`/users/${rows[0]?.id}`, { role: 'analyst', centres: '' });
    expect(answer.status).toBe(409);
  });
});

describe('the audit log', () => {
  test('is a page and a list, newest first, filtered', async () => {
    const admin = await c.signIn('admin');
    const text = await read('/audit?action=signed_in', admin);
    expect(text).toContain('admin@example.ua');
    expect(text).toContain('127.0.0.1');
    const first = await c.as('admin', '/api/v1/audit?limit=1&action=signed_in');
    const { items, next } = (await first.json()) as { items: { id: string; action: string }[]; next: string };
    expect(items.map(({ action }) => action)).toEqual(['signed_in']);
    const second = await c.as('admin', `/api/v1/audit?limit=1&action=signed_in&cursor=${next}`);
    const older = (await second.json()) as typeof first & { items: { id: string }[] };
    expect(BigInt(older.items[0]?.id ?? 0)).toBeLessThan(BigInt(items[0]?.id ?? 0));
  });

  test('has the reason of each look at a number, and no number', async () => {
    const { invitationId } = await c.build.path({ phone: '+380501112233' });
    const ask = (body: object) =>
      c.as('admin', `/api/v1/invitations/${invitationId}/phone`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await ask({})).status).toBe(400);
    expect(await (await ask({ reason: 'asked to be called back' })).json()).toEqual({
      phone: '+380501112233',
    });
    expect(await lastEntry()).toMatchObject({
      action: 'number.seen',
      after: { reason: 'asked to be called back' },
    });
    await ask({ reason: 'they said: call +38 (050) 111-22-33 instead' });
    expect(await lastEntry()).toMatchObject({ after: { reason: 'they said: call […] instead' } });
    const { rows } = await c.db.query<{ text: string }>(
      'select row_to_json(e)::text as text from audit_entry e',
    );
    expect(rows.map(({ text }) => text).join()).not.toContain('501112233');
  });
});
