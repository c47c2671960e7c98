import type { Queryable } from '#store/database';
import type { ClaimedMessage } from './claim.sql.js';
import type { MessageState, Mover } from './transitions.js';
import { statesLeftBy } from './transitions.js';

/** An uncertain message that is to be asked about, written as it was when it was sent. */
export interface UncertainMessage extends ClaimedMessage {
  readonly sender: string;
  /** Civil; when the request in doubt was begun, and when it became uncertain. */
  readonly claimedAt: Date;
  readonly uncertainSince: Date;
  readonly notAfter: Date;
}

/** Takes uncertain messages whose look is due; another worker takes them only after `lookAgainAt`. */
export async function messageTakeUncertain(
  db: Queryable,
  { now, lookAgainAt, limit }: { now: Date; lookAgainAt: Date; limit: number },
): Promise<UncertainMessage[]> {
  const { rows } = await db.query<UncertainMessage>(
    `with due as materialized (
       select id from message where follow_up_at <= $1 and state = 'uncertain'
       order by follow_up_at limit $3
       for update skip locked
     ), taken as (
       update message m set follow_up_at = $2 from due where m.id = due.id returning m.*
     )
     select m.id, m.attempt, m.kind, m.channel, m.sender, m.locale, m.content, m.template_id as "templateId",
       m.invitation_id as "invitationId", least(m.closes_at, m.not_after) as "dropAt", m.not_after as "notAfter",
       i.code, i.campaign_id as "campaignId", i.survey_id as "surveyId", i.channels,
       c.phone_cipher as "phoneCipher", s.user_id as "userId",
       m.claimed_at as "claimedAt", coalesce(a.finished_at, m.claimed_at) as "uncertainSince"
     from taken m
     left join attempt a on a.message_id = m.id and a.attempt = m.attempt
     left join contact c on c.id = m.contact_id
     left join viber_subscriber s on s.id = m.subscriber_id
     left join invitation i on i.id = m.invitation_id`,
    [now, lookAgainAt, limit],
  );
  return rows;
}

export interface Resolution {
  readonly id: string;
  readonly attempt: number;
  readonly state: Extract<MessageState, 'accepted' | 'failed' | 'queued' | 'abandoned'>;
  readonly by: Extract<Mover, 'lookup' | 'policy' | 'operator'>;
  readonly reason: string | null;
  readonly externalId: string | null;
  readonly parts: number | null;
  readonly vendorCode: string | null;
  readonly dueAt: Date | null;
  readonly followUpAt: Date | null;
}

/** Ends an uncertainty unless a receipt ended it first. Returns whether it did. */
export async function messageResolve(db: Queryable, resolution: Resolution, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `with resolved as (
       update message m set state = $3, reason = $4, external_id = coalesce($5, m.external_id),
         parts = coalesce($6, m.parts), vendor_code = coalesce($7, m.vendor_code), due_at = coalesce($8, m.due_at),
         follow_up_at = $9, accepted_at = case $3 when 'accepted' then $10 else m.accepted_at end,
         settled_at = case when $3 in ('failed', 'abandoned') then $10::timestamptz end
       where m.id = $1 and m.attempt = $2 and m.state = any($11) and (m.state <> 'queued' or $3 = 'accepted')
       returning m.kind, m.channel, m.invitation_id
     ), sent as (
       update invitation i set sent_at = $10, sent_channel = r.channel
       from resolved r
       where $3 = 'accepted' and r.kind = 'invite' and i.id = r.invitation_id and i.sent_at is null
     )
     select from resolved`,
    [
      resolution.id,
      resolution.attempt,
      resolution.state,
      resolution.reason,
      resolution.externalId,
      resolution.parts,
      resolution.vendorCode,
      resolution.dueAt,
      resolution.followUpAt,
      now,
      statesLeftBy(resolution.by),
    ],
  );
  return rowCount > 0;
}
