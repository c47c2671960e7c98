import { describe, expect, test } from '@jest/globals';
import { lintMessage, worstCase, type LintRules } from './lint.js';

const invite: LintRules = { role: 'invite', channel: 'sms' };

describe('a message text is checked before it is published', () => {
  test.each<[string, string, LintRules, { line: number; column: number; problem: string }[]]>([
    ['a sound invite has no problems', 'Оцініть візит {{date}}: {{link}} Відмова там само.', invite, []],
    ['thanks need no link', 'Дякуємо!', { role: 'thanks', channel: 'sms' }, []],
    [
      'comments and conditions are allowed',
      '{{!-- note --}}{{#if service}}{{service}}{{/if}} {{link}}',
      invite,
      [],
    ],
    ['a syntax error has its place', 'Візит\n{{link', invite, [{ line: 2, column: 3, problem: 'braces' }]],
    [
      'each unknown field is told',
      '{{link}} {{phone}}\n {{name}}',
      invite,
      [
        { line: 1, column: 10, problem: 'unknown field "phone"' },
        { line: 2, column: 2, problem: 'unknown field "name"' },
      ],
    ],
    [
      'paths are not fields',
      '{{link}}{{this.link}}{{../link}}{{@root.link}}{{link.length}}',
      invite,
      [
        { line: 1, column: 9, problem: 'this.link' },
        { line: 1, column: 22, problem: '../link' },
        { line: 1, column: 33, problem: '@root.link' },
        { line: 1, column: 47, problem: 'link.length' },
      ],
    ],
    [
      'literals are not fields',
      '{{link}}{{"x"}}{{5}}',
      invite,
      [
        { line: 1, column: 9, problem: 'unknown field "x"' },
        { line: 1, column: 16, problem: 'unknown field "5"' },
      ],
    ],
    [
      'a field takes no arguments',
      '{{link}}{{link centre}}{{link a=1}}',
      invite,
      [
        { line: 1, column: 9, problem: 'no arguments' },
        { line: 1, column: 24, problem: 'no arguments' },
      ],
    ],
    [
      'other helpers and partials are refused',
      '{{link}}{{#each link}}{{/each}}\n{{> other}}',
      invite,
      [
        { line: 1, column: 9, problem: '{{#each}}' },
        { line: 2, column: 1, problem: 'only fields' },
      ],
    ],
    [
      'a condition takes one known field',
      '{{link}}{{#if}}x{{/if}}{{#if a}}{{b}}{{/if}}',
      invite,
      [
        { line: 1, column: 9, problem: 'takes one field' },
        { line: 1, column: 30, problem: 'unknown field "a"' },
        { line: 1, column: 33, problem: 'unknown field "b"' },
      ],
    ],
    [
      'an invite without a link is refused',
      'Оцініть візит',
      invite,
      [{ line: 1, column: 1, problem: '{{link}}' }],
    ],
    [
      'a reminder too',
      'Нагадуємо',
      { ...invite, role: 'reminder' },
      [{ line: 1, column: 1, problem: '{{link}}' }],
    ],
    [
      'a link that may be left out is missing',
      '{{#if date}}{{link}}{{/if}}',
      invite,
      [{ line: 1, column: 1, problem: '{{link}}' }],
    ],
    ['a link on both ways is there', '{{#if date}}{{link}}{{else}}тут {{link}}{{/if}}', invite, []],
    [
      'an empty text is refused',
      ' \n',
      { role: 'thanks', channel: 'sms' },
      [{ line: 1, column: 1, problem: 'empty' }],
    ],
    [
      'too many parts by default',
      `${'ї'.repeat(201)}{{link}}`,
      invite,
      [{ line: 1, column: 1, problem: 'up to 4 SMS parts in UCS-2 (because of ї)' }],
    ],
    [
      'too many parts for the campaign',
      `${'ї'.repeat(40)}{{link}}`,
      { ...invite, maxParts: 1 },
      [{ line: 1, column: 1, problem: '2 SMS parts' }],
    ],
    ['parts are of no matter on Viber', `${'ї'.repeat(201)}{{link}}`, { ...invite, channel: 'viber' }, []],
    [
      'but length is',
      `${'ї'.repeat(990)}{{link}}`,
      { ...invite, channel: 'viber' },
      [{ line: 1, column: 1, problem: '1024 characters' }],
    ],
  ])('%s', (_, source, rules, problems) => {
    // prettier-ignore
    expect(lintMessage(source, rules)).toEqual(
      problems.map((p) => ({ ...p, problem: expect.stringContaining(p.problem) })),
    );
  });

  test('a field value, not the sample text, decides the parts', () => {
    expect(lintMessage('Rate your visit: {{link}}', { ...invite, maxParts: 1 })).toEqual([]);
    expect(lintMessage('Rate {{centre}}: {{link}}', { ...invite, maxParts: 1 })).toHaveLength(1);
  });
});

describe('the worst case of a text', () => {
  test('takes every field at its longest and in Cyrillic', () => {
    const worst = worstCase('{{centre}}|{{service}}|{{date}}|{{deadline}}|{{sender}}|{{link}}');
    expect(worst.units).toBe(40 + 40 + 12 + 12 + 24 + 34 + 5);
    expect(worst).toMatchObject({ encoding: 'UCS-2', parts: 3, costly: ['Щ'] });
  });

  test('takes the costliest way through conditions', () => {
    const long = 'ї'.repeat(100);
    expect(worstCase(`{{#if service}}{{service}}{{else}}${long}{{/if}}`).text).toBe(long);
    expect(worstCase('{{#unless service}}ок{{/unless}}{{#if date}}{{date}}{{/if}}').units).toBe(14);
  });
});
