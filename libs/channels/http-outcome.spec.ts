import { describe, expect, test } from '@jest/globals';
import type { Answered } from './http.js';
import { isUndecided, statusOutcome } from './http-outcome.js';

describe('an answer that only has a status', () => {
  const answer = (status: number): Answered => ({ kind: 'answered', status, headers: {}, body: '' });

  test.each([
    [200, 'uncertain', undefined],
    [204, 'uncertain', undefined],
    [301, 'rejected', 'sender'],
    [308, 'rejected', 'sender'],
    [400, 'rejected', 'content'],
    [401, 'rejected', 'sender'],
    [403, 'rejected', 'sender'],
    [404, 'rejected', 'sender'],
    [408, 'uncertain', undefined],
    [413, 'rejected', 'content'],
    [422, 'rejected', 'content'],
    [429, 'deferred', undefined],
    [500, 'uncertain', undefined],
    [504, 'uncertain', undefined],
  ] as const)('of %i is %s (%s)', (status, outcome, scope) => {
    expect(statusOutcome(answer(status))).toMatchObject({ outcome, ...(scope ? { scope } : {}) });
  });

  test('leaves open whether the request was carried out exactly where a retry could send twice', () => {
    const open = [200, 302, 400, 408, 429, 500, 502, 503, 504].filter(isUndecided);
    expect(open).toEqual([200, 408, 500, 502, 503, 504]);
  });

  test('ignores a Retry-After that says nothing', () => {
    const odd = { ...answer(429), headers: { 'retry-after': 'soon' } };
    expect(statusOutcome(odd)).not.toHaveProperty('retryAfterMs');
  });
});
