import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FactStatus } from './fact.sql.js';
import { afterReceipt, factsOfReceipt, type ReceiptableState } from './receipt.policy.js';

const statuses: FactStatus[] = ['accepted', 'sent', 'delivered', 'undelivered', 'failed', 'seen'];
const settled: ReceiptableState[] = ['delivered', 'failed', 'cancelled', 'abandoned'];

test.each<[ReceiptableState, FactStatus, string]>([
  ['accepted', 'accepted', 'accepted'],
  ['accepted', 'sent', 'accepted'],
  ['accepted', 'delivered', 'delivered'],
  ['accepted', 'seen', 'delivered'],
  ['accepted', 'undelivered', 'failed'],
  ['accepted', 'failed', 'failed'],
  ['uncertain', 'sent', 'accepted'],
  ['uncertain', 'delivered', 'delivered'],
  ['uncertain', 'failed', 'failed'],
  ['sending', 'delivered', 'wait'],
  ['queued', 'sent', 'accepted'],
  ['queued', 'delivered', 'delivered'],
  ['queued', 'failed', 'failed'],
])('a message %s that gets the receipt "%s" becomes %s', (state, status, after) => {
  expect(afterReceipt(state, status)).toBe(after);
});

test('a receipt for what was never begun to be sent waits', () => {
  expect(afterReceipt('queued', 'delivered', false)).toBe('wait');
});

test.each(settled)('nothing leaves %s', (state) => {
  expect(statuses.map((status) => afterReceipt(state, status))).toEqual(statuses.map(() => state));
});

test('whatever order receipts of one course come in, the end is the same', () => {
  const course = fc.constantFrom<FactStatus[]>(['accepted', 'sent', 'delivered', 'seen'], ['accepted', 'sent', 'undelivered']);
  fc.assert(
    fc.property(course.chain((all) => fc.shuffledSubarray(all, { minLength: all.length })), (order) => {
      const end = order.reduce<ReceiptableState>((state, status) => {
        const after = afterReceipt(state, status);
        return after === 'wait' ? state : after;
      }, 'accepted');
      expect(end).toBe(order.includes('undelivered') ? 'failed' : 'delivered');
    }),
  );
}); // prettier-ignore

test.each<[FactStatus, boolean, boolean, boolean]>([
  ['accepted', true, false, false],
  ['sent', true, false, false],
  ['delivered', true, true, false],
  ['seen', true, true, true],
  ['undelivered', false, false, false],
  ['failed', false, false, false],
])('"%s" tells sent %s, delivered %s, seen %s', (status, sent, delivered, seen) => {
  expect(factsOfReceipt(status)).toEqual({ sent, delivered, seen });
});
