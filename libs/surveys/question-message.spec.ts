import { describe, expect, test } from '@jest/globals';
import { answerFromForm, checkAnswer, MAX_TEXT_LENGTH } from './answer-check.js';
import { buttonReply, parseButton, questionMessage } from './question-message.js';
import { readAnswer } from './read-answer.js';
import { surveySchema, type Question } from './survey.js';

const choices = [
  { key: 'queue', text: { uk: 'Черга', en: 'Queue' } },
  { key: 'staff', text: { uk: 'Персонал', en: 'Staff' } },
];
const survey = surveySchema.parse({
  key: 'all-types',
  title: { uk: 'Ваш візит', en: 'Your visit' },
  questions: [
    { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вам послуга?', en: 'How was it?' } },
    { key: 'ease', type: 'scale', min: 0, max: 10, text: { uk: 'Легко?' } },
    { key: 'recommend', type: 'nps', text: { uk: 'Порадите?' } },
    { key: 'solved', type: 'yesno', text: { uk: 'Питання вирішено?', en: 'Solved?' }, optional: true },
    { key: 'reason', type: 'choice', text: { uk: 'Чому?' }, choices },
    { key: 'reasons', type: 'multi', text: { uk: 'Що не так?' }, choices },
    { key: 'comment', type: 'text', text: { uk: 'Щось іще?' }, optional: true },
    { key: 'story', type: 'text', text: { uk: 'Розкажіть.' } },
  ],
});
const ask = (key: string): Question => survey.questions.find((question) => question.key === key) as Question;
const code = 'aB3dE5fG';

test.each([
  ['quality', 'Як Вам послуга?\nВідповідь: число від 1 (жахливо) до 5 (чудово).'],
  ['ease', 'Легко?\nВідповідь: число від 0 до 10.'],
  ['recommend', 'Порадите?\nВідповідь: число від 0 до 10.'],
  ['solved', 'Питання вирішено?\nВідповідь: ТАК або НІ. Пропустити: надішліть «-».'],
  ['reason', 'Чому?\n1 – Черга\n2 – Персонал\nВідповідь: один номер.'],
  ['reasons', 'Що не так?\n1 – Черга\n2 – Персонал\nВідповідь: один чи кілька номерів через кому.'],
  ['comment', 'Щось іще?\nПропустити: надішліть «-».'],
  ['story', 'Розкажіть.\nНапишіть відповідь одним повідомленням.'],
])('by SMS, %s says how to answer and has no keyboard', (key, text) => {
  expect(questionMessage(survey, ask(key), { locale: 'uk', channel: 'sms', code })).toEqual({ text });
});

test('a question speaks the locale, and Ukrainian where it has no other words', () => {
  const options = { locale: 'en', channel: 'sms', code } as const;
  expect(questionMessage(survey, ask('quality'), options).text).toBe(
    'How was it?\nReply with a number from 1 (terrible) to 5 (excellent).',
  );
  expect(questionMessage(survey, ask('recommend'), options).text).toMatch(/^Порадите\?\nReply/);
});

test('by Viber the first question comes under the title, with a button for each mark', () => {
  const message = questionMessage(survey, ask('quality'), { locale: 'uk', channel: 'viber', code });
  expect(message.text).toBe('Ваш візит\n\nЯк Вам послуга?');
  expect(message.keyboard?.buttons.map((button) => button.label)).toEqual([
    '1 – жахливо', '2 – погано', '3 – прийнятно', '4 – добре', '5 – чудово',
  ]);
  expect(message.keyboard?.buttons[4]).toEqual({ label: '5 – чудово', reply: 'v1:aB3dE5fG:quality:5', width: 6 });
}); // prettier-ignore

test('yes and no stand side by side, without numbers', () => {
  const { keyboard } = questionMessage(survey, ask('solved'), { locale: 'en', channel: 'viber', code });
  expect(keyboard?.buttons.map(({ label, width }) => [label, width])).toEqual([['Yes', 3], ['No', 3], ['Skip', 6]]);
}); // prettier-ignore

describe('every button', () => {
  const cases = survey.questions.flatMap((question) => {
    const { keyboard } = questionMessage(survey, question, { locale: 'uk', channel: 'viber', code });
    return (keyboard?.buttons ?? []).map((button) => ({ question, ...button }));
  });

  test.each(cases)('$reply comes back as a valid answer of its question', ({ question, reply }) => {
    const pressed = parseButton(reply);
    expect(pressed).toMatchObject({ code, questionKey: question.key });
    const value = answerFromForm(question, [pressed?.value ?? '']);
    expect(checkAnswer(question, question.type === 'text' ? null : value).ok).toBe(true);
  });

  test('fits twelve rows of six columns', () => {
    for (const question of survey.questions) {
      const { keyboard } = questionMessage(survey, question, { locale: 'uk', channel: 'viber', code });
      const columns = (keyboard?.buttons ?? []).reduce((sum, button) => sum + button.width, 0);
      expect(columns).toBeLessThanOrEqual(72);
    }
  });
});

test.each([
  'v1:aB3dE5fG:quality',
  'v2:aB3dE5fG:quality:5',
  'v1:0OIl0OIl:quality:5',
  'v1:aB3dE5fG:quality:5;',
  '5',
])('%j is no button of ours', (text) => {
  expect(parseButton(text)).toBeUndefined();
});

test('what the SMS asks for is what is understood', () => {
  expect(buttonReply(code, 'quality', '5')).toBe('v1:aB3dE5fG:quality:5');
  expect(readAnswer(ask('reasons'), '1, 2')).toEqual({ value: ['queue', 'staff'] });
  expect(readAnswer(ask('solved'), '-')).toEqual({ value: null });
  expect(readAnswer(ask('comment'), '-')).toEqual({ value: null });
});

test.each<[string, unknown, boolean]>([
  ['quality', 5, true],
  ['quality', 6, false],
  ['quality', 4.5, false],
  ['quality', '5', false],
  ['quality', null, false],
  ['ease', 0, true],
  ['recommend', 10, true],
  ['recommend', -1, false],
  ['solved', null, true],
  ['solved', 'так', false],
  ['reason', 'queue', true],
  ['reason', 'toString', false],
  ['reasons', [], false],
  ['reasons', ['staff', 'queue'], true],
  ['reasons', ['staff', 'nobody'], false],
  ['comment', ' ', false],
  ['comment', 'я'.repeat(MAX_TEXT_LENGTH), true],
  ['comment', 'я'.repeat(MAX_TEXT_LENGTH + 1), false],
])('as an answer to %s, %j is valid: %s', (key, value, ok) => {
  expect(checkAnswer(ask(key), value).ok).toBe(ok);
});

test('several choices are stored in the order of the survey, whatever order they came in', () => {
  expect(checkAnswer(ask('reasons'), ['staff', 'queue'])).toEqual({ ok: true, value: ['queue', 'staff'] });
});

test.each<[string, string[], unknown]>([
  ['quality', ['4'], 4],
  ['quality', ['four'], 'four'],
  ['quality', [], undefined],
  ['quality', ['-'], null],
  ['solved', ['yes'], true],
  ['solved', ['no'], false],
  ['reasons', ['queue', 'staff'], ['queue', 'staff']],
  ['reasons', [], []],
  ['comment', ['-'], '-'],
])('the form field of %s with %j reads as %j', (key, fields, value) => {
  expect(answerFromForm(ask(key), fields)).toEqual(value);
});

test('a repeated question says why it comes again, and is not the same text', () => {
  const [first] = survey.questions as [Question];
  const form = { locale: 'uk', channel: 'sms', code: 'aB3dE5fG' } as const;
  const again = questionMessage(survey, first, { ...form, again: true }).text;
  expect(again).toBe(`На жаль, відповідь не вдалося прочитати. ${questionMessage(survey, first, form).text}`);
});

test('under another text the first question comes without the title', () => {
  const [first] = survey.questions as [Question];
  const form = { locale: 'uk', channel: 'viber', code: 'aB3dE5fG' } as const;
  expect(questionMessage(survey, first, form).text).toMatch(/^Ваш візит/);
  expect(questionMessage(survey, first, { ...form, titled: false }).text).not.toContain('Ваш візит');
});
