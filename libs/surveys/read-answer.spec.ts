import { describe, expect, test } from '@jest/globals';
import { readAnswer } from './read-answer.js';
import type { Question } from './survey.js';

const text = { uk: 'Питання' };
const quality: Question = {
  key: 'quality',
  type: 'scale',
  min: 1,
  max: 5,
  text,
  labels: {
    uk: ['жахливо', 'погано', 'прийнятно', 'добре', 'чудово'],
    en: ['terrible', 'bad', 'fair', 'good', 'excellent'],
  },
};
const recommend: Question = { key: 'recommend', type: 'nps', text };
const solved: Question = { key: 'solved', type: 'yesno', text };
const choices = [
  { key: 'queue', text: { uk: 'Довга черга', en: 'Long queue' } },
  { key: 'staff', text: { uk: 'Неввічливість' } },
  { key: 'other', text: { uk: 'Інше', en: 'Other' } },
];
const reason: Question = { key: 'reason', type: 'choice', text, choices };
const reasons: Question = { key: 'reasons', type: 'multi', text, choices };
const comment: Question = { key: 'comment', type: 'text', text, optional: true };

type Row<V> = [typed: string, value: V, remark?: string];
/** Rows without a remark expect none. */
const rows = <V>(given: Row<V>[]): [string, V, string][] =>
  given.map(([typed, value, remark]) => [typed, value, remark ?? '']);
const reading = (value: unknown, remark: string): object =>
  remark === '' ? { value } : { value, comment: remark };

describe('a scale of 1 to 5', () => {
  test.each(
    rows<number>([
      ['5', 5],
      [' 5 ', 5],
      ['5.', 5],
      ['5!!!', 5],
      ['«5»', 5],
      ['(4)', 4],
      ['5+', 5],
      ['5++', 5],
      ['5 з плюсом', 5],
      ["п'ять", 5],
      ['П’ЯТЬ', 5],
      ['пʼять', 5],
      ['п´ять', 5],
      ['пять', 5],
      ['П`ять!', 5],
      ['пятёрка', 5],
      ["п'ятірка", 5],
      ['чотири', 4],
      ['четыре', 4],
      ['four', 4],
      ['тpи', 3],
      ['5 балів', 5],
      ['4 бали', 4],
      ['5 зірок', 5],
      ['4 з 5', 4],
      ['4 із 5', 4],
      ['4 из 5', 4],
      ['4/5', 4],
      ['4 out of 5', 4],
      ["чотири з п'яти", 4],
      ['оцінка 5', 5],
      ['Оцінка: 4', 4],
      ['моя оцінка - 3', 3],
      ['ставлю 5', 5],
      ['на 5', 5],
      ['на п’ять!', 5],
      ['⭐⭐⭐⭐', 4],
      ['★★★★☆', 4],
      ['⭐️⭐️⭐️⭐️⭐️', 5],
      ['５', 5],
      ['5️⃣', 5],
      ['٥', 5],
      ['⑤', 5],
      ['чудово', 5],
      ['Чудово!', 5],
      ['ДОБРЕ', 4],
      ['жахливо...', 1],
      ['excellent', 5],
      ['дoбpe', 4],
      ['5 чудово', 5],
      ['5 - чудово', 5],
      ["5 (п'ять)", 5],
      ["п'ять (5)", 5],
      ['5 дякую', 5, 'дякую'],
      ['5 дякую за роботу!', 5, 'дякую за роботу!'],
      ['5, дуже швидко', 5, 'дуже швидко'],
      ['5. 2 години чекала', 5, '2 години чекала'],
      ['4, але довго', 4, 'але довго'],
      ['4 але довго', 4, 'але довго'],
      ['5 добре', 5, 'добре'],
      ['3\nДовга черга', 3, 'Довга черга'],
      ['Чудово, дякую!', 5, 'дякую!'],
      ['Добре. Але довго чекав', 4, 'Але довго чекав'],
      ['5👍', 5, '👍'],
      ['дякую, 5', 5],
      ['5 все супер 👍', 5, 'все супер 👍'],
      ['⭐⭐⭐⭐⭐ дякую', 5, 'дякую'],
      ['2: хамство на касі', 2, 'хамство на касі'],
    ]),
  )('%j is %d', (typed, value, remark) => {
    expect(readAnswer(quality, typed)).toEqual(reading(value, remark));
  });

  test.each([
    ['3.5'], ['3,5'], ['4-5'], ['4 - 5'], ['4–5'], ['4 5'], ['55'], ['0'], ['6'], ['10'], ['-5'], ['5-'], ['5?'], ['5 або 4'], ['4 чи 5'],
    ['5 і 4'], ['5, 4'], ['не 5'], ['5 годин'], ['2 години чекала'], ['чекала 2 години'], ['5 хвилин'], ['1 працівник'], ['3 рази приходила'],
    ['Один працівник'], ['о 5'], ['5:30'], ['5 з 10'], ['8 з 10'], ['5/10'], ['½'], ['4½'], ['№5'], ['5%'], ['5 грн'], ['двадцять п’ять'],
    ['дуже добре'], ['не добре'], ['добре?'], ['1 чудово'], ['5 жахливо'], ['так'], ['дякую'], ['👍'], [''], ['   '], ['😀😀'], ['⭐⭐⭐⭐⭐⭐'],
    ['★★☆'], ['⭐⭐ 5'], ['5+1'], ['+5'], ['добре, 5'], ['050 123 45 67'], ['12.05'], ['п’ять хвилин'], ['чудово обслуговування не назвеш'], ['Ⅴ'],
  ])('%j is not guessed at', (typed) => {
    expect(readAnswer(quality, typed)).toBeUndefined();
  }); // prettier-ignore
});

