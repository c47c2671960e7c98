import { expect, test } from '@jest/globals';
import {
  allows,
  isTerminal,
  MESSAGE_STATES,
  statesLeftBy,
  TRANSITIONS,
  type MessageState,
} from './transitions.js';

test('every state can be reached from queued', () => {
  const reached = new Set<MessageState>(['queued']);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const { from, to } of TRANSITIONS) if (reached.has(from)) reached.add(to);
  }
  expect([...reached].sort()).toEqual([...MESSAGE_STATES].sort());
});

test('nothing leaves the four ends, and every other state has a way out', () => {
  expect(MESSAGE_STATES.filter(isTerminal)).toEqual(['delivered', 'failed', 'cancelled', 'abandoned']);
});

test('each way is named once', () => {
  const ways = TRANSITIONS.map(({ from, to }) => `${from} ${to}`);
  expect(new Set(ways).size).toBe(ways.length);
});

test.each<[MessageState, MessageState, Parameters<typeof allows>[2], boolean]>([
  ['queued', 'sending', 'claim', true],
  ['sending', 'queued', 'settle', true],
  ['sending', 'queued', 'rescue', false],
  ['sending', 'uncertain', 'rescue', true],
  ['sending', 'delivered', 'receipt', false],
  ['accepted', 'delivered', 'receipt', true],
  ['accepted', 'queued', 'settle', false],
  ['queued', 'accepted', 'receipt', true],
  ['delivered', 'failed', 'receipt', false],
  ['failed', 'delivered', 'receipt', false],
  ['uncertain', 'queued', 'rescue', false],
  ['uncertain', 'queued', 'lookup', true],
  ['uncertain', 'abandoned', 'lookup', false],
  ['uncertain', 'queued', 'operator', true],
  ['accepted', 'queued', 'operator', false],
  ['abandoned', 'queued', 'operator', false],
])('%s to %s by %s: %s', (from, to, by, allowed) => {
  expect(allows(from, to, by)).toBe(allowed);
});

test('a mover leads out of these states', () => {
  expect(statesLeftBy('settle')).toEqual(['sending']);
  expect(statesLeftBy('receipt')).toEqual(['queued', 'accepted', 'uncertain']);
  expect(statesLeftBy('operator')).toEqual(['uncertain']);
  expect(statesLeftBy('upkeep')).toEqual(['queued']);
});
