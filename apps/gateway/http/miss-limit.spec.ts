import { expect, test } from '@jest/globals';
import { MissLimit } from './miss-limit.js';

function limit(): { misses: MissLimit; wait: (ms: number) => void } {
  let now = 1_000_000;
  return { misses: new MissLimit(() => now), wait: (ms) => (now += ms) };
}

const miss = (misses: MissLimit, ip: string, times: number): void => {
  for (let i = 0; i < times; i++) misses.miss(ip);
};

test('sixty misses within a minute exhaust an address, until the minute is over', () => {
  const { misses, wait } = limit();
  miss(misses, '203.0.113.1', 59);
  expect(misses.isExhausted('203.0.113.1')).toBe(false);
  misses.miss('203.0.113.1');
  expect(misses.isExhausted('203.0.113.1')).toBe(true);
  wait(59_999);
  expect(misses.isExhausted('203.0.113.1')).toBe(true);
  wait(1);
  expect(misses.isExhausted('203.0.113.1')).toBe(false);
  misses.miss('203.0.113.1');
  expect(misses.isExhausted('203.0.113.1')).toBe(false);
});

test.each<[string, string, boolean]>([
  ['203.0.113.1', '203.0.113.2', false],
  ['2001:db8:1:2::a', '2001:db8:1:2:ffff::b', true],
  ['2001:db8:1:2::a', '2001:db8:1:3::a', false],
  ['2001:db8::1', '2001:db8::2', true],
  ['::1', '::2', true],
  ['::ffff:203.0.113.1', '::ffff:203.0.113.2', false],
])('%s and %s share a count: %s', (one, other, shared) => {
  const { misses } = limit();
  miss(misses, one, 60);
  expect(misses.isExhausted(other)).toBe(shared);
});

test('addresses beyond counting push out the oldest, not the memory', () => {
  const { misses } = limit();
  miss(misses, '198.51.100.1', 60);
  for (let i = 0; i < 20_000; i++) misses.miss(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  expect(misses.isExhausted('198.51.100.1')).toBe(false);
});
