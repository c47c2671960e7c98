import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Question } from '#surveys/survey';
import { understand, type ReplyContext } from './understand.js';

const text = { uk: 'Питання' };
const choices = [
  { key: 'queue', text: { uk: 'Довга черга' } },
  { key: 'staff', text: { uk: 'Неввічливість' } },
  { key: 'other', text: { uk: 'Інше' } },
];
const words = ['жахливо', 'погано', 'прийнятно', 'добре', 'чудово'];
const labels = { uk: words, en: ['terrible', 'bad', 'fair', 'good', 'excellent'] };
const scale: Question = { key: 'q', type: 'scale', min: 1, max: 5, text, labels };

/** The column "asked" of the table. */
const contexts: Readonly<Record<string, ReplyContext>> = {
  scale: { question: scale },
  nps: { question: { key: 'q', type: 'nps', text } },
  yesno: { question: { key: 'q', type: 'yesno', text } },
  choice: { question: { key: 'q', type: 'choice', text, choices } },
  multi: { question: { key: 'q', type: 'multi', text, choices } },
  text: { question: { key: 'q', type: 'text', text, optional: true } },
  nothing: { question: null },
  optedout: { question: scale, optedOut: true },
  unknown: {},
};

const table = readFileSync(new URL('./replies.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .slice(1)
  .map(
    (line) =>
      line.split('\t') as [asked: string, reply: string, kind: string, value: string, comment: string],
  );

test.each(table)('asked %s, the reply %j is %s %s %s', (asked, reply, kind, value, comment) => {
  expect(understand(reply, contexts[asked])).toEqual({
    kind: kind === 'never_visited' ? 'comment' : kind,
    ...(kind === 'never_visited' ? { neverVisited: true } : {}),
    ...(value === '' ? {} : { value: JSON.parse(value) as unknown }),
    ...(comment === '' ? {} : { comment }),
  });
});

test('the table is large enough to mean something', () => {
  expect(table.length).toBeGreaterThanOrEqual(900);
});

/** Words that may lead up to a mark without being a sentence. */
const LEADS = /^(?:[^\p{L}\p{N}]|\d+ із|доброго|дня|оцінк[ау]|оценк[ау]|моя|ставлю|даю|на|все|всім|обслуговування|порекомендую|номер|варіант|добрий|день|вітаю|привіт|hello|hi|дякую|звичайно|твердо|однозначно|безумовно|my|rating|is|i|give|rate)*$/iu; // prettier-ignore
const digitInside = (reply: string): RegExpExecArray | null =>
  /^(.*\p{L}.*?)(\d+)([^\d]*\p{L}.*)$/su.exec(reply);

describe('a digit inside a sentence', () => {
  const sentences = table.filter(([asked, reply]) => {
    const [, before] = digitInside(reply) ?? [];
    return (
      ['scale', 'nps', 'yesno', 'unknown'].includes(asked) && before !== undefined && !LEADS.test(before)
    );
  });

  test('there are enough of them', () => {
    expect(sentences.length).toBeGreaterThan(25);
  });

  test.each(sentences)('asked %s, in %j it never becomes the rating', (asked, reply) => {
    const [, before = '', , after = ''] = digitInside(reply) ?? [];
    const heard = understand(reply, contexts[asked]);
    const value = heard.kind === 'answer' ? heard.value : undefined;
    // Whatever number stood there, the answer, if there is one, is the same.
    for (const other of ['1', '2', '3', '4', '5', '7', '10']) {
      const said = understand(before + other + after, contexts[asked]);
      expect([other, said.kind === 'answer' ? said.value : undefined]).toEqual([other, value]);
    }
  });
});

test.each<[string, ReplyContext, string]>([
  ['5', { carrierKeyword: 'stop' }, 'opt_out'],
  ['дякую', { carrierKeyword: 'help' }, 'help'],
  ['START', { carrierKeyword: 'start' }, 'opt_in'],
  ['YES', { carrierKeyword: 'start', optedOut: true }, 'opt_in'],
  ['YES', { carrierKeyword: 'start', question: { key: 'q', type: 'yesno', text } }, 'answer'],
])('the carrier says what %j is: %j, so it is %s', (reply, context, kind) => {
  expect(understand(reply, context).kind).toBe(kind);
});

test('no text whatever breaks it, and none that no rule knows becomes a stop', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constantFrom(...Object.values(contexts)), (typed, context) => {
      const { kind } = understand(typed, context);
      expect(['answer', 'opt_out', 'opt_in', 'help', 'wrong_number', 'comment', 'unclear']).toContain(kind);
      expect(understand(`я питала ${typed}`, context).kind).not.toBe('opt_out');
    }),
    { numRuns: 2000 },
  );
}); // prettier-ignore
