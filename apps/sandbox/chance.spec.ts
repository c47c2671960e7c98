import { expect, test } from '@jest/globals';
import { Chance } from './chance.js';

const chance = new Chance('a seed');
const purposes = Array.from({ length: 4000 }, (_, i) => i);

test('the same seed and purpose give the same number, whatever was drawn before', () => {
  const other = new Chance('a seed');
  other.of('something', 'else');
  expect(other.of('delay', '+380501234567', 3)).toBe(chance.of('delay', '+380501234567', 3));
});

test.each([
  ['another seed', new Chance('another seed').of('x')],
  ['another purpose', chance.of('y')],
  ['a purpose cut elsewhere', new Chance('a').of(' seed', 'x')],
])('%s gives another number', (_, number) => {
  expect(number).not.toBe(chance.of('x'));
});

test('numbers lie evenly between 0 and 1', () => {
  const numbers = purposes.map((i) => chance.of('even', i));
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, n) => sum + n, 0) / numbers.length).toBeCloseTo(0.5, 1);
});

test('a rate of 0 never happens and a rate of 1 always', () => {
  expect(purposes.some((i) => chance.happens(0, i))).toBe(false);
  expect(purposes.every((i) => chance.happens(1, i))).toBe(true);
});

test('weights are shares, and a weight of 0 is never drawn', () => {
  const drawn = purposes.map((i) => chance.weighted({ often: 3, never: 0, seldom: 1 }, i));
  expect(drawn.filter((key) => key === 'often').length / drawn.length).toBeCloseTo(0.75, 1);
  expect(drawn).not.toContain('never');
});

test('ids of the wanted length differ by purpose', () => {
  expect(chance.bytes(16, 'a')).toHaveLength(16);
  expect(chance.bytes(16, 'a')).not.toEqual(chance.bytes(16, 'b'));
});
