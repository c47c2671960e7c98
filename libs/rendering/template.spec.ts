import { describe, expect, test } from '@jest/globals';
import type { MessageFields } from './fields.js';
import { parseTemplate, renderMessage } from './template.js';

const fields: MessageFields = {
  link: 'https://opyt.example/AbCdEfGh',
  centre: 'ЦНАП «Дія»',
  service: 'Довідка & витяг <форма 1>',
  date: '24 листопада',
  deadline: '1 грудня',
  sender: 'Міська рада',
};

describe('a message is rendered', () => {
  test.each([
    ['fields are put in', '{{sender}}: візит {{date}}, {{centre}}. {{link}} до {{deadline}}', 'Міська рада: візит 24 листопада, ЦНАП «Дія». https://opyt.example/AbCdEfGh до 1 грудня'], // prettier-ignore
    ['nothing is escaped: this is text, not HTML', '{{service}}', 'Довідка & витяг <форма 1>'],
    ['the end of the file is not part of the text', '{{link}}\n', 'https://opyt.example/AbCdEfGh'],
    ['a condition holds when its field has a value', '{{#if service}}Про {{service}}{{else}}-{{/if}}', 'Про Довідка & витяг <форма 1>'], // prettier-ignore
  ])('%s', (_, source, text) => {
    expect(renderMessage(source, fields)).toBe(text);
  });

  test('a condition fails when its field is empty', () => {
    const source = '{{#if service}}Про {{service}}{{else}}Про візит{{/if}}{{#unless service}}!{{/unless}}';
    expect(renderMessage(source, { ...fields, service: '' })).toBe('Про візит!');
  });

  test('a name from a feed is composed, put on one line and freed of invisible characters', () => {
    const centre = ' Цент\u00adр\u200b\n «Зелений\u00a0 гаи\u0306» ';
    expect(renderMessage('[{{centre}}]', { ...fields, centre })).toBe('[Центр «Зелений гай»]');
  });

  test.each([
    ['at a word', 'Центр надання адміністративних послуг Шевченківського району', 'Центр надання адміністративних послуг.'], // prettier-ignore
    [
      'without a dangling quote',
      'Центр надання адміністративних «Зелений гай»',
      'Центр надання адміністративних.',
    ],
    ['inside a very long word', 'Щ'.repeat(60), `${'Щ'.repeat(39)}.`],
  ])('a name over its limit is cut %s', (_, centre, cut) => {
    expect(renderMessage('{{centre}}', { ...fields, centre })).toBe(cut);
  });

  test('what a template may not name it cannot reach', () => {
    for (const source of ['{{phone}}', '{{lookup link "length"}}', '{{#each link}}x{{/each}}']) {
      expect(() => renderMessage(source, fields)).toThrow();
    }
  });
});

test.each([
  ['Візит {{ link', 1, 10, 'braces'],
  ['a\nbc {{link} d', 2, 10, 'braces'],
  ['a\n  {{/if}}', 2, 3, 'not opened'],
  ['a\n{{link}}}', 2, 7, 'three braces'],
  ['{{#if link}}x', 1, 14, 'ends before'],
  ['x {{#if link}}y{{/unless}}', 1, 6, "doesn't match"],
])('a broken text is told with its place: %j', (source, line, column, problem) => {
  const parsed = parseTemplate(source);
  expect(parsed).toEqual({ broken: { line, column, problem: expect.stringContaining(problem) } });
});
