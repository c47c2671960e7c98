import { suppressionStands } from '#contacts/suppression.sql';
import type { Queryable } from '#store/database';
import { PRIORITIES, type MessageKind } from './message-kinds.js';

/** A message this worker may send once, with what is needed to write it. */
export interface ClaimedMessage {
  readonly id: string;
  /** The fence: only a settle with this number changes the row. */
  readonly attempt: number;
  readonly kind: MessageKind;
  readonly channel: 'sms' | 'viber';
  readonly locale: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly templateId: string | null;
  readonly invitationId: string | null;
  readonly code: string | null;
  readonly campaignId: string | null;
  readonly surveyId: string | null;
  readonly channels: string[] | null;
  readonly phoneCipher: Buffer | null;
  readonly userId: string | null;
  /** Civil; the carrier should drop it rather than deliver it later. */
  readonly dropAt: Date;
}

export interface ClaimRequest {
  readonly sender: string;
  readonly worker: string;
  /** Civil. */
  readonly now: Date;
  /** Real. */
  readonly leasedUntil: Date;
  readonly limit: number;
}

/**
 * Nobody is written to who said no on this channel; only the notice that confirms a refusal goes out after it.
 * Invites and reminders stop once the person answered, refused or is known to be someone else.
 */
export const MAY_BE_SENT = `(
  m.kind = 'notice'
  or (not ${suppressionStands('c.phone_hash', 'm.channel')} and s.unsubscribed_at is null))
  and (m.kind not in ('invite', 'reminder') or (
    i.cancelled_at is null and i.refused_at is null and i.completed_at is null and i.wrong_number_at is null
    and i.expires_at > $2
    and (m.kind <> 'reminder' or i.started_at is null)
    and (m.fallback_of is null or coalesce(i.delivered_at, i.seen_at, i.opened_at, i.started_at) is null)))`;

export const SENDABLE_FROM = `message m
      left join contact c on c.id = m.contact_id
      left join viber_subscriber s on s.id = m.subscriber_id
      left join invitation i on i.id = m.invitation_id`;

/**
 * Claims up to `limit` due messages of one sender, each by exactly one worker. One statement: choice, state, lease
 * and the attempt's row (the intent) are committed together, before anything is sent. Ordered by priority, due
 * time and id; matched by the partial index message_due. Nothing is claimed for a sender that is off or stopped.
 */
export async function messageClaimDue(db: Queryable, request: ClaimRequest): Promise<ClaimedMessage[]> {
  const { rows } = await db.query<ClaimedMessage>(CLAIM, [
    request.sender,
    request.now,
    request.limit,
    PRIORITIES,
    request.worker,
    request.leasedUntil,
  ]);
  return rows;
}

// Each priority is a seek of its own: with one range scan over the sender, everything planned for later would lie
// between the conversation and the invites that are due. The nested loop takes them in turn, and locks only
// what the outer limit pulls. Without MATERIALIZED the planner may run the choice once more for the update.
const CLAIM = `
  with due as materialized (
    select picked.*
    from unnest($4::smallint[]) with ordinality as level (priority, place)
    cross join lateral (
      select m.id, level.place, m.due_at, c.phone_cipher, s.user_id, i.code, i.campaign_id, i.survey_id, i.channels
      from ${SENDABLE_FROM}
      where m.sender = $1 and m.state = 'queued' and m.priority = level.priority and m.due_at <= $2
        and (m.closes_at is null or m.closes_at > $2) and m.not_after > $2
        and ${MAY_BE_SENT}
      order by m.due_at, m.id
      limit $3
      for update of m skip locked
    ) as picked
    where exists (select from sender where key = $1 and enabled and stopped_at is null)
    limit $3
  ), claimed as (
    update message m
    set state = 'sending', attempt = m.attempt + 1, claimed_by = $5, leased_until = $6
    from due where m.id = due.id
    returning m.id, m.attempt, m.kind, m.channel, m.locale, m.content, m.template_id, m.invitation_id,
      least(m.closes_at, m.not_after) as drop_at
  ), intent as (
    insert into attempt (message_id, attempt, worker, claimed_at)
    select id, attempt, $5, $2 from claimed
  )
  select claimed.id, claimed.attempt, claimed.kind, claimed.channel, claimed.locale, claimed.content,
    claimed.template_id as "templateId", claimed.invitation_id as "invitationId", claimed.drop_at as "dropAt",
    due.phone_cipher as "phoneCipher", due.user_id as "userId", due.code, due.campaign_id as "campaignId",
    due.survey_id as "surveyId", due.channels
  from claimed join due on due.id = claimed.id
  order by due.place, due.due_at, due.id`;
