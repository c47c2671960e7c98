import type { Vault } from '#contacts/vault';
import type { Database, Queryable } from '#store/database';
import { checkAnswer } from '#surveys/answer-check';
import { lowScores } from '#surveys/low-scores';
import { isComplete, nextQuestion } from '#surveys/path';
import type { AnswerValue, Answers, Question, Survey } from '#surveys/survey';
import { answerText, answerUpsert, type AnswerRow } from './answer.sql.js';
import { caseOpen, caseWithdraw } from './case.sql.js';
import { robotFlag, type RobotSign } from './flag.sql.js';
import {
  invitationByCode,
  invitationLock,
  invitationMark,
  invitationProgress,
  type InvitationRow,
} from './invitation.sql.js';
import { messageWithdrawAnswered } from './outbox.sql.js';
import type { SurveyShelf } from './survey-shelf.js';

/** An invitation with its survey: all that a page or a conversation needs. */
export interface OpenSurvey {
  readonly invitation: InvitationRow;
  readonly survey: Survey;
  readonly answers: Answers;
  /** The first question without an answer; undefined when nothing is left to ask: the survey is closed. */
  readonly next: Question | undefined;
}

export interface GivenAnswer {
  readonly questionKey: string;
  readonly value: unknown;
}

/**
 * - `saved`: stored; `late` tells that the invitation had expired.
 * - `closed`: nothing was left to ask before, so nothing changed.
 * - `invalid`: not an answer to a question of this survey; nothing changed.
 */
export type SaveResult =
  | { readonly outcome: 'saved'; readonly late: boolean; readonly open: OpenSurvey }
  | { readonly outcome: 'closed'; readonly open: OpenSurvey }
  | { readonly outcome: 'invalid'; readonly questionKey: string };

/** How an answer came. `byProgram`: what sent it does not even call itself a browser. */
export interface Giving {
  readonly via: 'page' | 'sms' | 'viber';
  readonly at: Date;
  readonly byProgram?: boolean;
}

// Reading a question, choosing and sending takes a person longer; a scanner that follows forms takes none of it.
const FASTEST_ANSWER_MS = 700;

