import { describe, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { wordingHash } from '#rendering/approval';
import { surveySchema } from '#surveys/survey';
import type { ClaimedMessage } from './claim.sql.js';
import { Composer, type TextRules } from './composer.js';
import type { Definitions } from './definitions.js';

const NOON = new Date('2026-03-02T10:00:00Z');
const vault = new Vault(Buffer.alloc(32, 5).toString('base64'));
const survey = surveySchema.parse({
  key: 'short',
  title: { uk: 'Ваш візит' },
  questions: [{ key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вам?' } }],
});
const texts = { uk: { sms: 'Оцініть: {{link}}', viber: 'Оцініть візит. {{link}} Дякуємо!' } };
const definitions = {
  message: () => ({ texts }),
  survey: () => survey,
  campaign: () => undefined,
} as unknown as Definitions;
const composer = new Composer(definitions, vault, new SteppedClock(NOON), 'https://opyt.example');

const claimed = {
  id: '7',
  attempt: 1,
  kind: 'invite',
  channel: 'sms',
  locale: 'uk',
  code: 'aB3dE5fG',
  templateId: '1',
  surveyId: '2',
  content: { fields: {} },
  userId: null,
  phoneCipher: vault.seal('+380501234567').cipher,
  dropAt: new Date(NOON.getTime() + 3_600_000),
} as unknown as ClaimedMessage;

function compose(row: Partial<ClaimedMessage>): {
  address: string;
  text: string;
  keyboard?: { buttons: readonly { reply: string }[] };
} {
  const composed = composer.compose({ ...claimed, ...row });
  if ('unwritable' in composed) throw new Error(composed.unwritable);
  return composed.message;
}

describe('what is sent', () => {
  test('an invitation by SMS is its text with the link, to the number', () => {
    expect(compose({})).toMatchObject({
      address: '+380501234567',
      text: 'Оцініть: https://opyt.example/aB3dE5fG',
    });
  });

  test('an invitation by the bot asks the first question at once, with buttons', () => {
    const { address, text, keyboard } = compose({ channel: 'viber', userId: 'abc==' });
    expect(address).toBe('abc==');
    expect(text).toBe('Оцініть візит. https://opyt.example/aB3dE5fG Дякуємо!\n\nЯк Вам?');
    expect(keyboard?.buttons.map(({ reply }) => reply)).toContain('v1:aB3dE5fG:quality:5');
  });

  test('an approved Viber text to a number is left as it is', () => {
    const { text, keyboard } = compose({ channel: 'viber' });
    expect(text).toBe('Оцініть візит. https://opyt.example/aB3dE5fG Дякуємо!');
    expect(keyboard).toBeUndefined();
  });

  test('thanks have no buttons', () => {
    expect(compose({ kind: 'thanks', channel: 'viber', userId: 'abc==' }).keyboard).toBeUndefined();
  });

  test('the repeat of a question is not the same text', () => {
    const content = { question: 'quality' };
    expect(compose({ kind: 'reask', content }).text).not.toBe(compose({ kind: 'question', content }).text);
  });

  test.each<[string, Partial<ClaimedMessage>]>([
    ['an erased number', { phoneCipher: null }],
    ['a question that is not in the survey', { kind: 'question', content: { question: 'gone' } }],
    ['an unknown notice', { kind: 'notice', content: { notice: 'toString' } }],
  ])('%s cannot be written, and no number is in the reason', (_, row) => {
    expect(composer.compose({ ...claimed, ...row })).toEqual({
      unwritable: expect.not.stringContaining('380'),
    });
  });
});

describe('a sender that may not carry every text', () => {
  const viber = 'Оцініть візит. {{link}} Дякуємо!';
  const approved = new Set([wordingHash(viber).toString('hex')]);
  const asking = { uk: { sms: 'Оцініть у відповідь або тут: {{link}}', viber } };
  const asks = new Composer(
    { ...definitions, message: () => ({ texts: asking }) } as unknown as Definitions,
    vault,
    new SteppedClock(NOON),
    'https://opyt.example',
  );

  test.each<[string, Composer, Partial<ClaimedMessage>, TextRules, string | undefined]>([
    ['sends an approved wording', composer, { channel: 'viber' }, { twoWay: false, approved }, undefined],
    ['keeps one that nobody approved', composer, { channel: 'viber' }, { twoWay: false, approved: new Set() }, 'not_approved'],
    ['keeps the thanks as well', composer, { channel: 'viber', kind: 'thanks' }, { twoWay: false, approved: new Set() }, 'not_approved'],
    ['keeps an approved text of another wording', asks, { channel: 'sms' }, { twoWay: true, approved }, 'not_approved'],
    ['never asks for a reply that cannot come', asks, { channel: 'sms' }, { twoWay: false }, 'asks_reply'],
    ['asks for one where it can', asks, { channel: 'sms' }, { twoWay: true }, undefined],
    ['sends what asks for nothing', composer, { channel: 'sms' }, { twoWay: false }, undefined],
  ])('%s', (_label, writer, row, rules, reason) => {
    const composed = writer.compose({ ...claimed, ...row }, rules);
    expect('reason' in composed ? composed.reason : undefined).toBe(reason);
    expect('message' in composed).toBe(reason === undefined);
  }); // prettier-ignore
});
