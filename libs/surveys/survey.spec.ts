import { expect, test } from '@jest/globals';
import { localesOf, surveySchema, textIn } from './survey.js';

const scale = { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вам?' } };
const survey = (...questions: object[]): object => ({ key: 'short', title: { uk: 'Візит' }, questions });

/** Path and words of every problem. */
function problems(source: unknown): string[] {
  const parsed = surveySchema.safeParse(source);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

test('the survey of the contract is valid and parses to itself', () => {
  const source = survey(
    { ...scale, labels: { uk: ['жахливо', 'погано', 'прийнятно', 'добре', 'чудово'] }, alertAtMost: 2 },
    {
      key: 'reason',
      type: 'multi',
      text: { uk: 'Чому?' },
      choices: [
        { key: 'queue', text: { uk: 'Черга' } },
        { key: 'staff', text: { uk: 'Персонал' } },
      ],
      when: { quality: { atMost: 3 } },
    },
    { key: 'recommend', type: 'nps', text: { uk: 'Порадите?' } },
    { ...scale, key: 'examiner', when: { visit: { 'attributes.exam': true } } },
    { key: 'comment', type: 'text', text: { uk: 'Коментар' }, optional: true },
  );
  expect(surveySchema.parse(source)).toEqual(source);
  expect(surveySchema.parse(surveySchema.parse(source))).toEqual(source);
});

test.each<[string, object, RegExp]>([
  ['a question without Ukrainian text', survey({ ...scale, text: { en: 'How?' } }), /questions.0.text: a Ukrainian text/],
  ['an unknown field', survey({ ...scale, colour: 'red' }), /colour/],
  ['an unknown type', survey({ ...scale, type: 'stars' }), /questions.0.type/],
  ['no questions', survey(), /questions/],
  ['a key used twice', survey(scale, scale), /questions.1.key: "quality" is used twice/],
  ['four labels for five marks', survey({ ...scale, labels: { uk: ['а', 'б', 'в', 'г'] } }), /labels.uk: 5 labels are needed for 1 to 5, got 4/],
  ['equal labels', survey({ ...scale, labels: { uk: ['а', 'а', 'в', 'г', 'ґ'] } }), /labels must differ/],
  ['labels without Ukrainian', survey({ ...scale, labels: { en: ['a', 'b', 'c', 'd', 'e'] } }), /Ukrainian labels/],
  ['an upside-down range', survey({ ...scale, min: 5, max: 1 }), /max must be greater/],
  ['an alert outside of the scale', survey({ ...scale, alertAtMost: 7 }), /alertAtMost: must lie between 1 and 5/],
  ['a condition on a later question', survey({ ...scale, when: { later: 1 } }, { ...scale, key: 'later' }), /when.later: there is no question "later" before "quality"/],
  ['a condition on itself', survey({ ...scale, when: { quality: 1 } }), /no question "quality" before/],
  ['a condition on free text', survey({ key: 'comment', type: 'text', text: { uk: 'К' } }, { ...scale, when: { comment: 'так' } }), /free text/],
  ['a value that cannot be answered', survey(scale, { ...scale, key: 'b', when: { quality: 6 } }), /never answered with 6/],
  ['bounds on yes and no', survey({ key: 'a', type: 'yesno', text: { uk: 'Так?' } }, { ...scale, when: { a: { atMost: 1 } } }), /need a scale/],
  ['an unknown field of the visit', survey({ ...scale, when: { visit: { weather: 'rain' } } }), /a visit has no field "weather"/],
  ['a choice used twice', survey({ key: 'c', type: 'choice', text: { uk: 'Що?' }, choices: [{ key: 'a', text: { uk: 'А' } }, { key: 'a', text: { uk: 'Б' } }] }), /choices.1.key: "a" is used twice/],
  ['a question called visit', survey({ ...scale, key: 'visit' }), /"visit" is taken/],
  ['a key with a colon', survey({ ...scale, key: 'a:b' }), /small Latin letters/],
])('refuses %s and says where', (_name, source, said) => {
  expect(problems(source).join('\n')).toMatch(said);
}); // prettier-ignore

test('offers only locales that every text has, Ukrainian first', () => {
  const parsed = surveySchema.parse({
    key: 'short',
    title: { en: 'Visit', uk: 'Візит', pl: 'Wizyta' },
    questions: [{ ...scale, text: { en: 'How?', uk: 'Як?' } }],
  });
  expect(localesOf(parsed)).toEqual(['uk', 'en']);
  expect(textIn({ uk: 'Як?' }, 'en')).toBe('Як?');
});
