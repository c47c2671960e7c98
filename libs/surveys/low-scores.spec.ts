import { expect, test } from '@jest/globals';
import { lowScores } from './low-scores.js';
import type { VisitFacts } from './path.js';
import { surveySchema, type Answers } from './survey.js';

const text = { uk: 'Питання' };
const survey = surveySchema.parse({
  key: 'alerts',
  title: text,
  questions: [
    { key: 'quality', type: 'scale', min: 1, max: 5, text, alertAtMost: 2 },
    { key: 'speed', type: 'scale', min: 1, max: 5, text },
    { key: 'examiner', type: 'scale', min: 1, max: 5, text, alertAtMost: 1, when: { visit: { 'attributes.exam': true } } },
    { key: 'recommend', type: 'nps', text, alertAtMost: 0 },
  ],
}); // prettier-ignore
const plain: VisitFacts = {};
const exam: VisitFacts = { attributes: { exam: true } };

test.each<[string, Answers, VisitFacts, string[]]>([
  ['nothing answered', {}, plain, []],
  ['a mark above the bound', { quality: 3 }, plain, []],
  ['a mark on the bound', { quality: 2 }, plain, ['quality']],
  ['a low mark of a question without a bound', { speed: 1 }, plain, []],
  ['zero, where zero is low', { recommend: 0 }, plain, ['recommend']],
  ['a skipped question', { recommend: null }, plain, []],
  ['several at once', { quality: 1, recommend: 0 }, plain, ['quality', 'recommend']],
  ['a question off the way', { examiner: 1 }, plain, []],
  ['the same on the way', { examiner: 1 }, exam, ['examiner']],
])('%s', (_name, answers, visit, keys) => {
  expect(lowScores(survey, answers, visit).map(({ question }) => question.key)).toEqual(keys);
});
