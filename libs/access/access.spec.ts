import { describe, expect, test } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessGuard, Allow, AllowAnyone, CentreScope, type GuardedRequest } from './access.guard.js';
import { cookieOf } from './authenticate.js';
import { centresWithin, narrowed, seesCentre } from './centre-scope.js';
import { HashingQueue } from './hashing-queue.js';
import { hashPassword, passwordStrength, verifyPassword } from './password.js';
import type { Principal } from './principal.js';

describe('passwords', () => {
  test('verify against their own hash only, and never hash alike twice', async () => {
    const stored = await hashPassword('довгий пароль 1');
    expect(stored).toMatch(/^\$argon2id\$v=19\$/);
    expect(stored).toContain('m=19456');
    expect(await hashPassword('довгий пароль 1')).not.toBe(stored);
    expect(await verifyPassword('довгий пароль 1', stored)).toEqual({ right: true, outdated: false });
    expect((await verifyPassword('довгий пароль 2', stored)).right).toBe(false);
    expect((await verifyPassword('x'.repeat(1000), stored)).right).toBe(false);
  });

  test('typed with another form of the same letters are the same', async () => {
    const oneSign = 'їжак живе у лісі'.normalize('NFC');
    const twoSigns = oneSign.normalize('NFD');
    expect(twoSigns).not.toBe(oneSign);
    expect((await verifyPassword(twoSigns, await hashPassword(oneSign))).right).toBe(true);
  });

  test.each([
    '',
    'plain',
    'argon2id$v=19$x',
    'scrypt$2$8$1',
    '$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YWJj',
    null,
    undefined,
  ])('no password has made %j', async (stored) => {
    expect((await verifyPassword('anything at all', stored)).right).toBe(false);
  });

  test.each([
    ['one character', 'aaaaaaaaaaaaaaaa'],
    ['a row of keys', 'qwertyuiop12345'],
    ['a row of Ukrainian keys', 'йцукенгшщзхї'],
    ['the alphabet backwards', 'zyxwvutsrqponm'],
    ['the address and little else', 'olena.petrenko1'],
    ['the product', 'VidhukVidhuk2026'],
    ['eleven characters', 'kU4#xP9!mQ2'],
    ['stolen elsewhere', '1q2w3e4r5t6y'],
    ['stolen elsewhere, with a year and a sign', 'Passw0rd2024!'],
    ['two stolen ones', 'superman1234'],
    ['Ukrainian words typed without changing the layout', 'ghbdtngfhjkm'],
    ['a Ukrainian word and a row', 'пароль123456'],
    ['a first name and a year', 'Наталія1985!!'],
    ['what everyone says, and a year', 'Слава Україні 2022'],
    ['the Ukrainian alphabet', 'абвгґдеєжзиії'],
    ['a row of keys many times over', '1qaz2wsx'.repeat(20)],
  ])('that are %s are refused', async (_, given) => {
    await expect(hashPassword(given, ['olena.petrenko', 'vidhuk'])).rejects.toMatchObject({
      code: 'password_weak',
    });
  });

  test.each(['correct horse battery', 'п’ять слонів у черзі', 'a password for tests', 'Zx81 made me do it'])(
    'like %j are taken',
    async (given) => {
      expect(await hashPassword(given, ['olena', 'vidhuk', 'password'])).toContain('argon2id');
    },
  );
});

test.each([
  ['aaaaaaaaaaaaaaaa', 1],
  ['Passw0rd2024!', 1],
  ['correct horse battery', 3],
  ['сім зелених чапель', 4],
  ['kU4#xP9!mQ2', 1],
  ['kU4#xP9!mQ2z', 3],
] as const)('%s has the strength %d of four, and 1 is what is refused', async (given, strength) => {
  expect(await passwordStrength(given, [])).toBe(strength);
});

describe('the queue of hashes', () => {
  test('runs a few at once, the others in turn, and turns away the crowd behind them', async () => {
    const queue = new HashingQueue(2, 3);
    let running = 0;
    let most = 0;
    const gates: (() => void)[] = [];
    const order: number[] = [];
    const work = (n: number) => () =>
      new Promise<void>((resolve) => {
        most = Math.max(most, ++running);
        order.push(n);
        gates.push(() => {
          running--;
          resolve();
        });
      });
    const all = Array.from({ length: 6 }, (_, n) => queue.run(work(n)).then(() => 'done', (thrown: { code: string }) => thrown.code)); // prettier-ignore
    expect(await all[5]).toBe('busy');
    for (let n = 0; n < 5; n++) {
      gates[n]?.();
      await all[n];
      await new Promise(setImmediate);
    }
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done', 'done', 'done', 'busy']);
    expect([most, order]).toEqual([2, [0, 1, 2, 3, 4]]);
    await expect(queue.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await queue.run(() => Promise.resolve('free again'))).toBe('free again');
  });
});

