import type { Vault } from '#contacts/vault';
import { answerFromForm, SKIP } from '#surveys/answer-check';
import { applicable } from '#surveys/path';
import { parseButton } from '#surveys/question-message';
import type { Question } from '#surveys/survey';
import type { AnswerBook, OpenSurvey, SaveResult } from './answer-book.js';
import { ask, stopAsking, tell, thank, type Talk } from './conversation.js';
import { conversationGet, type ConversationRow } from './conversation.sql.js';
import type { StoredFact } from './fact.sql.js';
import {
  invitationByCode,
  invitationMark,
  invitationOfMessage,
  invitationOfReply,
} from './invitation.sql.js';
import { messageHold } from './outbox.sql.js';
import { refuse, welcomeBack } from './refusal.js';
import { understand, type ReplyContext, type Understanding } from './understand.js';

/** What a fact was taken for, and which invitation it belongs to. */
export interface Applied {
  readonly meaning: string;
  readonly invitationId: string | null;
}

/** Applies what a person wrote or pressed, inside the transaction of `talk`. */
export async function applyText(
  talk: Talk,
  fact: StoredFact,
  vault: Vault,
  book: AnswerBook,
): Promise<Applied> {
  const text = fact.textCipher ? vault.open(fact.textCipher) : '';
  const pressed = parseButton(text);
  if (pressed) return applyPress(talk, pressed, book);
  const invitationId = await findInvitation(talk, fact);
  // Any words may be a refusal, which reaches for all that waits for the person.
  await messageHold(talk.tx, { ...talk.person, invitationId: invitationId ?? null });
  const open = invitationId === undefined ? undefined : await book.lock(talk.tx, invitationId);
  const asked = open && (await conversationGet(talk.tx, placeOf(talk, open)));
  const question = open ? questionFor(open, asked) : undefined;
  const context: ReplyContext = {
    question: question ?? null,
    optedOut: talk.person.optedOut,
    ...carrierKeyword(fact),
  };
  const understood = understand(text, context);
  const meaning = await act(
    { talk, open, asked, question, answered: context.carrierKeyword !== undefined },
    understood,
    book,
  );
  return { meaning, invitationId: open?.invitation.id ?? null };
}

interface Situation {
  readonly talk: Talk;
  readonly open: OpenSurvey | undefined;
  readonly asked: ConversationRow | undefined;
  /** What the words may be an answer to. */
  readonly question: Question | undefined;
  /** The carrier has answered the person itself. */
  readonly answered: boolean;
}

async function act(situation: Situation, understood: Understanding, book: AnswerBook): Promise<string> {
  const { talk, open, answered } = situation;
  switch (understood.kind) {
    case 'answer':
      return takeAnswer(situation, understood.value, book);
    case 'opt_out': {
      const isNew = await refuse(talk.tx, refusalOf(situation, 'stop'));
      if (isNew && !answered) await tell(talk, 'opted_out', open);
      return 'opt_out';
    }
    case 'opt_in': {
      const lifted = await welcomeBack(talk.tx, { ...talk, channel: talk.sender.channel });
      if (lifted && !answered) await tell(talk, 'opted_in', open);
      return 'opt_in';
    }
    case 'help':
      if (!answered) await tell(talk, 'help', open);
      return 'help';
    case 'wrong_number': {
      const isNew = await refuse(talk.tx, refusalOf(situation, 'wrong_number'));
      if (isNew) await tell(talk, 'wrong_number', open);
      return 'wrong_number';
    }
    case 'comment':
    case 'unclear':
      if (understood.kind === 'comment' && understood.neverVisited && open) return neverVisited(talk, open);
      return askAgain(situation, understood.kind);
  }
}

function refusalOf({ talk, open }: Situation, reason: 'stop' | 'wrong_number'): Parameters<typeof refuse>[1] {
  const { person, at, now } = talk;
  return { person, invitationId: open?.invitation.id ?? null, reason, via: talk.sender.channel, at, now };
}

async function takeAnswer(
  { talk, open, question }: Situation,
  value: unknown,
  book: AnswerBook,
): Promise<string> {
  if (!open || !question) return 'comment';
  const how = { via: talk.sender.channel, at: talk.at };
  const saved = await book.saveIn(talk.tx, open.invitation.id, [{ questionKey: question.key, value }], how);
  return goOn(talk, saved);
}