test.each<[string, number]>([
  ['10', 10],
  ['десять', 10],
  ['0', 0],
  ['нуль', 0],
  ['9/10', 9],
  ['8 з 10', 8],
  ['вісім із десяти', 8],
  ['10!', 10],
  ['１０', 10],
])('a likelihood from 0 to 10: %j is %d', (typed, value) => {
  expect(readAnswer(recommend, typed)).toEqual({ value });
});

test.each(['11', '100', '9-10', '9,5', '4 з 5', 'так', '⭐⭐⭐'])(
  'a likelihood: %j is not guessed at',
  (typed) => {
    expect(readAnswer(recommend, typed)).toBeUndefined();
  },
);

test.each(
  rows<boolean>([
    ['так', true],
    ['ТАК!', true],
    ['да', true],
    ['yes', true],
    ['YES', true],
    ['y', true],
    ['ага', true],
    ['+', true],
    ['👍', true],
    ['тaк', true],
    ['ні', false],
    ['нi', false],
    ['нет', false],
    ['No.', false],
    ['не', false],
    ['👎', false],
    ['так, дякую', true, 'дякую'],
    ['ні, довго чекали', false, 'довго чекали'],
    ['Ні. Черга', false, 'Черга'],
  ]),
)('yes or no: %j is %s', (typed, value, remark) => {
  expect(readAnswer(solved, typed)).toEqual(reading(value, remark));
});

test.each(['так собі', 'так ні', 'так, ні', 'не знаю', 'да нет', '5', 'такси', 'можливо', 'ні так ні сяк'])(
  'yes or no: %j is not guessed at',
  (typed) => {
    expect(readAnswer(solved, typed)).toBeUndefined();
  },
);

test.each<[string, string]>([
  ['1', 'queue'],
  ['1)', 'queue'],
  ['2.', 'staff'],
  ['три', 'other'],
  ['довга черга', 'queue'],
  ['Довга черга!', 'queue'],
  ['1 - довга черга', 'queue'],
  ['long queue', 'queue'],
  ['інше', 'other'],
  ['Iнше', 'other'],
])('one of a list: %j is %s', (typed, value) => {
  expect(readAnswer(reason, typed)).toEqual({ value });
});

test.each(['4', '0', '1,2', '1 2', 'черга', '2 довга черга', 'довга', '12'])(
  'one of a list: %j is not guessed at',
  (typed) => {
    expect(readAnswer(reason, typed)).toBeUndefined();
  },
);

test.each<[string, string[]]>([
  ['1', ['queue']],
  ['1,3', ['queue', 'other']],
  ['3, 1', ['queue', 'other']],
  ['1 3', ['queue', 'other']],
  ['1 та 3', ['queue', 'other']],
  ['1; 2; 3.', ['queue', 'staff', 'other']],
  ['Довга черга, інше', ['queue', 'other']],
])('several of a list: %j is %j', (typed, value) => {
  expect(readAnswer(reasons, typed)).toEqual({ value });
});

test.each(['13', '1,4', '0', '1 година', 'черга', ''])('several of a list: %j is not guessed at', (typed) => {
  expect(readAnswer(reasons, typed)).toBeUndefined();
});

test('free text is taken as it is, and "nothing to add" skips an optional question', () => {
  expect(readAnswer(comment, '  Все добре, 5 хвилин!\n ')).toEqual({ value: 'Все добре, 5 хвилин!' });
  for (const typed of ['-', 'ні', 'Ні.', 'нет', 'Пропустити', 'без коментарів']) {
    expect(readAnswer(comment, typed)).toEqual({ value: null });
  }
  expect(readAnswer({ ...comment, optional: false }, 'ні')).toEqual({ value: 'ні' });
});

test('an optional mark can be skipped by a dash, a required one cannot', () => {
  expect(readAnswer({ ...quality, optional: true }, '-')).toEqual({ value: null });
  expect(readAnswer(quality, '-')).toBeUndefined();
});
