import type { Queryable } from '#store/database';

export interface ConversationRow {
  /** What the person was last asked here; null: nothing is being asked. */
  readonly askedKey: string | null;
  /** The one polite repeat was spent on it. */
  readonly reasked: boolean;
  /** The question still waits in our outbox, so what the person writes cannot be its answer. */
  readonly unsent: boolean;
}

export interface ConversationPlace {
  readonly invitationId: string;
  readonly channel: 'sms' | 'viber';
}

export async function conversationGet(
  tx: Queryable,
  { invitationId, channel }: ConversationPlace,
): Promise<ConversationRow | undefined> {
  const { rows } = await tx.query<ConversationRow>(
    `select t.asked_key as "askedKey", t.reasked, exists (
       select from message m where m.invitation_id = t.invitation_id and m.channel = t.channel and m.state = 'queued'
         and m.kind = 'question' and m.content ->> 'question' = t.asked_key) as unsent
     from conversation t where t.invitation_id = $1 and t.channel = $2`,
    [invitationId, channel],
  );
  return rows[0];
}

export async function conversationSet(
  tx: Queryable,
  place: ConversationPlace & { sender: string },
  now: { askedKey: string | null; reasked: boolean; at: Date },
): Promise<void> {
  await tx.query(
    `insert into conversation (invitation_id, channel, sender, asked_key, reasked, updated_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (invitation_id, channel) do update set
       sender = excluded.sender, asked_key = excluded.asked_key, reasked = excluded.reasked,
       updated_at = excluded.updated_at`,
    [place.invitationId, place.channel, place.sender, now.askedKey, now.reasked, now.at],
  );
}