/** After an answer: the next question, or thanks. Nobody is asked on after the end. */
async function goOn(talk: Talk, saved: SaveResult): Promise<string> {
  if (saved.outcome === 'invalid') return 'unclear';
  const { open } = saved;
  if (saved.outcome === 'closed') return 'after_completion';
  if (saved.late) {
    await stopAsking(talk, open.invitation.id);
    await tell(talk, 'closed', open, { once: true });
    return 'late_answer';
  }
  if (open.next) await ask(talk, open, open.next, false);
  else await thank(talk, open);
  return 'answer';
}

/** One polite repeat per question, then silence: nobody is pestered, and two machines come to rest. */
async function askAgain(
  { talk, open, asked, question }: Situation,
  kind: 'comment' | 'unclear',
): Promise<string> {
  if (!open) return kind === 'comment' ? 'stranger' : 'unclear';
  if (open.invitation.completedAt !== null && !question) return 'after_completion';
  if (open.invitation.expiresAt <= talk.at) {
    await tell(talk, 'closed', open, { once: true });
    return 'late';
  }
  const spent = asked?.reasked === true && asked.askedKey === question?.key;
  if (question && !spent) await ask(talk, open, question, true);
  return kind;
}

async function neverVisited(talk: Talk, open: OpenSurvey): Promise<string> {
  await invitationMark(talk.tx, open.invitation.id, 'ineligible', talk.at);
  await stopAsking(talk, open.invitation.id);
  return 'never_visited';
}

/** A press answers exactly the question it stands under, of exactly its invitation, whatever is being asked now. */
async function applyPress(
  talk: Talk,
  pressed: NonNullable<ReturnType<typeof parseButton>>,
  book: AnswerBook,
): Promise<Applied> {
  const found = await invitationByCode(talk.tx, pressed.code);
  const open = found && (await book.lock(talk.tx, found.id));
  const question = open?.survey.questions.find(({ key }) => key === pressed.questionKey);
  if (!open || !question) return { meaning: 'unknown_button', invitationId: open?.invitation.id ?? null };
  const invitationId = open.invitation.id;
  const before = await conversationGet(talk.tx, placeOf(talk, open));
  const value = pressed.value === SKIP ? null : answerFromForm(question, [pressed.value]);
  const how = { via: talk.sender.channel, at: talk.at };
  const saved = await book.saveIn(talk.tx, invitationId, [{ questionKey: question.key, value }], how);
  // A second press under an older question changes its answer; what is being asked stays asked, once.
  const same = saved.outcome === 'saved' && !saved.late && saved.open.next !== undefined;
  if (same && before?.askedKey === saved.open.next?.key) return { meaning: 'answer', invitationId };
  return { meaning: await goOn(talk, saved), invitationId };
}

function placeOf(talk: Talk, open: OpenSurvey): { invitationId: string; channel: 'sms' | 'viber' } {
  return { invitationId: open.invitation.id, channel: talk.sender.channel };
}

/**
 * The question that words may answer: the one last asked here while it applies, also when it was answered elsewhere
 * meanwhile (the later answer stands), else the first open one. None while it waits in our own outbox: a "5" sent
 * twice must not answer two questions. None once nothing is left to ask, and of a complete survey only what was asked
 * here: thanks after the end are no remark to a question that nobody saw.
 */
function questionFor(open: OpenSurvey, asked: ConversationRow | undefined): Question | undefined {
  if (!open.next || asked?.unsent) return undefined;
  const way = applicable(open.survey, open.answers, open.invitation.visit);
  const inQuestion = way.find(({ key }) => key === asked?.askedKey);
  return inQuestion ?? (open.invitation.completedAt === null ? open.next : undefined);
}

async function findInvitation(talk: Talk, fact: StoredFact): Promise<string | undefined> {
  const { contactId, subscriberId } = talk.person;
  const after = fact.detail['afterMessage'];
  if (typeof after === 'string') {
    const known = await invitationOfMessage(talk.tx, { messageId: after, contactId, subscriberId });
    if (known !== undefined) return known;
  }
  if (contactId === null) return undefined;
  return invitationOfReply(talk.tx, { contactId, sender: talk.sender.key, at: talk.at });
}

function carrierKeyword(fact: StoredFact): Pick<ReplyContext, 'carrierKeyword'> {
  const word = fact.detail['carrierKeyword'];
  return word === 'stop' || word === 'start' || word === 'help' ? { carrierKeyword: word } : {};
}
