import { wouldRun } from '#kernel/formula';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
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
  for await (const piece of exportAnswers(t.db, build.vault, question, format)) text += String(piece);
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
      flags: null,
    });
    expect(answers[0]?.respondent).toBe(answers[1]?.respondent);
    expect(answers[2]).toMatchObject({ value: ['queue', 'staff'], late: true });
  });

  test('as CSV reads back, runs no formula and shows no number', async () => {
    const text = await exported('csv');
    const rows = parse<Record<string, string>>(text, { columns: true });
    expect(rows.map((row) => row['value'])).toEqual(['', '5', 'queue|staff']);
    expect(rows[0]?.['text']).toBe(`'=HYPERLINK("x"); дзвоніть […]`);
    expect(rows.flatMap((row) => Object.values(row)).filter(wouldRun)).toEqual([]);
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
      for (const centre of ['a', 'b']) await many.path({ centre, facts: { sent: true }, answers: { quality: 3 } }); // prettier-ignore
      // The second of two visits is copied until there are pages of them, on two days and at two centres.
      await own.db.query(
        `with more as (
           insert into visit (source, visit_key, centre_id, outcome, finished_at, finished_on, phone_status, consent, created_at)
           select source, 'more ' || n, v.centre_id - n % 2, outcome, finished_at, finished_on + n % 3, 'missing', consent, v.created_at
           from visit v, generate_series(1, 5000) n where v.id = 2 returning id
         ), decided as (
           insert into decision (visit_id, decision, campaign_id, visit_revision, decided_at)
           select more.id, 'invited', d.campaign_id, 1, d.decided_at from more, decision d where d.visit_id = 2
         ), invited as (
           insert into invitation (visit_id, campaign_id, survey_id, variant, code, locale, legal_basis, channels, planned_at, deadline_at, expires_at, created_at)
           select more.id, campaign_id, survey_id, variant, 'code ' || more.id, locale, legal_basis, channels, planned_at, deadline_at, expires_at, created_at
           from more, invitation i where i.visit_id = 2 returning id, survey_id
         )
         insert into answer (invitation_id, question_key, survey_id, value, via, late, answered_at)
         select id, 'quality', survey_id, '4', 'page', false, $1 from invited where id % 10 <> 0`,
        [now],
      );
      const { rows: [stored] } = await own.db.query<{ n: number; code: string }>('select count(*)::int as n, max(code) as code from answer a join invitation i on i.id = a.invitation_id'); // prettier-ignore
      let text = '';
      for await (const piece of exportAnswers(own.db, many.vault, reportQuestion(march), 'csv'))
        text += String(piece);
      const lines = parse<{ respondent: string; day: string }>(text, { columns: true });
      expect(stored?.n).toBeGreaterThan(4400);
      expect([lines.length, new Set(lines.map((row) => row.respondent)).size]).toEqual([
        stored?.n,
        stored?.n,
      ]);
      expect(lines.map((row) => row.day)).toEqual(lines.map((row) => row.day).sort());
      expect(text).not.toContain(stored?.code);
    } finally {
      await own.drop();
    }
  });

  test('as a workbook and as Parquet has the same answers', async () => {
    const question = reportQuestion(march);
    const pieces: Buffer[] = [];
    for await (const piece of exportAnswers(t.db, build.vault, question, 'parquet')) pieces.push(Buffer.from(piece)); // prettier-ignore
    const read = await parquetReadObjects({ file: new Uint8Array(Buffer.concat(pieces)).buffer });
    expect(read).toMatchObject([
      { value: null, mark: null, day: new Date('2026-03-02'), late: false },
      { value: '5', mark: 5, day: new Date('2026-03-02'), late: false },
      { value: 'queue|staff', mark: null, day: new Date('2026-03-02'), late: true },
    ]);
    const book: Buffer[] = [];
    for await (const piece of exportAnswers(t.db, build.vault, question, 'xlsx')) book.push(Buffer.from(piece)); // prettier-ignore
    const sheet = Buffer.from(unzipSync(Buffer.concat(book))['xl/worksheets/sheet1.xml'] ?? []).toString();
    expect(sheet.match(/<row>/g)).toHaveLength(4);
    expect(sheet).not.toMatch(/111.?22.?33/);
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
