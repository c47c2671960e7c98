import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { projectRoot } from '#config/project';
import { applicable, type VisitFacts } from './path.js';
import { questionMessage } from './question-message.js';
import { localesOf, surveySchema, type Answers, type Survey } from './survey.js';

const templates = join(projectRoot, 'templates');
const files = readdirSync(templates, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /surveys[\\/][^\\/]+\.yaml$/.test(file),
);
const read = (file: string): Survey => surveySchema.parse(parse(readFileSync(join(templates, file), 'utf8')));

test.each(files)('%s is valid, and speaks Ukrainian and English throughout', (file) => {
  expect(localesOf(read(file))).toEqual(['uk', 'en']);
});

test.each(files)('%s: every question fits a message of Viber and ten parts of SMS', (file) => {
  const survey = read(file);
  for (const question of survey.questions) {
    for (const channel of ['sms', 'viber'] as const) {
      const { text, keyboard } = questionMessage(survey, question, {
        locale: 'uk',
        channel,
        code: 'aB3dE5fG',
      });
      expect(text.length).toBeLessThanOrEqual(670);
      expect(keyboard?.buttons.length ?? 0).toBeLessThanOrEqual(24);
    }
  }
});

describe('the secret visitor of an interior-ministry centre', () => {
  const survey = read(join('mvs', 'surveys', 'mvs-secret-visitor.yaml'));
  const asked = (answers: Answers, visit: VisitFacts): string[] =>
    applicable(survey, answers, visit).map(({ key }) => key);

  test.each<[string, VisitFacts, string[]]>([
    ['a plain service', {}, []],
    ['an exam', { attributes: { exam: true } }, ['examiner']],
    ['an exam, from a text file', { attributes: { exam: 'true' } }, ['examiner']],
    ['an inspection', { attributes: { inspection: true, exam: false } }, ['expert']],
    ['both', { attributes: { inspection: true, exam: true } }, ['examiner', 'expert']],
  ])('after %s rates exactly the people met there', (_name, visit, people) => {
    expect(asked({}, visit)).toEqual([
      'employee', 'administrator', ...people, 'organisation', 'navigation', 'accessibility', 'help_used', 'recommend', 'comment',
    ]);
  }); // prettier-ignore

  test('rates site and call centre only when they were used', () => {
    expect(asked({ help_used: ['site', 'call_centre'], organisation: 2 }, {})).toEqual([
      'employee', 'administrator', 'organisation', 'navigation', 'accessibility', 'shortcomings', 'help_used', 'site', 'call_centre', 'recommend', 'comment',
    ]);
    expect(asked({ help_used: null }, {})).not.toContain('site');
  }); // prettier-ignore
});
