import type { Vault } from '#contacts/vault';
import type { Queryable } from '#store/database';
import type { Survey } from '#surveys/survey';
import { surveysByIds } from './answer.sql.js';
import { csvOf, type Cell, type Column } from './exported-table.js';
import {
  answersBetween,
  exportPlaceAfter,
  type ExportPlace,
  type StoredAnswer,
} from './exported-answer.sql.js';
import { withoutContacts } from './free-text.js';
import { metricOf } from './metric.js';
import { parquetOf } from './parquet.js';
import type { ReportQuestion } from './question.js';
import { xlsxOf } from './xlsx.js';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'parquet', 'xlsx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** One answer as analysts get it: no number, no name, no code of the link. docs/for-analysts.md tells each column. */
export interface ExportedAnswer {
  /** The same for all answers of one invitation; tells nothing else. */
  readonly respondent: string;
  readonly day: string;
  readonly centre: string;
  readonly service: string | null;
  readonly campaign: string;
  readonly variant: string;
  readonly channel: string | null;
  readonly language: string;
  readonly survey: string;
  readonly revision: number;
  readonly question: string;
  readonly metric: string;
  /** Mark, yes or no, key of the choice, or keys of the choices; null for free text and skipped questions. */
  readonly value: number | boolean | string | readonly string[] | null;
  /** What the person wrote, without numbers and mail addresses. */
  readonly text: string | null;
  readonly via: string;
  readonly late: boolean;
  readonly answeredAt: string;
  /** Signs that it is not a visitor's: robots, staff, or both. */
  readonly flags: string | null;
}

interface AskedIn {
  readonly survey: string;
  readonly revision: number;
  readonly metrics: ReadonlyMap<string, string>;
}

const VISITS_AT_ONCE = 2000;

export const ANSWER_COLUMNS = [
  { name: 'respondent', type: 'text' },
  { name: 'day', type: 'day' },
  { name: 'centre', type: 'text' },
  { name: 'service', type: 'text' },
  { name: 'campaign', type: 'text' },
  { name: 'variant', type: 'text' },
  { name: 'channel', type: 'text' },
  { name: 'language', type: 'text' },
  { name: 'survey', type: 'text' },
  { name: 'revision', type: 'number' },
  { name: 'question', type: 'text' },
  { name: 'metric', type: 'text' },
  { name: 'value', type: 'any' },
  { name: 'text', type: 'text' },
  { name: 'via', type: 'text' },
  { name: 'late', type: 'flag' },
  { name: 'answeredAt', type: 'moment' },
  { name: 'flags', type: 'text' },
] as const satisfies readonly (Column & { readonly name: keyof ExportedAnswer })[];

// Parquet's columns have one type, so marks stand in a column of their own beside the value as text.
const PARQUET_COLUMNS: readonly Column[] = [...ANSWER_COLUMNS, { name: 'mark', type: 'number' }];

/**
 * Streams every answer of the question's visits, late ones marked as such, as pieces of a file, ordered by day, centre
 * and visit. Memory does not grow with the answers. Texts are opened here and nowhere kept. `count` is told how many
 * answers each batch has.
 */
export async function* exportAnswers(
  db: Queryable,
  vault: Vault,
  question: ReportQuestion,
  format: ExportFormat,
  count: (answers: number) => void = () => undefined,
): AsyncGenerator<string | Uint8Array> {
  const answers = counted(exportedAnswers(db, vault, question), count);
  const table = { name: 'answers', columns: ANSWER_COLUMNS };
  switch (format) {
    case 'jsonl':
      for await (const some of answers) yield some.map((answer) => `${JSON.stringify(answer)}\n`).join('');
      return;
    case 'csv':
      yield* csvOf({ ...table, batches: rowsOf(answers) });
      return;
    case 'xlsx':
      yield* xlsxOf({ ...table, batches: rowsOf(answers) });
      return;
    case 'parquet':
      yield* parquetOf({ ...table, columns: PARQUET_COLUMNS, batches: rowsOf(answers, true) });
  }
}

async function* counted<T>(
  batches: AsyncIterable<readonly T[]>,
  count: (some: number) => void,
): AsyncGenerator<readonly T[]> {
  for await (const batch of batches) {
    count(batch.length);
    yield batch;
  }
}

async function* rowsOf(
  answers: AsyncIterable<readonly ExportedAnswer[]>,
  withMark = false,
): AsyncGenerator<Cell[][]> {
  for await (const some of answers) {
    yield some.map((answer) => {
      const cells = ANSWER_COLUMNS.map(({ name }) => cellOf(name, answer[name]));
      return withMark ? [...cells, typeof answer.value === 'number' ? answer.value : null] : cells;
    });
  }
}

function cellOf(name: keyof ExportedAnswer, value: ExportedAnswer[keyof ExportedAnswer]): Cell {
  if (typeof value === 'object' && value !== null) return value.join('|');
  return name === 'answeredAt' ? new Date(String(value)) : value;
}

/** The answers in batches of some thousand visits. */
async function* exportedAnswers(
  db: Queryable,
  vault: Vault,
  question: ReportQuestion,
): AsyncGenerator<readonly ExportedAnswer[]> {
  const surveys = new Map<string, AskedIn>();
  let place: ExportPlace | undefined = { day: question.from, centreId: '0', visitId: '0' };
  while (place !== undefined) {
    const until: ExportPlace | undefined = await exportPlaceAfter(db, question, place, VISITS_AT_ONCE);
    const rows = await answersBetween(db, question, place, until);
    await learnSurveys(db, surveys, rows);
    if (rows.length > 0) yield rows.map((row) => exported(row, surveys.get(row.surveyId), vault));
    place = until;
  }
}

async function learnSurveys(
  db: Queryable,
  known: Map<string, AskedIn>,
  rows: readonly StoredAnswer[],
): Promise<void> {
  const ids = new Set(rows.map((row) => row.surveyId).filter((id) => !known.has(id)));
  if (ids.size === 0) return;
  for (const { id, revision, content } of await surveysByIds(db, [...ids])) {
    const survey = content as Survey;
    const metrics = new Map(survey.questions.map((asked) => [asked.key, metricOf(survey, asked).id]));
    known.set(id, { survey: survey.key, revision, metrics });
  }
}

function exported(row: StoredAnswer, asked: AskedIn | undefined, vault: Vault): ExportedAnswer {
  const { day, centre, service, campaign, variant, channel, language, question, via, late, flags } = row;
  return {
    respondent: vault.hash(`respondent:${row.invitationId}`).toString('hex').slice(0, 12),
    day, centre, service, campaign, variant, channel, language,
    survey: asked?.survey ?? '',
    revision: asked?.revision ?? 0,
    question,
    metric: asked?.metrics.get(question) ?? '',
    value: row.value as ExportedAnswer['value'],
    text: row.textCipher === null ? null : withoutContacts(vault.open(row.textCipher)),
    via, late,
    answeredAt: row.answeredAt.toISOString(),
    flags,
  }; // prettier-ignore
}
