import { isSuppressed } from '#contacts/suppression.sql';
import type { Database, Queryable } from '#store/database';
import type { InvitationRow } from './invitation.sql.js';
import { messageHold } from './outbox.sql.js';
import { refuse, welcomeBack } from './refusal.js';

/** Stop and start again by the page of an invitation: who holds its code speaks for its person. */
export class OptOutDesk {
  constructor(private readonly database: Database) {}

  /** Whether the invitation's person is not written to any more. After erasure the invitation itself remembers. */
  async isStopped(invitation: InvitationRow): Promise<boolean> {
    const phoneHash = await phoneHashOf(this.database, invitation);
    if (!phoneHash) return invitation.refusedAt !== null;
    return isSuppressed(this.database, phoneHash, 'sms');
  }

  async stop(invitation: InvitationRow, now: Date): Promise<void> {
    await this.database.transaction(async (tx) => {
      const phoneHash = (await phoneHashOf(tx, invitation)) ?? null;
      const person = { contactId: invitation.contactId, phoneHash, subscriberId: null };
      await messageHold(tx, { ...person, invitationId: invitation.id });
      await refuse(tx, { person, invitationId: invitation.id, reason: 'stop', via: 'page', at: now, now });
    });
  }

  async resume(invitation: InvitationRow, now: Date): Promise<void> {
    await this.database.transaction(async (tx) => {
      const phoneHash = await phoneHashOf(tx, invitation);
      if (!phoneHash) return;
      const person = { contactId: invitation.contactId, phoneHash, subscriberId: null };
      await welcomeBack(tx, { person, channel: 'sms', at: now, now });
    });
  }
}

async function phoneHashOf(db: Queryable, { contactId }: InvitationRow): Promise<Buffer | undefined> {
  if (contactId === null) return undefined;
  const { rows } = await db.query<{ hash: Buffer }>('select phone_hash as hash from contact where id = $1', [
    contactId,
  ]);
  return rows[0]?.hash;
}
