import { expect, test } from '@jest/globals';
import { applicable, isComplete, nextQuestion, progress, type VisitFacts } from './path.js';
import { surveySchema, type Answers } from './survey.js';

const text = { uk: 'Питання' };
const survey = surveySchema.parse({
  key: 'branching',
  title: text,
  questions: [
    { key: 'quality', type: 'scale', min: 1, max: 5, text },
    {
      key: 'reason',
      type: 'multi',
      text,
      choices: ['queue', 'staff'].map((key) => ({ key, text })),
      when: { quality: { atMost: 3 } },
    },
    { key: 'wait', type: 'scale', min: 1, max: 5, text, when: { reason: 'queue' } },
    { key: 'examiner', type: 'scale', min: 1, max: 5, text, when: { visit: { 'attributes.exam': true } } },
    { key: 'why', type: 'choice', text, choices: ['a', 'b'].map((key) => ({ key, text })), when: { quality: [1, 5] } },
    { key: 'comment', type: 'text', text, optional: true },
  ],
}); // prettier-ignore
const plain: VisitFacts = { serviceCode: 'A', attributes: {} };
const exam: VisitFacts = { attributes: { exam: true } };

test.each<[string, Answers, VisitFacts, string | undefined]>([
  ['nothing answered', {}, plain, 'quality'],
  ['a good mark', { quality: 4 }, plain, 'comment'],
  ['a good mark after an exam', { quality: 4 }, exam, 'examiner'],
  ['an exam noted as text by the feed', { quality: 4 }, { attributes: { exam: 'True' } }, 'examiner'],
  ['an exam denied', { quality: 4 }, { attributes: { exam: false } }, 'comment'],
  ['a bad mark', { quality: 2 }, plain, 'reason'],
  ['the reason is the queue', { quality: 2, reason: ['staff', 'queue'] }, plain, 'wait'],
  ['the reason is something else', { quality: 2, reason: ['staff'] }, plain, 'comment'],
  ['one of listed marks', { quality: 5 }, plain, 'why'],
  ['an optional question skipped', { quality: 4, comment: null }, plain, undefined],
  ['all answered', { quality: 4, comment: '…' }, plain, undefined],
  ['later answers first', { comment: 'x', examiner: 5 }, exam, 'quality'],
])('%s: the next question is right', (_name, answers, visit, key) => {
  expect(nextQuestion(survey, answers, visit)?.key).toBe(key);
});

test.each<[string, Answers, VisitFacts, boolean]>([
  ['nothing answered', {}, plain, false],
  ['a remark alone', { comment: 'x' }, plain, false],
  ['all that must be, the remark open', { quality: 4 }, plain, true],
  ['all that must be, the remark given', { quality: 4, comment: 'x' }, plain, true],
  ['the examiner not rated after an exam', { quality: 4 }, exam, false],
  ['the follow-up of a bad mark open', { quality: 2 }, plain, false],
  ['a follow-up of the follow-up open', { quality: 2, reason: ['queue'] }, plain, false],
  ['the whole way of a bad mark', { quality: 2, reason: ['queue'], wait: 1 }, plain, true],
  ['an answer off the way stands for nothing', { quality: 5, reason: ['queue'], wait: 1 }, plain, false],
])('%s: complete is told right', (_name, answers, visit, complete) => {
  expect(isComplete(survey, answers, visit)).toBe(complete);
});

test('what an open optional question may still bring is waited for, until it is skipped', () => {
  const gated = surveySchema.parse({
    key: 'gated',
    title: text,
    questions: [
      { key: 'used', type: 'yesno', text, optional: true },
      { key: 'site', type: 'scale', min: 1, max: 5, text, when: { used: true } },
    ],
  });
  const complete = (answers: Answers): boolean => isComplete(gated, answers, plain);
  expect([{}, { used: null }, { used: false }, { used: true }, { used: true, site: 5 }].map(complete)).toEqual([false, true, true, false, true]); // prettier-ignore
});

test('an answer changed on the way back takes its follow-ups out of the way', () => {
  const answers = { quality: 5, reason: ['queue'], wait: 1, why: 'a' };
  expect(applicable(survey, answers, plain).map(({ key }) => key)).toEqual(['quality', 'why', 'comment']);
});

test.each<[string, Answers, string, { step: number; atMost: number }]>([
  ['at the start everything may come', {}, 'quality', { step: 1, atMost: 5 }],
  ['a good mark shortens the way', { quality: 4 }, 'comment', { step: 2, atMost: 2 }],
  ['a bad mark keeps it long', { quality: 2 }, 'reason', { step: 2, atMost: 4 }],
])('progress: %s', (_name, answers, key, expected) => {
  const question = survey.questions.find((one) => one.key === key);
  expect(question && progress(survey, answers, plain, question)).toEqual(expected);
});

test('bounds read numbers that a feed gave as text', () => {
  const waited = surveySchema.parse({
    key: 'waited',
    title: text,
    questions: [{ key: 'q', type: 'yesno', text, when: { visit: { 'attributes.wait': { atLeast: 30 } } } }],
  });
  const asked = (wait: unknown): boolean => nextQuestion(waited, {}, { attributes: { wait } }) !== undefined;
  expect(['45', 30, '12', '', 'довго', null, undefined].map(asked)).toEqual([true, true, false, false, false, false, false]);
}); // prettier-ignore
