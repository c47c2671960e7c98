import type { Queryable } from '#store/database';

/** In doubt now, or given up without having been known. */
export const DOUBT_STATES = ['uncertain', 'abandoned'] as const;
export type DoubtState = (typeof DOUBT_STATES)[number];

export interface DoubtFilter {
  readonly state: DoubtState;
  /** Codes; undefined: every centre. */
  readonly centres?: readonly string[] | undefined;
  readonly sender?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** A message of which nobody knows whether it was sent. */
export interface DoubtRow {
  readonly id: string;
  readonly state: DoubtState;
  /** `unknown_outcome`: the carrier did not say; `worker_lost`: who sent it died; `operator`: a person gave it up. */
  readonly reason: string | null;
  readonly kind: string;
  readonly channel: 'sms' | 'viber';
  readonly sender: string;
  readonly attempt: number;
  /** Civil; when the request in doubt was begun. */
  readonly sentAt: Date;
  /** Civil; when it is not worth sending any more. */
  readonly notAfter: Date;
  readonly settledAt: Date | null;
  readonly invitation: string | null;
  readonly campaign: string | null;
  readonly centre: string | null;
  readonly centreName: string | null;
  readonly timezone: string | null;
  readonly phoneCipher: Buffer | null;
}

const SELECT = `
  select m.id, m.state, m.reason, m.kind, m.channel, m.sender, m.attempt, m.claimed_at as "sentAt",
    m.not_after as "notAfter", m.settled_at as "settledAt", m.invitation_id as invitation, k.key as campaign,
    c.code as centre, c.name as "centreName", c.timezone, p.phone_cipher as "phoneCipher"
  from message m
  left join invitation i on i.id = m.invitation_id
  left join definition k on k.id = i.campaign_id
  left join visit v on v.id = i.visit_id
  left join centre c on c.id = v.centre_id
  left join contact p on p.id = m.contact_id`;

/** Messages in doubt or given up, newest first; one more than the limit. What belongs to no centre only those see who see all. */
export async function doubtPage(db: Queryable, filter: DoubtFilter): Promise<DoubtRow[]> {
  // The state stands in the text, so that its partial index is used.
  const { rows } = await db.query<DoubtRow>(
    `${SELECT}
     where m.standing = '${filter.state}' and ($1::bigint is null or m.id < $1) and ($2::text[] is null or c.code = any($2))
       and ($3::text is null or m.sender = $3)
     order by m.id desc limit $4`,
    [filter.before ?? null, filter.centres ?? null, filter.sender ?? null, filter.limit + 1],
  );
  return rows;
}

/** The message as it stands, in whatever state; undefined for one that was never begun to be sent. */
export async function doubtById(db: Queryable, id: string): Promise<Omit<DoubtRow, 'state'> | undefined> {
  const { rows } = await db.query<DoubtRow>(`${SELECT} where m.id = $1 and m.claimed_at is not null`, [id]);
  return rows[0];
}
