import { suppressionStands } from '#contacts/suppression.sql';
import type { Queryable } from '#store/database';
import { PRIORITIES, type MessageKind } from './message-kinds.js';
import { isWaiting } from './waiting.sql.js';

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
  /** The campaign whose turn was last; those after it go first. */
  readonly turn: string;
}

export interface ClaimAnswer {
  /** To be sent by this worker, in order. */
  readonly claimed: ClaimedMessage[];
  /** The limit was reached, so more may be due. */
  readonly more: boolean;
  /** The campaign whose turn was last. */
  readonly turn: string;
}

/** Before any campaign had its turn. */
export const NO_TURN = '0';

/**
 * Claims up to `limit` due messages of one sender, each by exactly one worker. One statement: choice, state, lease
 * (a row of `claim` for all of them) and intent (which attempt, by whom, when) are committed together, before anything
 * is sent. Ordered by priority, then campaigns in turn, then due time and id; matched by the partial index message_due.
 * A claim takes what it can from one campaign and the rest from those after it, the next claim begins with the one
 * after: so a campaign of ten waits for one claim of each other, not for their queues. Nothing is taken for a sender
 * that is off or stopped.
 *
 * What must not be sent any more is cancelled here with its reason: nobody is written to who said no on this channel
 * (only the notice that confirms a refusal goes out after it), and invites and reminders end once the person
 * answered, refused, was reached another way or is known to be someone else.
 */
export async function messageClaimDue(db: Queryable, request: ClaimRequest): Promise<ClaimAnswer> {
  const { rows } = await db.query<ClaimedRow>(CLAIM, valuesOf(request), 'message_claim_due');
  const last = rows.at(-1)?.turn ?? NO_TURN;
  const claimed = rows
    .filter(({ inVain }) => !inVain)
    .map((row) => ({ ...row, dropAt: new Date(row.dropAtMs) }));
  return { claimed, more: rows.length === request.limit, turn: last === NO_TURN ? request.turn : last };
}

