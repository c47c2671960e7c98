import { describe, expect, test } from '@jest/globals';
import { AcceptedMessages, type AcceptedMessage } from './accepted.js';

const message = (more: Partial<AcceptedMessage> = {}): Omit<AcceptedMessage, 'seq' | 'told'> => ({
  at: new Date('2026-01-13T08:00:00Z'),
  carrier: 'twilio',
  channel: 'sms',
  to: '+380501234567',
  sender: 'Vidhuk',
  text: 'x',
  externalId: 'SM1',
  ...more,
});

describe('accepted messages', () => {
  test('are counted for ever, though only the last are kept', () => {
    const accepted = new AcceptedMessages(10);
    for (let n = 1; n <= 100; n++)
      accepted.add(message({ to: `+38050${1_000_000 + n}`, messageId: String(n % 50) }));
    const counts = accepted.counts();
    expect(counts).toMatchObject({ accepted: 100, numbers: 100, messageIds: 50, duplicateTexts: 0 });
    expect(counts.forgotten).toBeGreaterThanOrEqual(89);
    expect(Object.values(counts.duplicateMessageIds)).toEqual(Array.from({ length: 50 }, () => 2));
  });

  test('are given from where a caller stopped, also when that is forgotten by now', () => {
    const accepted = new AcceptedMessages(10);
    for (let n = 1; n <= 100; n++) accepted.add(message());
    expect(accepted.after(98, 10).map(({ seq }) => seq)).toEqual([99, 100]);
    const rest = accepted.after(0, 1000);
    expect(rest.at(-1)?.seq).toBe(100);
    expect(rest.length).toBe(100 - accepted.counts().forgotten);
    expect(accepted.after(100, 10)).toEqual([]);
  });

  test.each([
    ['the same text to the same number', {}, 1],
    ['another text', { text: 'y' }, 0],
    ['another number', { to: '+380671234567' }, 0],
    ['another channel', { channel: 'viber' as const, carrier: 'viber' as const }, 0],
  ])('%s: %i duplicates', (_, more, duplicates) => {
    const accepted = new AcceptedMessages(10);
    accepted.add(message());
    const second = accepted.add(message(more));
    expect(accepted.counts().duplicateTexts).toBe(duplicates);
    expect(accepted.isDuplicate(second)).toBe(duplicates === 1);
  });

  test('start from nothing again', () => {
    const accepted = new AcceptedMessages(10);
    accepted.add(message({ messageId: '1' }));
    accepted.refused('viber', 6);
    accepted.clear();
    expect(accepted.counts()).toMatchObject({ accepted: 0, numbers: 0, messageIds: 0, refused: {} });
    expect(accepted.add(message()).seq).toBe(1);
  });
});
