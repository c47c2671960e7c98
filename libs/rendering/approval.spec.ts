import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import { approvalProblems, wordingHash } from './approval.js';

describe('a wording that a carrier must approve', () => {
  test.each<[string, string, { column: number; problem: RegExp }[]]>([
    ['fixed words around each field', 'Дякуємо за візит до {{centre}}: {{link}} До побачення!', []],
    ['no field at all', 'Дякуємо!', []],
    ['five fields', 'a {{centre}} b {{date}} c {{service}} d {{sender}} e {{link}} f', []],
    ['a comment between words, which nobody sees', 'Так {{!-- ні --}}і {{link}} тут', []],
    ['a field first', '{{centre}}: оцініть {{link}} тут', [{ column: 1, problem: /begin with fixed/ }]],
    ['a link last', 'Оцініть: {{link}}', [{ column: 10, problem: /end with fixed/ }]],
    ['a link last and a line break after it', 'Оцініть: {{link}}\n', [{ column: 10, problem: /end with fixed/ }]],
    ['nothing but a field', '{{link}}', [{ column: 1, problem: /begin with fixed/ }]],
    ['two fields in a row', 'a {{centre}}{{date}} b', [{ column: 13, problem: /between two fields/ }]],
    ['two fields with a space between', 'a {{centre}} {{date}} b', [{ column: 14, problem: /between two fields/ }]],
    ['six fields', 'a {{link}} b {{link}} c {{link}} d {{link}} e {{link}} f {{link}} g', [{ column: 58, problem: /at most 5/ }]],
    ['a condition', 'a {{#if service}}b{{/if}} c', [{ column: 3, problem: /no conditions/ }]],
    ['braces that do not close', 'a {{link', [{ column: 5, problem: /braces/ }]],
    ['a thousand characters and one', 'я'.repeat(1001), [{ column: 1, problem: /1000 characters/ }]],
  ])('%s', (_label, source, expected) => {
    const found = approvalProblems(source);
    expect(found.map(({ column }) => column)).toEqual(expected.map(({ column }) => column));
    expected.forEach(({ problem }, i) => expect(found[i]?.problem).toMatch(problem));
  }); // prettier-ignore

  test('is the same whatever stands around it, and another by one letter', () => {
    expect(wordingHash('Дякуємо\n')).toEqual(wordingHash('Дякуємо'));
    expect(wordingHash('Дякуємо!')).not.toEqual(wordingHash('Дякуємо'));
  });

  test('every Viber text that comes with the project may be submitted', () => {
    const messages = join(projectRoot, 'templates', 'cnap', 'messages');
    const files = readdirSync(messages, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.viber.hbs'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      expect([file, approvalProblems(readFileSync(join(messages, file), 'utf8'))]).toEqual([file, []]);
    }
  }); // prettier-ignore
});
