import type { Queryable } from '#store/database';

export const APPROVAL_STATES = ['submitted', 'approved', 'rejected'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** What a carrier decided about one wording. */
export interface Approval {
  /** Key of the sender. */
  readonly sender: string;
  readonly hash: Buffer;
  readonly state: ApprovalState;
  /** The carrier's id of the template. */
  readonly templateId: string | null;
}

/** Writes the carriers' decisions, the later over the earlier. */
export async function approvalPut(db: Queryable, approvals: readonly Approval[], now: Date): Promise<void> {
  for (const { sender, hash, state, templateId } of approvals) {
    await db.query(
      `insert into text_approval (sender, text_hash, state, carrier_template_id, updated_at) values ($1, $2, $3, $4, $5)
       on conflict (sender, text_hash) do update set state = excluded.state, updated_at = excluded.updated_at,
         carrier_template_id = coalesce(excluded.carrier_template_id, text_approval.carrier_template_id)`,
      [sender, hash, state, templateId, now],
    );
  }
}

export async function approvalAll(db: Queryable): Promise<Approval[]> {
  const { rows } = await db.query<Approval>(
    `select sender, text_hash as hash, state, carrier_template_id as "templateId" from text_approval order by sender, id`,
  );
  return rows;
}

/** Senders that write Viber messages to phone numbers: their carriers want wordings approved. */
export async function approvingSenders(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    `select key from sender where channel = 'viber' and addressing = 'phone' order by priority, key`,
  );
  return rows.map(({ key }) => key);
}