/** How PostgreSQL goes about a claim; with `analyze` it is carried out, for transactions that are rolled back. */
export async function messageClaimPlan(
  db: Queryable,
  request: ClaimRequest,
  options: { analyze: boolean },
): Promise<string> {
  const how = options.analyze ? 'explain (analyze, buffers, costs off)' : 'explain (costs off)';
  const { rows } = await db.query<{ 'QUERY PLAN': string }>(`${how} ${CLAIM}`, valuesOf(request));
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

function valuesOf({ sender, now, limit, worker, leasedUntil, turn }: ClaimRequest): unknown[] {
  return [sender, now, limit, PRIORITIES, worker, leasedUntil, turn];
}

interface ClaimedRow extends Omit<ClaimedMessage, 'dropAt'> {
  /** Since the epoch: a date in writing costs ten times as much to read. */
  readonly dropAtMs: number;
  readonly inVain: boolean;
  readonly turn: string;
}

const WAITING = `m.sender = $1 and ${isWaiting('m')} and m.priority = level.priority`;

// The campaigns that have something queued, one seek each: from the one after the last turn on, around to it.
const TURNS = `
  with recursive round as (
    select $7::bigint as campaign_id, false as wrapped, 0 as step
    union all
    select next.campaign_id, next.wrapped, round.step + 1
    from round cross join lateral (
      (select m.campaign_id, round.wrapped from message m
       where ${WAITING} and m.campaign_id > round.campaign_id
         and m.campaign_id <= case when round.wrapped then $7::bigint else 9223372036854775807 end
       order by m.campaign_id limit 1)
      union all
      (select m.campaign_id, true from message m
       where ${WAITING} and not round.wrapped and m.campaign_id <= $7
       order by m.campaign_id limit 1)
      limit 1
    ) next
  )
  select campaign_id, step from round where step > 0`;

// Each priority and campaign is a seek of its own: with one range scan over the sender, everything planned for later
// would lie between the conversation and the invites that are due. The nested loops take them in turn, and lock only
// what the outer limit pulls. Nothing is joined before the limit, or the planner reads and sorts the whole queue.
// OFFSET 0 and the array keep it from reading whole tables to save a few hundred look-ups by key. The limit comes by
// a subselect: so PostgreSQL takes the plan it has, where it would plan anew for each value, a quarter of the cost.
const CLAIM = `
  with due as materialized (
    select picked.*, level.place, turn.step
    from unnest($4::smallint[]) with ordinality as level (priority, place)
    cross join lateral (${TURNS}) as turn
    cross join lateral (
      select m.id, m.kind, m.channel, m.contact_id, m.subscriber_id, m.invitation_id, m.fallback_of, m.due_at
      from message m
      where ${WAITING} and m.campaign_id = turn.campaign_id and m.due_at <= $2
        and (m.closes_at is null or m.closes_at > $2) and m.not_after > $2
      order by m.due_at, m.id
      limit (select $3::int)
      for update skip locked
    ) as picked
    where exists (select from sender where key = $1 and enabled and stopped_at is null)
    limit (select $3::int)
  ), judged as materialized (
    select d.id, d.place, d.step, d.due_at, c.phone_cipher, s.user_id, i.code, i.campaign_id, i.survey_id, i.channels,
      case
        when d.kind = 'notice' then null
        when s.unsubscribed_at is not null or ${suppressionStands('c.phone_hash', 'd.channel')} then 'opted_out'
        when d.kind not in ('invite', 'reminder') then null
        when i.refused_at is not null then 'opted_out'
        when i.wrong_number_at is not null then 'wrong_number'
        when i.cancelled_at is not null then 'withdrawn'
        when i.completed_at is not null or (d.kind = 'reminder' and i.started_at is not null) then 'answered'
        when i.expires_at <= $2 then 'expired'
        when d.fallback_of is not null
          and coalesce(i.delivered_at, i.seen_at, i.opened_at, i.started_at) is not null then 'reached'
      end as vain
    from due d
    left join lateral (select * from contact where id = d.contact_id offset 0) c on true
    left join lateral (select * from viber_subscriber where id = d.subscriber_id offset 0) s on true
    left join lateral (select * from invitation where id = d.invitation_id offset 0) i on true
  ), held as (
    insert into claim (sender, worker, leased_until, messages, in_flight)
    select $1, $5, $6, array_agg(id), count(*) from judged where vain is null having count(*) > 0
    returning id
  ), taken as (
    update message m set
      state = case when j.vain is null then 'sending' else 'cancelled' end,
      attempt = case when j.vain is null then m.attempt + 1 else m.attempt end,
      claimed_by = case when j.vain is null then $5 else m.claimed_by end,
      claimed_at = case when j.vain is null then $2 else m.claimed_at end,
      claim_id = case when j.vain is null then (select id from held) else m.claim_id end,
      settled_at = case when j.vain is not null then $2 end,
      reason = j.vain,
      follow_up_at = case when j.vain is not null and m.kind = 'invite' then $2 end
    from judged j where m.id = any(array(select id from judged)) and m.id = j.id
    returning m.id, m.attempt, m.kind, m.channel, m.locale, m.content, m.template_id as "templateId",
      m.invitation_id as "invitationId", extract(epoch from least(m.closes_at, m.not_after))::float8 * 1000 as "dropAtMs",
      j.phone_cipher as "phoneCipher", j.user_id as "userId", j.code, j.campaign_id as "campaignId",
      j.survey_id as "surveyId", j.channels, j.vain is not null as "inVain", m.campaign_id as turn,
      j.place, j.step, j.due_at
  )
  select id, attempt, kind, channel, locale, content, "templateId", "invitationId", "dropAtMs", "phoneCipher", "userId",
    code, "campaignId", "surveyId", channels, "inVain", turn
  from taken order by place, step, due_at, id`;
