import type { Actor, AuditLog } from '#access/audit-log';
import { centresWithin, seesCentre } from '#access/centre-scope';
import type { Principal } from '#access/principal';
import { maskPhone, type Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { withoutContacts } from '#reporting/free-text';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Database, Queryable } from '#store/database';
import { lowScores } from '#surveys/low-scores';
import { optionsOf } from '#surveys/options';
import type { Answers } from '#surveys/survey';
import { textIn } from '#surveys/survey';
import {
  caseById,
  caseLock,
  casePage,
  caseSet,
  noteInsert,
  notesOf,
  wordsOf,
  type CaseFilter,
  type CaseRow,
  type CaseState,
} from './cases.sql.js';
import type { Case, CaseDetail } from './case-shape.js';

export const CASE_ACTIONS = ['take', 'release', 'note', 'close', 'reopen'] as const;
export type CaseAction = (typeof CASE_ACTIONS)[number];

/** From which states an action leads where; a note leaves the state as it is. */
const TRANSITIONS: Readonly<
  Record<CaseAction, { from: readonly CaseState[]; to?: CaseState; done: string }>
> = {
  take: { from: ['open', 'taken'], to: 'taken', done: 'case.taken' },
  release: { from: ['taken'], to: 'open', done: 'case.released' },
  note: { from: ['open', 'taken', 'closed'], done: 'case.noted' },
  close: { from: ['open', 'taken'], to: 'closed', done: 'case.closed' },
  reopen: { from: ['closed'], to: 'open', done: 'case.reopened' },
};

/** Whether the action can be done to a case in this state. */
export function possible(action: CaseAction, state: CaseState): boolean {
  return TRANSITIONS[action].from.includes(state);
}

export interface CaseChange {
  readonly action: CaseAction;
  /** Required to close and to note, welcome otherwise; kept sealed. */
  readonly note?: string | undefined;
}

/** Low scores that people look into: who sees them, what may be done, and that it is recorded. */
export class CaseDesk {
  private readonly surveys = new SurveyShelf();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Rows for a page, one more than the limit; centres only within what the person sees. */
  async page(
    { centre, ...filter }: Omit<CaseFilter, 'centres'> & { readonly centre?: string | undefined },
    who: Principal,
  ): Promise<Case[]> {
    const centres = centresWithin(centre === undefined ? undefined : [centre], who);
    const rows = await casePage(this.database, { ...filter, centres });
    return Promise.all(rows.map((row) => this.shown(row)));
  }

  /** One case with the person's words and the notes; the look is recorded. Throws `not_found` (404). */
  async look(id: string, who: Principal, by: Actor): Promise<CaseDetail> {
    const detail = await this.detail(this.database, await this.visible(this.database, id, who));
    await this.audit.record(this.database, { by, action: 'case.seen', on: { kind: 'case', id } });
    return detail;
  }

  /**
   * Takes, releases, closes or reopens a case, or adds a note. Throws `not_found` (404), `case_state` (409) when it is
   * not in a state from which this can be done, `note_missing` (422).
   */
  async change(id: string, { action, note }: CaseChange, who: Principal, by: Actor): Promise<CaseDetail> {
    const { from, to, done } = TRANSITIONS[action];
    const text = note?.trim() ?? '';
    if (text === '' && (action === 'note' || action === 'close')) {
      throw new AppError('note_missing', 'Write a note: what was done, or found.', { status: 422 });
    }
    return this.database.transaction(async (tx) => {
      await caseLock(tx, id);
      const before = await this.visible(tx, id, who);
      if (!from.includes(before.state)) {
        throw new AppError('case_state', `The case is ${before.state}: load it again.`, { status: 409 });
      }
      const at = this.clock.now();
      const assignee = assigneeAfter(action, before.assignee, who.name);
      if (to !== undefined) await caseSet(tx, id, { state: to, assignee, at });
      if (text !== '') await noteInsert(tx, { caseId: id, author: who.name, ...this.vault.seal(text), at });
      const after = await this.visible(tx, id, who);
      const detail = await this.detail(tx, after);
      const state = (row: CaseRow): object => ({ state: row.state, assignee: row.assignee, notes: row.notes });
      await this.audit.record(tx, { by, action: done, on: { kind: 'case', id }, before: state(before), after: state(after) });
      return detail;
    });
  } // prettier-ignore

  private async visible(db: Queryable, id: string, who: Principal): Promise<CaseRow> {
    const row = await caseById(db, id);
    if (row && seesCentre(row.centre, who)) return row;
    throw new AppError('not_found', `There is no case ${id}.`, { status: 404 });
  }

  private async detail(db: Queryable, row: CaseRow): Promise<CaseDetail> {
    const survey = await this.surveys.get(db, row.surveyId);
    const words = await wordsOf(db, row.invitation);
    const notes = await notesOf(db, row.id);
    const asked = (key: string): string => {
      const question = survey.questions.find((one) => one.key === key);
      return question ? textIn(question.text, 'uk') : key;
    };
    return {
      ...(await this.shown(row)),
      words: words.map(({ question, cipher }) => ({ question: asked(question), text: withoutContacts(this.vault.open(cipher)) })),
      notes: notes.map(({ author, cipher, writtenAt }) => ({ author, writtenAt, text: cipher && this.vault.open(cipher) })),
    };
  } // prettier-ignore

  private async shown(row: CaseRow): Promise<Case> {
    const survey = await this.surveys.get(this.database, row.surveyId);
    const { phoneCipher, answers, facts, notes } = row;
    const { id, state, assignee, openedAt, takenAt, closedAt, invitation, visit, centre, centreName } = row;
    const { timezone, service, desk, employee, finishedAt } = row;
    const low = lowScores(survey, answers as Answers, facts);
    return {
      id, state, assignee, openedAt, takenAt, closedAt, invitation, visit, centre, centreName,
      timezone, service, desk, employee, finishedAt,
      phone: phoneCipher === null ? null : maskPhone(this.vault.open(phoneCipher)),
      scores: low.map(({ question, value }) => ({
        question: textIn(question.text, 'uk'),
        value,
        label: optionsOf(question, 'uk').find((option) => option.value === value)?.label ?? String(value),
      })),
      noteCount: notes,
      timeline: `/api/v1/invitations/${row.invitation}/timeline`,
    };
  } // prettier-ignore
}

function assigneeAfter(action: CaseAction, before: string | null, who: string): string | null {
  if (action === 'take') return who;
  if (action === 'release' || action === 'reopen') return null;
  return action === 'close' ? (before ?? who) : before;
}
