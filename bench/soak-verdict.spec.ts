import { expect, test } from '@jest/globals';
import { trendsOf, type Sample } from './soak-verdict.js';

const still: Sample = { workerMb: 140, gatewayMb: 110, connections: 15, oldestDueMs: 300, unsettled: 20, unapplied: 5 }; // prettier-ignore
const samples = (at: (n: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 40 }, (_, n) => ({ ...still, ...at(n) }));
const growing = (all: readonly Sample[]): string[] =>
  trendsOf(all)
    .filter(({ flat }) => !flat)
    .map(({ name }) => name);

test('what stays as it is, or jitters, is flat', () => {
  expect(growing(samples(() => ({})))).toEqual([]);
  expect(growing(samples((n) => ({ workerMb: 140 + (n % 7), oldestDueMs: (n % 5) * 200 })))).toEqual([]);
  expect(growing(samples((n) => ({ workerMb: n < 10 ? 90 + 5 * n : 140 })))).toEqual([]);
});

test.each<[keyof Sample, (n: number) => number]>([
  ['workerMb', (n) => 140 + 2 * n],
  ['gatewayMb', (n) => 110 + 2 * n],
  ['connections', (n) => 15 + n / 4],
  ['oldestDueMs', (n) => 1_000 * n],
  ['unsettled', (n) => 20 * n],
  ['unapplied', (n) => 20 * n],
])('%s that keeps growing is told', (name, at) => {
  expect(growing(samples((n) => ({ [name]: at(n) })))).toEqual([name]);
});

test('nothing measured is not flat', () => {
  expect(growing([])).toHaveLength(6);
});
