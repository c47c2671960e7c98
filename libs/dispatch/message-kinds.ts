export type MessageKind = 'invite' | 'reminder' | 'question' | 'thanks' | 'reask' | 'notice';

/** Lower goes first: an answer to somebody who is waiting, then invitations, then reminders. */
export const PRIORITY = { conversation: 0, invite: 5, reminder: 6 } as const;
/** Every priority there is; the claim walks them in this order, and the database's CHECK allows no other. */
export const PRIORITIES: readonly number[] = Object.values(PRIORITY);
