import { suppress } from '#contacts/suppression.sql';
import type { Applied } from './apply-text.js';
import type { AnswerBook } from './answer-book.js';
import type { Talk } from './conversation.js';
import { conversationGet, conversationSet } from './conversation.sql.js';
import type { StoredFact } from './fact.sql.js';
import { invitationByCode, invitationMark } from './invitation.sql.js';
import { invitationCancelUnsent, messageCancelOf, messageHold } from './outbox.sql.js';
import {
  numberOfStopped,
  subscriberJoin,
  subscriberLeave,
  subscriberLink,
  subscriberProfile,
  unsubscriptionLift,
} from './person.sql.js';
import { refuse } from './refusal.js';

/**
 * The person opened the chat, with or without the link of an invitation. With it, the subscriber is bound to the
 * invitation's contact: who holds the code holds the invitation. The welcome, which goes out in the answer to the
 * webhook, asks the first open question.
 */
export async function applyConversationStarted(
  talk: Talk,
  fact: StoredFact,
  book: AnswerBook,
): Promise<Applied> {
  const { subscriberId } = talk.person;
  if (subscriberId === null) return { meaning: 'no_subscriber', invitationId: null };
  const { code, language, apiVersion, subscribed } = fact.detail;
  await subscriberProfile(talk.tx, {
    subscriberId,
    language: typeof language === 'string' ? language : null,
    apiVersion: typeof apiVersion === 'number' ? apiVersion : null,
  });
  if (subscribed === true) await join(talk, subscriberId);
  const found = typeof code === 'string' ? await invitationByCode(talk.tx, code) : undefined;
  if (found?.contactId) await keepEarlierStop(talk, found.contactId);
  const open = found && (await book.lock(talk.tx, found.id));
  if (!open) return { meaning: code === undefined ? 'opened_chat' : 'unknown_code', invitationId: null };
  const { invitation, next } = open;
  if (invitation.contactId !== null) {
    await subscriberLink(talk.tx, { subscriberId, contactId: invitation.contactId, now: talk.now });
  }
  await invitationMark(talk.tx, invitation.id, 'opened', talk.at);
  const place = { invitationId: invitation.id, channel: talk.sender.channel, sender: talk.sender.key };
  const asked = await conversationGet(talk.tx, place);
  const askedKey = invitation.expiresAt <= talk.at ? null : (next?.key ?? null);
  if (!asked || asked.askedKey !== askedKey) {
    await conversationSet(talk.tx, place, { askedKey, reasked: false, at: talk.now });
  }
  return { meaning: 'opened_survey', invitationId: invitation.id };
}

/** A stop that was said here before we knew of this number holds for it from now on, whoever else it held for. */
async function keepEarlierStop({ tx, person, now }: Talk, contactId: string): Promise<void> {
  const { subscriberId } = person;
  if (subscriberId === null || person.contactId === contactId) return;
  const stopped = await numberOfStopped(tx, { subscriberId, contactId });
  if (!stopped) return;
  const known = { contactId, phoneHash: stopped.phoneHash, subscriberId };
  await messageHold(tx, { ...known, invitationId: null });
  const word = { reason: 'stop', via: 'viber', at: stopped.stoppedAt, now } as const;
  await refuse(tx, { person: known, invitationId: null, ...word });
}

export async function applySubscribed(talk: Talk): Promise<Applied> {
  const { subscriberId } = talk.person;
  if (subscriberId !== null) await join(talk, subscriberId);
  return { meaning: 'subscribed', invitationId: null };
}

/**
 * A technical unsubscribe counts for Viber alone: the person may still answer by SMS. What waited there is not sent another
 * way, since who leaves has just said no.
 */
export async function applyUnsubscribed(talk: Talk): Promise<Applied> {
  const { contactId, subscriberId, phoneHash } = talk.person;
  const left = subscriberId !== null && (await subscriberLeave(talk.tx, subscriberId, talk.at));
  if (!left) return { meaning: 'unsubscribed_before', invitationId: null };
  await messageHold(talk.tx, { invitationId: null, contactId, subscriberId });
  const reason = 'unsubscribed';
  await messageCancelOf(talk.tx, { contactId: null, subscriberId, reason, now: talk.now });
  if (contactId !== null) await invitationCancelUnsent(talk.tx, { contactId, reason, now: talk.now });
  if (phoneHash !== null) {
    const suppression = { channel: 'viber', reason: 'unsubscribed', via: 'viber' } as const;
    await suppress(talk.tx, { ...suppression, addressHash: phoneHash, now: talk.now });
  }
  return { meaning: 'unsubscribed', invitationId: null };
}

/** Whoever writes is subscribed again. */
export async function join(talk: Talk, subscriberId: string): Promise<void> {
  const isBack = await subscriberJoin(talk.tx, subscriberId, talk.at);
  if (isBack && talk.person.phoneHash !== null) {
    await unsubscriptionLift(talk.tx, talk.person.phoneHash, talk.now);
  }
}
