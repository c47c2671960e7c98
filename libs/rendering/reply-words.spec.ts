import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import { askedReply } from './reply-words.js';

test.each([
  'Оцініть візит від 1 до 5 у відповідь на це СМС',
  'ВІДПИШІТЬ, будь ласка',
  'Надішліть СТОП, щоб відмовитися',
  'Надішліть  нам\nоцінку',
  'Напишіть «так» або «ні»',
  'Відповідайте цифрою від 1 до 5',
  'Reply STOP to opt out',
  'Text STOP to 12345',
  'Send us a number',
  'Please respond with 1 to 5',
  'Ответьте на это сообщение',
  'Отправьте СТОП',
  'Оценка в ответ',
])('asks for an answer by text: %s', (text) => {
  expect(askedReply(text)).toBeDefined();
});

test.each([
  'Відповісти чи відмовитися: https://v.example.gov.ua/Ab3dE5gH',
  'Ваша відповідь допоможе поліпшити роботу центру',
  'Дайте відповідь на три питання: {{link}}',
  'Rate your visit or stop texts: {{link}}',
  'Your answers help us. A few questions: {{link}}',
  'You can also stop these messages at this link.',
  'Ваш ответ важен: {{link}}',
  '',
])('asks for none: %s', (text) => {
  expect(askedReply(text)).toBeUndefined();
});

test('no text that comes with the project asks for an answer by text', () => {
  const messages = join(projectRoot, 'templates', 'cnap', 'messages');
  const files = readdirSync(messages, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hbs'));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    expect([file, askedReply(readFileSync(join(messages, file), 'utf8'))]).toEqual([file, undefined]);
  }
}); // prettier-ignore
