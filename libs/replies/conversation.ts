import type { NoticeKind } from '#rendering/notices';
import type { Queryable } from '#store/database';
import type { Question } from '#surveys/survey';
import type { OpenSurvey } from './answer-book.js';
import { conversationGet, conversationSet } from './conversation.sql.js';
import { messageQueue, noticeSince, thanksOf, type ConversationMessage } from './outbox.sql.js';
import type { Person } from './person.sql.js';
import type { SenderInfo } from './sender.sql.js';

/** Who talks with us, where and when. */
export interface Talk {
  readonly tx: Queryable;
  readonly sender: SenderInfo;
  readonly person: Person;
  /** When they said it. */
  readonly at: Date;
  /** Civil now: what we answer is due at once. */
  readonly now: Date;
}

const HOUR_MS = 3_600_000;
const NOTICE_LASTS_MS = HOUR_MS;
/** An answer that comes later than this is no conversation any more, and may come at night. */
const TALK_LASTS_MS = HOUR_MS;

/** Asks a question by message and remembers that it was asked. Nobody who refused messages is asked anything. */
export async function ask(talk: Talk, open: OpenSurvey, question: Question, again: boolean): Promise<void> {
  const { invitation } = open;
  const place = { invitationId: invitation.id, channel: talk.sender.channel, sender: talk.sender.key };
  await conversationSet(talk.tx, place, { askedKey: question.key, reasked: again, at: talk.now });
  if (talk.person.optedOut) return;
  await queue(talk, {
    kind: again ? 'reask' : 'question',
    invitationId: invitation.id,
    locale: invitation.locale,
    content: { question: question.key },
    notAfter: talkEnds(talk, invitation.expiresAt),
  });
}

/** Ends the conversation with the campaign's thanks, if it has any. */
export async function thank(talk: Talk, open: OpenSurvey): Promise<void> {
  const { invitation } = open;
  await stopAsking(talk, invitation.id);
  const thanks = await thanksOf(talk.tx, invitation.id);
  if (!thanks || talk.person.optedOut) return;
  await queue(talk, {
    kind: 'thanks',
    invitationId: invitation.id,
    templateId: thanks.templateId,
    locale: invitation.locale,
    content: { fields: thanks.fields },
    notAfter: talkEnds(talk, invitation.expiresAt),
  });
}

function talkEnds({ now }: Talk, expiresAt: Date): Date {
  return new Date(Math.min(expiresAt.getTime(), now.getTime() + TALK_LASTS_MS));
}

/** Nothing is being asked here any more. */
export async function stopAsking({ tx, sender, now }: Talk, invitationId: string): Promise<void> {
  const place = { invitationId, channel: sender.channel, sender: sender.key };
  if (await conversationGet(tx, place)) {
    await conversationSet(tx, place, { askedKey: null, reasked: false, at: now });
  }
}

/**
 * Says what we made of a word. The same is not said twice within an hour: two machines that answer each other must
 * come to rest. `once`: never a second time.
 */
export async function tell(
  talk: Talk,
  notice: NoticeKind,
  open: OpenSurvey | undefined,
  options: { once?: boolean } = {},
): Promise<void> {
  const { tx, person, now } = talk;
  const since = options.once ? new Date(0) : new Date(now.getTime() - NOTICE_LASTS_MS);
  if (await noticeSince(tx, { ...person, notice, since })) return;
  await queue(talk, {
    kind: 'notice',
    invitationId: open?.invitation.id ?? null,
    locale: open?.invitation.locale ?? 'uk',
    content: { notice },
    notAfter: new Date(now.getTime() + HOUR_MS),
  });
}

type Said = Pick<ConversationMessage, 'kind' | 'invitationId' | 'locale' | 'content' | 'notAfter'> & {
  readonly templateId?: string;
};

async function queue({ tx, sender, person, now }: Talk, said: Said): Promise<void> {
  const message = {
    ...said,
    templateId: said.templateId ?? null,
    sender: sender.key,
    contactId: person.contactId,
    subscriberId: sender.addressing === 'subscriber' ? person.subscriberId : null,
  };
  await messageQueue(tx, message, now);
}
