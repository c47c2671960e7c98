import { expect, test } from '@jest/globals';
import { previewMessage } from './preview.js';

const sms = { role: 'invite', channel: 'sms' } as const;

test('shows the text as it usually is and at its longest, with what it costs', () => {
  const { problems, typical, worst } = previewMessage('{{centre}}: оцініть візит {{link}}', { ...sms, maxParts: 2 });
  expect(problems).toEqual([]);
  expect(typical).toMatchObject({
    text: 'ЦНАП міста Львова: оцініть візит https://v.example.ua/7Qk2mZ9a',
    encoding: 'UCS-2',
    units: 62,
    parts: 1,
  });
  expect(typical?.costly.slice(0, 3)).toEqual(['Ц', 'Н', 'А']);
  expect(worst).toMatchObject({ parts: 2, units: 40 + 16 + 34 });
}); // prettier-ignore

test.each<[string, string, { line: number; column: number; problem: RegExp }]>([
  ['an unknown field', 'Вітаємо!\nВаш {{name}} {{link}}', { line: 2, column: 5, problem: /unknown field "name"/ }],
  ['open braces', '{{link', { line: 1, column: 3, problem: /not balanced/ }],
  ['a helper', '{{#each link}}{{/each}}', { line: 1, column: 1, problem: /may not be used/ }],
])('%s is told with its place, and there is no text yet', (_name, source, { line, column, problem }) => {
  const { problems, typical, worst } = previewMessage(source, sms);
  expect(problems[0]).toEqual({ line, column, problem: expect.stringMatching(problem) as unknown });
  expect([typical, worst]).toEqual([null, null]);
}); // prettier-ignore

test('a text without a link is shown, and is a problem', () => {
  const { problems, typical } = previewMessage('Оцініть візит', sms);
  expect(problems).toHaveLength(1);
  expect(typical?.text).toBe('Оцініть візит');
});

test('values given take the place of the usual ones; the rest stay', () => {
  const { typical } = previewMessage('{{centre}} {{date}} {{link}}', { ...sms, locale: 'en', values: { centre: 'ЦНАП' } }); // prettier-ignore
  expect(typical?.text).toBe('ЦНАП 24 November https://v.example.ua/7Qk2mZ9a');
});

test('links longer than texts are counted for cost what they cost', () => {
  const long = { ...sms, publicUrl: `https://${'a'.repeat(60)}.gov.ua/vidhuk` };
  expect(previewMessage('{{link}}', long).worst?.units).toBe(`${long.publicUrl}/7Qk2mZ9a`.length);
  expect(previewMessage('Оцініть візит до центру: {{link}}', { ...long, maxParts: 1 }).problems[0]?.problem).toContain('2 SMS parts'); // prettier-ignore
});
