import type { Queryable } from '#store/database';
import { VISIT_PATH } from '#reporting/measure.sql';
import { FACT_BITS, factsOf } from '#reporting/path.sql';
import type { InvitationFacts } from '#reporting/disposition';

export interface InvitationFilter {
  /** Codes; undefined: every centre. */
  readonly centres?: readonly string[] | undefined;
  readonly campaign?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface InvitationRow {
  readonly id: string;
  readonly visit: string;
  readonly centre: string;
  readonly service: string | null;
  readonly campaign: string;
  readonly variant: string;
  readonly locale: string;
  readonly channels: string[];
  readonly plannedAt: Date;
  readonly expiresAt: Date;
  readonly phoneCipher: Buffer | null;
  readonly facts: InvitationFacts;
}

type Stored = Omit<InvitationRow, 'facts'> & { readonly facts: number };

const columns = `
  i.id, v.source || '|' || v.visit_key as visit, c.code as centre, v.service_code as service, k.key as campaign,
  i.variant, i.locale, i.channels, i.planned_at as "plannedAt", i.expires_at as "expiresAt",
  p.phone_cipher as "phoneCipher", ${FACT_BITS} as facts`;
const path = `${VISIT_PATH}
  left join contact p on p.id = i.contact_id`;

/** Standing invitations, newest first; one more than the limit. `from` and `to`: days on which the visit finished. */
export async function invitationPage(db: Queryable, filter: InvitationFilter): Promise<InvitationRow[]> {
  const { rows } = await db.query<Stored>(
    `select ${columns} from ${path}
     where i.id is not null and ($1::bigint is null or i.id < $1) and ($2::text[] is null or c.code = any($2))
       and ($3::text is null or k.key = $3) and ($4::date is null or v.finished_on >= $4)
       and ($5::date is null or v.finished_on <= $5)
     order by i.id desc limit $6`,
    [filter.before ?? null, filter.centres ?? null, filter.campaign ?? null, filter.from ?? null, filter.to ?? null,
     filter.limit + 1],
  ); // prettier-ignore
  return rows.map(read);
}

export async function invitationById(db: Queryable, id: string): Promise<InvitationRow | undefined> {
  const { rows } = await db.query<Stored>(`select ${columns} from ${path} where i.id = $1`, [id]);
  return rows.map(read)[0];
}

function read({ facts, ...row }: Stored): InvitationRow {
  return { ...row, facts: factsOf(facts) };
}

/** Something that happened to an invitation; `detail` names no person and holds no text. */
export interface TimelineEvent {
  readonly at: Date;
  readonly what: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** Everything known about an invitation in the order it happened. */
export async function invitationTimeline(db: Queryable, id: string): Promise<TimelineEvent[]> {
  const { rows } = await db.query<TimelineEvent>(
    `with i as (select * from invitation where id = $1),
     m as (select m.* from message m join i on m.invitation_id = i.id)
     select at, what, detail from (
       select v.finished_at as at, 0 as rank, 'visit_finished' as what, jsonb_build_object('outcome', v.outcome) as detail
         from visit v join i on i.visit_id = v.id
       union all
       select i.created_at, 1, 'invited', jsonb_build_object('planned_at', i.planned_at, 'legal_basis', i.legal_basis) from i
       union all
       select fact.at, 8, fact.what, fact.detail
         from i cross join lateral (values
           (i.cancelled_at, 'cancelled', jsonb_build_object('reason', i.cancel_reason)),
           (i.sent_at, 'sent', jsonb_build_object('channel', i.sent_channel)), (i.delivered_at, 'delivered', '{}'),
           (i.undelivered_at, 'undelivered', '{}'), (i.overlap_at, 'reached_twice', '{}'), (i.seen_at, 'seen', '{}'), (i.opened_at, 'opened', '{}'),
           (i.started_at, 'started', '{}'), (i.completed_at, 'completed', jsonb_build_object('via', i.completed_via)),
           (i.refused_at, 'refused', '{}'), (i.wrong_number_at, 'wrong_number', '{}'),
           (i.ineligible_at, 'ineligible', '{}')) fact (at, what, detail)
         where fact.at is not null
       union all
       select m.created_at, 2, 'message_queued',
         jsonb_build_object('message', m.id, 'kind', m.kind, 'channel', m.channel, 'due_at', m.due_at) from m
       union all
       select m.accepted_at, 4, 'message_accepted',
         jsonb_build_object('message', m.id, 'sender', m.sender, 'parts', m.parts) from m where m.accepted_at is not null
       union all
       select m.settled_at, 5, 'message_' || m.state,
         jsonb_build_object('message', m.id, 'reason', m.reason, 'vendor_code', m.vendor_code)
         from m where m.settled_at is not null
       union all
       select a.claimed_at, 3, 'attempt',
         jsonb_build_object('message', m.id, 'attempt', a.attempt, 'outcome', a.outcome, 'vendor_code', a.vendor_code)
         from attempt a join m on m.id = a.message_id
       union all
       select m.claimed_at, 3, 'attempt',
         jsonb_build_object('message', m.id, 'attempt', m.attempt, 'outcome', case when m.state <> 'sending' then 'accepted' end)
         from m where m.claimed_at is not null
           and not exists (select from attempt a where a.message_id = m.id and a.attempt = m.attempt)
       union all
       select f.happened_at, 6, 'carrier_' || f.kind,
         jsonb_build_object('sender', f.sender, 'status', f.status, 'meaning', f.meaning, 'vendor_code', f.vendor_code)
         from carrier_fact f where f.invitation_id = $1
       union all
       select a.answered_at, 7, 'answer', jsonb_build_object('question', a.question_key, 'via', a.via, 'late', a.late)
         from answer a where a.invitation_id = $1
     ) happened
     order by at, rank`,
    [id],
  );
  return rows.map(({ at, what, detail }) => ({ at, what, detail: stripped(detail) }));
}

function stripped(detail: TimelineEvent['detail']): TimelineEvent['detail'] {
  return Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== null));
}