/** The one place where answers are written, whichever way they come. */
export class AnswerBook {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly surveys: SurveyShelf,
  ) {}

  /** The survey behind a code; undefined for a code that was never given out. Changes nothing. */
  async open(code: string): Promise<OpenSurvey | undefined> {
    const invitation = await invitationByCode(this.database, code);
    return invitation && this.look(invitation);
  }

  /** What a person wrote to a question of free text; undefined when nothing. */
  async textOf(invitationId: string, questionKey: string): Promise<string | undefined> {
    const sealed = await answerText(this.database, invitationId, questionKey);
    return sealed && this.vault.open(sealed);
  }

  /**
   * Stores answers of one invitation, all or none, in one transaction that holds its row: two devices at once take
   * turns. It is complete from the moment when every question that must be answered is; what is optional may follow.
   * While anything is left to ask, the latest answer to a question stands; after that nothing changes. Answers after
   * the end are kept and marked late.
   */
  async save(invitationId: string, answers: readonly GivenAnswer[], how: Giving): Promise<SaveResult> {
    return this.database.transaction((tx) => this.saveIn(tx, invitationId, answers, how));
  }

  /** As `save`, inside a transaction of the caller. */
  async saveIn(
    tx: Queryable,
    invitationId: string,
    given: readonly GivenAnswer[],
    how: Giving,
  ): Promise<SaveResult> {
    const { via, at } = how;
    const invitation = await invitationLock(tx, invitationId);
    if (!invitation) return { outcome: 'invalid', questionKey: '' };
    const before = await this.look(invitation, tx);
    if (!before.next) return { outcome: 'closed', open: before };
    const rows: AnswerRow[] = [];
    for (const answer of given) {
      const row = this.row(before.survey, answer);
      if (!row) return { outcome: 'invalid', questionKey: answer.questionKey };
      rows.push(row);
    }
    const late = invitation.expiresAt <= at;
    const { surveyId } = invitation;
    const stored = await answerUpsert(tx, { invitationId, surveyId, via, late, at, answers: rows });
    const answers = { ...before.answers, ...valuesOf(rows, stored) };
    const next = nextQuestion(before.survey, answers, invitation.visit);
    const complete = isComplete(before.survey, answers, invitation.visit);
    const completed = complete ? { via, at } : null;
    await invitationProgress(tx, invitationId, { startedAt: at, onPage: via === 'page', completed });
    const keys = rows.map(({ questionKey }) => questionKey);
    await messageWithdrawAnswered(tx, { invitationId, keys, complete, closed: !next, at });
    await this.keepCase(tx, before, answers, at);
    const sign = signOfRobot(before, how);
    if (sign) await robotFlag(tx, invitationId, sign, at);
    const completedAt = invitation.completedAt ?? (complete ? at : null);
    return {
      outcome: 'saved',
      late,
      open: {
        ...before,
        invitation: { ...invitation, startedAt: invitation.startedAt ?? at, completedAt, answers },
        answers,
        next,
      },
    };
  }

  /** The page was opened by a person: its own first-party sign, never the mere fetching of it. */
  async markOpened(code: string, at: Date): Promise<void> {
    const open = await this.open(code);
    if (open) await invitationMark(this.database, open.invitation.id, 'opened', at);
  }

  /** The invitation, locked, with its survey; for a conversation that acts on it. */
  async lock(tx: Queryable, invitationId: string): Promise<OpenSurvey | undefined> {
    const invitation = await invitationLock(tx, invitationId);
    return invitation && this.look(invitation, tx);
  }

  private async look(invitation: InvitationRow, db: Queryable = this.database): Promise<OpenSurvey> {
    const survey = await this.surveys.get(db, invitation.surveyId);
    const answers = invitation.answers as Answers;
    return { invitation, survey, answers, next: nextQuestion(survey, answers, invitation.visit) };
  }

  /** A low score opens a case; one taken back on the way takes an untouched case with it. */
  private async keepCase(tx: Queryable, before: OpenSurvey, answers: Answers, at: Date): Promise<void> {
    const { invitation, survey } = before;
    const isLow = (given: Answers): boolean => lowScores(survey, given, invitation.visit).length > 0;
    if (isLow(answers)) await caseOpen(tx, invitation.id, at);
    else if (isLow(before.answers)) await caseWithdraw(tx, invitation.id);
  }

  private row(survey: Survey, { questionKey, value }: GivenAnswer): AnswerRow | undefined {
    const question = survey.questions.find(({ key }) => key === questionKey);
    const checked = question && checkAnswer(question, value);
    if (!question || !checked?.ok) return undefined;
    return question.type === 'text' && checked.value !== null
      ? { questionKey, value: null, ...this.seal(checked.value) }
      : { questionKey, value: JSON.stringify(checked.value), textCipher: null, keyId: null };
  }

  private seal(text: AnswerValue): { textCipher: Buffer; keyId: string } {
    const { cipher, keyId } = this.vault.seal(String(text));
    return { textCipher: cipher, keyId };
  }
}

/** Whether what answers the page looks like a program: by its name, or by its pace since the first answer. */
function signOfRobot(
  { invitation, answers }: OpenSurvey,
  { via, at, byProgram }: Giving,
): RobotSign | undefined {
  if (via !== 'page') return undefined;
  if (byProgram) return 'agent';
  const before = Object.keys(answers).length;
  if (invitation.startedAt === null || before === 0) return undefined;
  return at.getTime() - invitation.startedAt.getTime() < before * FASTEST_ANSWER_MS ? 'pace' : undefined;
}

/** The answers that were stored, as a look at the invitation would show them. */
function valuesOf(rows: readonly AnswerRow[], stored: ReadonlySet<string>): Answers {
  const kept = rows.filter(({ questionKey }) => stored.has(questionKey));
  return Object.fromEntries(
    kept.map(({ questionKey, value }) => [
      questionKey,
      value === null ? '' : (JSON.parse(value) as AnswerValue),
    ]),
  );
}
