import { AppError } from '#kernel/errors';
import { approvalProblems, wordingHash } from '#rendering/approval';
import type { Database, Queryable } from '#store/database';
import { approvalAll, approvalPut, approvingSenders, type ApprovalState } from './approval.sql.js';
import { definitionPublished } from './definition.sql.js';
import type { MessageTexts } from './read-pack.js';

/** A Viber text in force, and what one sender's carrier has decided about its wording. */
export interface ListedApproval {
  readonly sender: string;
  readonly message: string;
  readonly revision: number;
  readonly locale: string;
  /** `none`: nobody has submitted this wording, or nobody has told us. */
  readonly state: ApprovalState | 'none';
  readonly templateId: string | null;
  /** What would keep it from being approved. */
  readonly problems: readonly string[];
}

/** Every Viber text in force for every sender whose carrier approves wordings. */
export async function listApprovals(db: Queryable): Promise<ListedApproval[]> {
  const decided = await approvalAll(db);
  const senders = new Set([...(await approvingSenders(db)), ...decided.map(({ sender }) => sender)]);
  const texts = await viberTexts(db);
  return [...senders].flatMap((sender) =>
    texts.map(({ source, ...text }) => {
      const hash = wordingHash(source);
      const found = decided.find((one) => one.sender === sender && one.hash.equals(hash));
      const problems = approvalProblems(source).map(
        ({ line, column, problem }) => `${line}:${column} ${problem}`,
      );
      return {
        sender,
        ...text,
        state: found?.state ?? 'none',
        templateId: found?.templateId ?? null,
        problems,
      };
    }),
  );
}

export interface Decision {
  readonly sender: string;
  readonly message: string;
  readonly locale: string;
  readonly state: ApprovalState;
  readonly templateId: string | null;
}

/**
 * Writes down what a carrier decided about the Viber text in force. Throws AppError `text_unknown` when there is no such
 * text, `text_not_approvable` when the published rules exclude that the carrier could have approved it.
 */
export async function decideApproval(database: Database, decision: Decision, now: Date): Promise<void> {
  const { sender, message, locale, state, templateId } = decision;
  const text = (await viberTexts(database)).find((one) => one.message === message && one.locale === locale);
  if (!text) {
    throw new AppError('text_unknown', `No message "${message}" in force has a Viber text in "${locale}".`);
  }
  const [problem] = state === 'rejected' ? [] : approvalProblems(text.source);
  if (problem) {
    const place = `${message}/${locale}.viber.hbs:${problem.line}:${problem.column}`;
    throw new AppError('text_not_approvable', `${place} ${problem.problem}.`, { status: 422 });
  }
  await approvalPut(database, [{ sender, hash: wordingHash(text.source), state, templateId }], now);
}

async function viberTexts(
  db: Queryable,
): Promise<{ message: string; revision: number; locale: string; source: string }[]> {
  const messages = await definitionPublished(db, 'message');
  return messages.flatMap(({ key, revision, content }) =>
    Object.entries((content as { texts: MessageTexts }).texts).flatMap(([locale, { viber }]) =>
      viber === undefined ? [] : [{ message: key, revision, locale, source: viber }],
    ),
  );
}
