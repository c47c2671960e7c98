import { liftSuppression, suppress } from '#contacts/suppression.sql';
import type { Queryable } from '#store/database';
import { invitationMark } from './invitation.sql.js';
import { invitationCancelUnsent, messageCancelOf } from './outbox.sql.js';
import type { Person } from './person.sql.js';

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
  if (phoneHash === null) return true;
  return suppress(tx, { addressHash: phoneHash, channel: null, reason, via, now });
}

/** The person wants to hear from us again. Returns whether anything stood in the way. */
export async function welcomeBack(
  tx: Queryable,
  { phoneHash, channel, now }: { phoneHash: Buffer; channel: 'sms' | 'viber'; now: Date },
): Promise<boolean> {
  const everywhere = await liftSuppression(tx, { addressHash: phoneHash, channel: null, now });
  const here = await liftSuppression(tx, { addressHash: phoneHash, channel, now });
  return everywhere || here;
}
