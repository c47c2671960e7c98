import { expect, test } from '@jest/globals';
import { within } from './deadline.js';

const never = new Promise<string>(() => undefined);

test('work that ends in time is its result', async () => {
  expect(await within(60_000, Promise.resolve('done'))).toBe('done');
});

test('work that hangs is undefined once the time is up', async () => {
  expect(await within(1, never)).toBeUndefined();
});

test('work that fails in time fails', async () => {
  await expect(within(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('a failure after the time is up goes nowhere', async () => {
  let fail: (reason: Error) => void = () => undefined;
  const failing = new Promise<string>((_, reject) => (fail = reject));
  expect(await within(1, failing)).toBeUndefined();
  fail(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
});
