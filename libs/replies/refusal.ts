import { liftSuppression, suppress } from '#contacts/suppression.sql';
import type { Queryable } from '#store/database';
import { invitationMark } from './invitation.sql.js';
import { invitationCancelUnsent, messageCancelOf } from './outbox.sql.js';
import { subscriberResume, subscriberStop, type Person } from './person.sql.js';

export interface Refusal {
  readonly person: Pick<Person, 'contactId' | 'phoneHash' | 'subscriberId'>;
  /** The invitation it answers, when one is known. */
  readonly invitationId: string | null;
  readonly reason: 'stop' | 'wrong_number';
  readonly via: 'sms' | 'viber' | 'page';
  readonly at: Date;
  readonly now: Date;
}

/**
 * A person's word that we must not write: counts on every channel, stops all that waits for them, and stays in the
 * invitation as a fact. Returns whether it was not known before. A survey answered before stays answered. What it
 * changes is held by then: the caller has called `messageHold` for the same person, once, before it locked anything.
 */
export async function refuse(tx: Queryable, refusal: Refusal): Promise<boolean> {
  const { person, invitationId, reason, via, at, now } = refusal;
  const { contactId, subscriberId, phoneHash } = person;
  if (invitationId !== null) {
    await invitationMark(tx, invitationId, reason === 'stop' ? 'refused' : 'wrong_number', at);
  }
  const why = reason === 'stop' ? 'opted_out' : 'wrong_number';
  await messageCancelOf(tx, { contactId, subscriberId, reason: why, now });
  if (contactId !== null) await invitationCancelUnsent(tx, { contactId, reason: why, now });
  // A wrong number is wrong by itself; a stop is the person's, also under a number that we hear of later.
  if (subscriberId !== null && reason === 'stop') await subscriberStop(tx, subscriberId, at);
  if (phoneHash === null) return true;
  return suppress(tx, { addressHash: phoneHash, channel: null, reason, via, now });
}

export interface Resumption {
  readonly person: Pick<Person, 'contactId' | 'phoneHash' | 'subscriberId'>;
  readonly channel: 'sms' | 'viber';
  readonly at: Date;
  readonly now: Date;
}

/** The person wants to hear from us again. Returns whether anything stood in the way. */
export async function welcomeBack(tx: Queryable, { person, channel, at, now }: Resumption): Promise<boolean> {
  const { phoneHash: addressHash } = person;
  const inChat = await subscriberResume(tx, { ...person, at });
  if (addressHash === null) return inChat;
  const everywhere = await liftSuppression(tx, { addressHash, channel: null, now });
  const here = await liftSuppression(tx, { addressHash, channel, now });
  return everywhere || here || inChat;
}