@Allow('admin')
class Rooms {
  own(): void {}
  @Allow('analyst', 'operator') shared(): void {}
  @AllowAnyone() open(): void {}
  @CentreScope('narrowed') narrowed(): void {}
  @CentreScope('closed') overall(): void {}
}
class Undeclared {
  own(): void {}
}

describe('the guard', () => {
  const guard = new AccessGuard(new Reflector());
  const principal = (role: Principal['role'], csrf: string | null = null): Principal => ({
    kind: csrf === null ? 'token' : 'user',
    id: '1',
    name: 'n',
    role,
    centres: null,
    csrf,
    sessionId: csrf === null ? null : '1',
    due: null,
  });
  const ask = (room: new () => object, route: string, request: Partial<GuardedRequest> = {}): string => {
    const context = {
      getHandler: () => (room.prototype as Record<string, unknown>)[route],
      getClass: () => room,
      switchToHttp: () => ({ getRequest: () => ({ method: 'GET', headers: {}, ...request }) }),
    } as unknown as ExecutionContext;
    try {
      return guard.canActivate(context) ? 'in' : 'out';
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };

  test.each<[string, new () => object, string, Principal | undefined, string]>([
    ['nobody, closed room', Rooms, 'own', undefined, 'not_signed_in'],
    ['nobody, open room', Rooms, 'open', undefined, 'in'],
    ['the role of the controller', Rooms, 'own', principal('admin'), 'in'],
    ['another role', Rooms, 'own', principal('analyst'), 'role_not_allowed'],
    ['a role of the handler', Rooms, 'shared', principal('operator'), 'in'],
    [
      "the controller's role where the handler names others",
      Rooms,
      'shared',
      principal('admin'),
      'role_not_allowed',
    ],
    ['an administrator where nothing is declared', Undeclared, 'own', principal('admin'), 'role_undeclared'],
    ['nobody where nothing is declared', Undeclared, 'own', undefined, 'role_undeclared'],
  ])('%s', (_, room, route, who, expected) => {
    expect(ask(room, route, who ? { principal: who } : {})).toBe(expected);
  });

  test.each<[string, Partial<GuardedRequest>, string]>([
    ['reads without it', { method: 'GET' }, 'in'],
    ['changes nothing without it', { method: 'POST' }, 'csrf_invalid'],
    ['changes nothing with a wrong one', { method: 'POST', body: { csrf: 'right?' } }, 'csrf_invalid'],
    ['sends it in the form', { method: 'POST', body: { csrf: 'right' } }, 'in'],
    ['sends it in the header', { method: 'DELETE', headers: { 'x-csrf-token': 'right' } }, 'in'],
  ])('a session %s', (_, request, expected) => {
    expect(ask(Rooms, 'own', { ...request, principal: principal('admin', 'right') })).toBe(expected);
  });

  test.each([
    ['own', 'every_centre_only'],
    ['overall', 'every_centre_only'],
    ['narrowed', 'in'],
    ['open', 'in'],
  ])('who sees one centre only, at a route that is %s, is %s', (route, expected) => {
    expect(ask(Rooms, route, { principal: { ...principal('admin'), centres: ['kyiv-1'] } })).toBe(expected);
  });

  test('a bearer token needs no form token', () => {
    expect(ask(Rooms, 'own', { method: 'POST', principal: principal('admin') })).toBe('in');
  });
});

test.each([
  ['a=1; vidhuk_session=tok; b=2', 'tok'],
  ['vidhuk_session=tok=with=equals', 'tok=with=equals'],
  ['xvidhuk_session=no', undefined],
  [undefined, undefined],
])('the session in the cookie header %j is %j', (header, expected) => {
  expect(cookieOf(header, 'vidhuk_session')).toBe(expected);
});

describe('a centre scope', () => {
  test.each([
    [undefined, null, undefined],
    [['a'], null, ['a']],
    [undefined, ['a', 'b'], ['a', 'b']],
    [['b', 'c'], ['a', 'b'], ['b']],
    [['c'], ['a', 'b'], []],
    [[], ['a'], []],
  ])('of what was asked, %j, by one who sees %j leaves %j', (asked, centres, expected) => {
    expect(centresWithin(asked, { centres })).toEqual(expected);
    const question = {
      by: ['day'],
      filter: asked === undefined ? { channel: ['sms'] } : { centre: asked, channel: ['sms'] },
    };
    expect(narrowed(question, { centres }).filter).toEqual(
      expected === undefined ? { channel: ['sms'] } : { centre: expected, channel: ['sms'] },
    );
  });

  test.each([
    ['a', null, true],
    ['a', ['a'], true],
    ['b', ['a'], false],
    [null, ['a'], false],
    [null, null, true],
  ])('of centre %j for one who sees %j is %j', (code, centres, expected) => {
    expect(seesCentre(code, { centres })).toBe(expected);
  });
});
