import type { Vault } from '#contacts/vault';
import type { Queryable } from '#store/database';
import type { Survey } from '#surveys/survey';
import { surveysByIds } from './answer.sql.js';
import { csvLine, type Value } from './csv.js';
import { answerPage, type StoredAnswer } from './exported-answer.sql.js';
import { withoutContacts } from './free-text.js';
import { metricOf } from './metric.js';
import type { ReportQuestion } from './question.js';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** One answer as analysts get it: no number, no name, no code of the link. */
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
}

interface AskedIn {
  readonly survey: string;
  readonly revision: number;
  readonly metrics: ReadonlyMap<string, string>;
}

const PAGE = 2000;
const COLUMNS = [
  'respondent', 'day', 'centre', 'service', 'campaign', 'variant', 'channel', 'language', 'survey', 'revision',
  'question', 'metric', 'value', 'text', 'via', 'late', 'answeredAt',
] as const satisfies readonly (keyof ExportedAnswer)[]; // prettier-ignore

/**
 * Streams every answer of the question's visits, late ones marked as such, as pieces of a CSV or JSON-lines file.
 * Memory does not grow with the answers. Texts are opened here and nowhere kept.
 */
export async function* exportAnswers(
  db: Queryable,
  vault: Vault,
  question: ReportQuestion,
  format: ExportFormat,
): AsyncGenerator<string> {
  const surveys = new Map<string, AskedIn>();
  let after = { invitationId: '0', question: '' };
  if (format === 'csv') yield csvLine(COLUMNS);
  for (;;) {
    const rows = await answerPage(db, question, after, PAGE);
    await learnSurveys(db, surveys, rows);
    const written = rows.map((row) => lineOf(exported(row, surveys.get(row.surveyId), vault), format));
    if (written.length > 0) yield written.join('');
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = { invitationId: last.invitationId, question: last.question };
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
  const { day, centre, service, campaign, variant, channel, language, question, via, late } = row;
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
  }; // prettier-ignore
}

function lineOf(answer: ExportedAnswer, format: ExportFormat): string {
  if (format === 'jsonl') return `${JSON.stringify(answer)}\n`;
  const cell = (value: ExportedAnswer[keyof ExportedAnswer]): Value =>
    typeof value === 'object' && value !== null ? value.join('|') : value;
  return csvLine(COLUMNS.map((column) => cell(answer[column])));
}
