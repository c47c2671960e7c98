import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as OTPAuth from 'otpauth';
import { Vault } from '#contacts/vault';
import { TEST_SECRET } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { SecondFactors } from './second-factor.js';
import { networkOf, SignInThrottle } from './sign-in-throttle.js';
import { createUser, type User } from './users.js';

const start = new Date('2026-03-02T12:00:00Z');
const at = (minutes: number): Date => new Date(start.getTime() + minutes * 60_000);
let t: TestDatabase;

beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

describe('the throttle of sign-ins', () => {
  const throttle = new SignInThrottle(new Vault(TEST_SECRET));
  beforeEach(async () => {
    await t.db.query('truncate sign_in_failure');
  });
  const begin = (email: string, address: string, minutes: number, device?: string) =>
    throttle.begin(t.db, { email, address, device }, at(minutes));

  test('five failures close the account for that address until fifteen minutes after the first', async () => {
    for (let i = 0; i < 5; i++) expect(await begin(i % 2 ? 'A@b ' : 'a@b', '10.0.0.1', i)).toBe(0);
    expect(await begin('a@b', '10.0.0.1', 5)).toBe(10 * 60_000);
    expect(await begin('a@b', '10.0.0.2', 5)).toBe(0);
    expect(await begin('c@d', '10.0.0.1', 5)).toBe(0);
    expect(await begin('a@b', '10.0.0.1', 15)).toBe(0);
  });

  test('many guesses at once, over several processes, are counted before any of them is judged', async () => {
    const others = [throttle, new SignInThrottle(new Vault(TEST_SECRET))];
    const waits = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (others[i % 2] ?? throttle).begin(
          t.db,
          { email: 'a@b', address: '10.0.0.1', device: undefined },
          start,
        ),
      ),
    );
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
  });

  test('right passwords count for nothing', async () => {
    for (let i = 0; i < 60; i++) {
      const email = `user${i % 7}@b`;
      expect(await begin(email, '10.0.0.1', 0)).toBe(0);
      await throttle.succeeded(t.db, { email, address: '10.0.0.1', device: undefined });
    }
  });

  test('thirty failures over many accounts close the address, and a closed address fills no more rows', async () => {
    for (let i = 0; i < 30; i++) await begin(`user${i}@b`, '2001:db8:1:2::7', 0);
    const rows = async () => (await t.db.query('select from sign_in_failure')).rows.length;
    const before = await rows();
    expect(await begin('new@b', '2001:db8:1:2:ffff::1', 1)).toBe(14 * 60_000);
    expect(await rows()).toBe(before);
    expect(await begin('new@b', '2001:db8:1:3::1', 1)).toBe(0);
  });

  test('guesses from everywhere close an account for strangers, but not for the browser of its owner', async () => {
    const device = throttle.newDevice('Owner@b');
    for (let i = 0; i < 20; i++) expect(await begin('owner@b', `10.1.${i}.1`, 0)).toBe(0);
    expect(await begin('owner@b', '10.9.9.9', 1)).toBe(14 * 60_000);
    expect(await begin('owner@b', '10.9.9.9', 1, device)).toBe(0);
    expect(await begin('other@b', '10.9.9.9', 1, device)).toBe(0);
    expect(await begin('owner@b', '10.9.9.9', 1, `${device.slice(0, -1)}x`)).toBeGreaterThan(0);
    expect(await begin('owner@b', '10.9.9.9', 15)).toBe(0);
  });

  test('a stolen device cookie has ten tries', async () => {
    const device = throttle.newDevice('owner@b');
    const waits = [];
    for (let i = 0; i < 12; i++) waits.push(await begin('owner@b', `10.1.${i}.1`, 0, device));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(10);
  });

  test('keeps neither addresses nor accounts in the clear', async () => {
    await begin('secret@b', '10.7.7.7', 0);
    const { rows } = await t.db.query<{ text: string }>(
      'select row_to_json(f)::text as text from sign_in_failure f',
    );
    expect(rows.map(({ text }) => text).join()).not.toMatch(/secret|10\.7/);
  });

  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ])('the network of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the second factor', () => {
  const factors = new SecondFactors(new Vault(TEST_SECRET));
  let user: User;
  let secret: string;
  let n = 0;
  const codeAt = (moment: Date): string =>
    new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret) }).generate({ timestamp: moment.getTime() });
  const confirm = (code: string, minutes = 0) =>
    t.db.transaction((tx) => factors.confirm(tx, user.id, code, at(minutes)));

  beforeEach(async () => {
    user = await createUser(t.db, { email: `f${n++}@example.ua`, password: 'correct horse battery', role: 'admin', now: start }); // prettier-ignore
    secret = (await factors.enrol(t.db, user, start)).secret;
  });

  test('asks for nothing until its first code was right', async () => {
    expect(await factors.state(t.db, user.id)).toEqual({ on: false, recoveryCodesLeft: 0 });
    expect((await factors.pending(t.db, user))?.secret).toBe(secret);
    expect(await factors.take(t.db, user.id, codeAt(start), start)).toBeUndefined();
    await expect(confirm('000000')).rejects.toMatchObject({ code: 'code_wrong' });
    expect((await factors.state(t.db, user.id)).on).toBe(false);
    expect(await confirm(codeAt(start))).toHaveLength(10);
    expect(await factors.state(t.db, user.id)).toEqual({ on: true, recoveryCodesLeft: 10 });
    expect(await factors.pending(t.db, user)).toBeUndefined();
    await expect(factors.enrol(t.db, user, start)).rejects.toMatchObject({ code: 'second_factor_on' });
  });

  test('takes a code once, also from many at the same moment, and none older than the last', async () => {
    await confirm(codeAt(start));
    expect(await factors.take(t.db, user.id, codeAt(start), start)).toBeUndefined();
    const now = at(2);
    const taken = await Promise.all(
      Array.from({ length: 8 }, () => factors.take(t.db, user.id, codeAt(now), now)),
    );
    expect(taken.filter((factor) => factor === 'authenticator')).toHaveLength(1);
    expect(await factors.take(t.db, user.id, codeAt(at(1.5)), now)).toBeUndefined();
  });

  test.each([
    ['half a minute behind', -0.5, 'authenticator'],
    ['half a minute ahead', 0.5, 'authenticator'],
    ['two minutes behind', -2, undefined],
    ['two minutes ahead', 2, undefined],
  ])('takes a phone whose clock is %s as %s', async (_, minutes, expected) => {
    await confirm(codeAt(start));
    const now = at(10);
    expect(await factors.take(t.db, user.id, codeAt(at(10 + minutes)), now)).toBe(expected);
  });

  test.each(['', '12345', '1234567', 'abcdef', '１２３４５６', "1' or 1=1"])('refuses %j', async (code) => {
    await confirm(codeAt(start));
    expect(await factors.take(t.db, user.id, code, at(5))).toBeUndefined();
  });

  test('takes each recovery code once, however it is typed, and only of its owner', async () => {
    const codes = await confirm(codeAt(start));
    const other = await createUser(t.db, {
      email: `o${n}@example.ua`,
      password: null,
      role: 'admin',
      now: start,
    });
    expect(await factors.take(t.db, other.id, codes[0] ?? '', start)).toBeUndefined();
    expect(await factors.take(t.db, user.id, ` ${codes[0]?.replace('-', '–')} `, start)).toBe('recovery');
    expect(await factors.take(t.db, user.id, codes[0] ?? '', start)).toBeUndefined();
    expect(await factors.state(t.db, user.id)).toEqual({ on: true, recoveryCodesLeft: 9 });
  });

  test('stores neither the secret nor a recovery code in the clear, and is gone when turned off', async () => {
    const codes = await confirm(codeAt(start));
    const { rows } = await t.db.query<{ text: string }>(
      `select row_to_json(f)::text as text from second_factor f union all select row_to_json(r)::text from recovery_code r`,
    );
    const stored = rows.map(({ text }) => text).join();
    for (const hidden of [secret, ...codes]) expect(stored).not.toContain(hidden);
    await t.db.transaction((tx) => factors.turnOff(tx, user.id));
    expect(await factors.state(t.db, user.id)).toEqual({ on: false, recoveryCodesLeft: 0 });
    expect(await factors.take(t.db, user.id, codes[1] ?? '', start)).toBeUndefined();
  });
});
