import { describe, expect, test } from '@jest/globals';
import { RequestLimit } from './request-limit.js';

const start = new Date('2026-03-02T12:00:00Z');
const after = (ms: number): Date => new Date(start.getTime() + ms);

describe('the limit of requests', () => {
  const few = () => new RequestLimit({ stranger: 2, user: 3, token: 4 });
  const welcome = (
    limit: RequestLimit,
    times: number,
    ...who: [string, { kind: 'user' | 'token'; id: string }?]
  ) =>
    Array.from({ length: times }, () => limit.wait(who[0], who[1], start)).filter((wait) => wait === 0)
      .length;

  test.each<[string, { kind: 'user' | 'token'; id: string } | undefined, number]>([
    ['a stranger', undefined, 2],
    ['a person', { kind: 'user', id: '1' }, 3],
    ['a token', { kind: 'token', id: '1' }, 4],
  ])('lets %s in so often a minute', (_, who, most) => {
    expect(welcome(few(), 10, '10.0.0.1', who)).toBe(most);
  });

  test('counts people apart wherever they come from, and strangers by their network', () => {
    const limit = few();
    expect(welcome(limit, 10, '10.0.0.1', { kind: 'user', id: '1' })).toBe(3);
    expect(welcome(limit, 10, '10.0.0.2', { kind: 'user', id: '1' })).toBe(0);
    expect(welcome(limit, 10, '10.0.0.1', { kind: 'user', id: '2' })).toBe(3);
    expect(welcome(limit, 10, '10.0.0.1', { kind: 'token', id: '1' })).toBe(4);
    expect(welcome(limit, 10, '2001:db8::1')).toBe(2);
    expect(welcome(limit, 10, '2001:db8::2')).toBe(0);
  });

  test('says when to come again, and opens then', () => {
    const limit = few();
    for (let i = 0; i < 3; i++) limit.wait('10.0.0.1', undefined, start);
    expect(limit.wait('10.0.0.1', undefined, after(15_000))).toBe(45_000);
    expect(limit.wait('10.0.0.1', undefined, after(60_000))).toBe(0);
  });

  test('forgets the oldest when a flood of addresses comes', () => {
    const limit = few();
    for (let i = 0; i < 3; i++) limit.wait('10.0.0.1', undefined, start);
    for (let i = 0; i < 20_000; i++) limit.wait(`flood ${i}`, undefined, start);
    expect(limit.wait('10.0.0.1', undefined, start)).toBe(0);
  });
});
