import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Builders, type Campaign } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { exportAnswers, type ExportedAnswer, type ExportFormat } from './answers-export.js';
import { withoutContacts } from './free-text.js';
import { reportQuestion, type ReportQuery } from './question.js';

const now = new Date('2026-03-02T12:00:00Z');
const march = { from: '2026-03-01', to: '2026-03-31' };
let t: TestDatabase;
let build: Builders;
let campaign: Campaign;

beforeAll(async () => {
  t = await testDatabase();
  build = new Builders(t.db, now);
  campaign = await build.campaign('after-visit');
  const started = { sent: true, started: true } as const;
  await build.path({ campaign, phone: '+380501112233', facts: started, answers: { quality: 5, comment: '=HYPERLINK("x"); дзвоніть 050 111-22-33' } }); // prettier-ignore
  await build.path({ campaign, centre: 'lviv-1', facts: started, answers: { quality: ['queue', 'staff'] }, late: true }); // prettier-ignore
  await build.path({ campaign, finishedAt: new Date('2026-04-02T09:00:00Z'), facts: started, answers: { quality: 1 } }); // prettier-ignore
});
afterAll(() => t.drop());

async function exported(format: ExportFormat, query: Partial<ReportQuery> = {}): Promise<string> {
  let text = '';
  const question = reportQuestion({ ...march, ...query });
  for await (const piece of exportAnswers(t.db, build.vault, question, format)) text += piece;
  return text;
}

describe('an export of answers', () => {
  test('as JSON lines has one answer a line with where, when and what', async () => {
    const lines = (await exported('jsonl')).trimEnd().split('\n');
    const answers = lines.map((line) => JSON.parse(line) as ExportedAnswer);
    expect(answers).toHaveLength(3);
    expect(answers[1]).toEqual({
      respondent: expect.stringMatching(/^[0-9a-f]{12}$/),
      day: '2026-03-02',
      centre: 'kyiv-1',
      service: 'passport',
      campaign: 'after-visit',
      variant: 'after-visit-invite',
      channel: 'sms',
      language: 'uk',
      survey: 'after-visit-survey',
      revision: 1,
      question: 'quality',
      metric: 'after-visit-survey/quality:scale(1 2 3 4 5)',
      value: 5,
      text: null,
      via: 'page',
      late: false,
      answeredAt: '2026-03-02T12:00:00.000Z',
    });
    expect(answers[0]?.respondent).toBe(answers[1]?.respondent);
    expect(answers[2]).toMatchObject({ value: ['queue', 'staff'], late: true });
  });

  test('as CSV reads back, runs no formula and shows no number', async () => {
    const text = await exported('csv');
    const rows = parse<Record<string, string>>(text, { columns: true });
    expect(rows.map((row) => row['value'])).toEqual(['', '5', 'queue|staff']);
    expect(rows[0]?.['text']).toBe(`'=HYPERLINK("x"); дзвоніть […]`);
    expect(text).not.toMatch(/111.?22.?33/);
  });

  test('takes the filters of reports', async () => {
    expect(parse(await exported('csv', { centre: 'lviv-1' }), { columns: true })).toHaveLength(1);
    expect(await exported('csv', { from: '2025-01-01', to: '2025-01-02' })).toMatch(
      /^respondent,day[^\n]*\r\n$/,
    );
  });

  test('of many pages has each answer once, and no code or contact of an invitation', async () => {
    const own = await testDatabase();
    try {
      const many = new Builders(own.db, now);
      const { invitationId } = await many.path({ facts: { sent: true } });
      const { rows } = await own.db.query<{ survey_id: string; code: string }>(
        'select survey_id, code from invitation',
      );
      await own.db.query(
        `insert into answer (invitation_id, question_key, survey_id, value, via, late, answered_at)
         select $1, 'q' || n, $2, '1', 'page', false, $3 from generate_series(1, 4500) n`,
        [invitationId, rows[0]?.survey_id, now],
      );
      let text = '';
      for await (const piece of exportAnswers(own.db, many.vault, reportQuestion(march), 'csv'))
        text += piece;
      const keys = parse<{ question: string }>(text, { columns: true }).map((row) => row.question);
      expect([keys.length, new Set(keys).size]).toEqual([4500, 4500]);
      expect(text).not.toContain(rows[0]?.code);
    } finally {
      await own.drop();
    }
  });
});

test.each([
  ['мій номер +38 (050) 123-45-67, дякую', 'мій номер […], дякую'],
  ['0501234567', '[…]'],
  ['пишіть на olena.k@example.ua.', 'пишіть на […].'],
  ['чекали 45 хвилин, вікно 12', 'чекали 45 хвилин, вікно 12'],
  ['з 9:00 до 18:00, 12.03.2026', 'з 9:00 до 18:00, 12.03.2026'],
  ['', ''],
])('of %j analysts get %j', (written, shown) => {
  expect(withoutContacts(written)).toBe(shown);
});
