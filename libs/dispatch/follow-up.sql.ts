import { suppressionStands } from '#contacts/suppression.sql';
import type { Queryable } from '#store/database';
import type { MessageKind } from './message-kinds.js';
import type { MessageState } from './transitions.js';

export interface DueFollowUp {
  readonly id: string;
  readonly kind: MessageKind;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly channel: 'sms' | 'viber';
  readonly sender: string;
  readonly subscriberId: string | null;
  readonly locale: string;
  readonly content: object;
  readonly templateId: string | null;
  readonly acceptedAt: Date | null;
  readonly invitationId: string;
  readonly contactId: string | null;
  readonly campaignId: string;
  readonly timezone: string;
  readonly channels: ('sms' | 'viber')[];
  readonly deadlineAt: Date;
  readonly expiresAt: Date;
  readonly over: boolean;
  readonly cancelled: boolean;
  readonly started: boolean;
  readonly reached: boolean;
  readonly tried: string[];
  readonly otherInvite: boolean;
  readonly failedBefore: boolean;
  readonly newer: boolean;
  readonly reminders: number;
  /** Ways to reach the person on another channel: senders by preference, refusals left out. */
  readonly routes: Route[];
}

export interface Route {
  readonly channel: 'sms' | 'viber';
  readonly sender: string;
  readonly subscriberId: string | null;
}

/** Invites and reminders whose follow-up is due; the rows stay locked until the transaction ends. */
export async function messageFollowUpsDue(db: Queryable, now: Date, limit: number): Promise<DueFollowUp[]> {
  const { rows } = await db.query<DueFollowUp>(FOLLOW_UPS_DUE, [now, limit]);
  return rows;
}

const UNENDED = `o.state in ('queued', 'sending', 'accepted', 'delivered', 'uncertain')`;

const FOLLOW_UPS_DUE = `
  with due as materialized (
    select * from message
    where follow_up_at <= $1 and state in ('accepted', 'delivered', 'failed', 'cancelled') and invitation_id is not null
    order by follow_up_at limit $2
    for update skip locked
  )
  select m.id, m.kind, m.state, m.reason, m.channel, m.sender, m.subscriber_id as "subscriberId", m.locale, m.content,
    m.template_id as "templateId", m.accepted_at as "acceptedAt", m.invitation_id as "invitationId",
    i.contact_id as "contactId", i.campaign_id as "campaignId", ce.timezone, i.channels,
    i.deadline_at as "deadlineAt", i.expires_at as "expiresAt",
    coalesce(i.cancelled_at, i.refused_at, i.completed_at, i.wrong_number_at, i.ineligible_at) is not null as over,
    i.cancelled_at is not null as cancelled, i.started_at is not null as started,
    coalesce(i.delivered_at, i.seen_at, i.opened_at) is not null as reached,
    siblings.*, ways.routes
  from due m
  join invitation i on i.id = m.invitation_id
  join visit v on v.id = i.visit_id
  join centre ce on ce.id = v.centre_id
  cross join lateral (
    select coalesce(array_agg(o.channel) filter (where o.kind = 'invite' and o.state <> 'cancelled'), '{}') as tried,
      coalesce(bool_or(o.kind = 'invite' and o.id <> m.id and ${UNENDED}), false) as "otherInvite",
      coalesce(bool_or(o.kind = 'invite' and o.state = 'failed'), false) as "failedBefore",
      coalesce(bool_or(o.id > m.id and ${UNENDED}), false) as newer,
      (count(*) filter (where o.kind = 'reminder' and o.state <> 'cancelled'))::int as reminders
    from message o where o.invitation_id = m.invitation_id and o.kind in ('invite', 'reminder')
  ) siblings
  cross join lateral (
    select coalesce(json_agg(json_build_object('channel', s.channel, 'sender', s.key, 'subscriberId', u.id::text)
      order by s.stopped_at is not null, s.priority), '[]') as routes
    from sender s
    join contact c on c.id = i.contact_id and c.phone_cipher is not null
    left join viber_subscriber u
      on s.addressing = 'subscriber' and u.sender = s.key and u.contact_id = c.id
        and u.subscribed_at is not null and u.unsubscribed_at is null
    where s.enabled and (s.addressing = 'phone' or u.id is not null)
      and not ${suppressionStands('c.phone_hash', 's.channel')}
  ) ways`;

/** The next look of each message; null when nothing follows it any more. */
export async function messageLookAgain(
  db: Queryable,
  looks: readonly { id: string; at: Date | null }[],
): Promise<void> {
  await db.query(
    `update message m set follow_up_at = t.at
     from unnest($1::bigint[], $2::timestamptz[]) as t (id, at) where m.id = t.id`,
    [looks.map(({ id }) => id), looks.map(({ at }) => at)],
  );
}

/** Has the other invites of these messages' invitations looked at now, as far as a carrier has them. */
export async function messageRevisitOthers(db: Queryable, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await db.query(
    `update message m set follow_up_at = $2
     from message gone
     where gone.id = any($1::bigint[]) and m.invitation_id = gone.invitation_id and m.id <> gone.id
       and m.kind = 'invite' and m.state in ('accepted', 'delivered')`,
    [ids, now],
  );
}

export interface NextMessage {
  readonly after: DueFollowUp;
  readonly route: Route;
  readonly kind: 'invite' | 'reminder';
  readonly priority: number;
  readonly templateId: string | null;
  readonly fallbackOf: string | null;
  readonly ordinal: number;
  readonly dueAt: Date;
  readonly closesAt: Date | null;
  readonly notAfter: Date;
}

/**
 * Queues messages that follow others. The unique index message_once lets one of each kind, channel and ordinal stand
 * per invitation, so two workers that look at the same person queue one. Returns how many were new.
 */
export async function messageQueueNext(
  db: Queryable,
  next: readonly NextMessage[],
  now: Date,
): Promise<number> {
  const { rowCount } = await db.query(
    `insert into message (invitation_id, contact_id, subscriber_id, kind, channel, sender, template_id, locale, content,
       priority, due_at, closes_at, not_after, fallback_of, ordinal, campaign_id, created_at)
     select t.*, $17
     from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
       $9::jsonb[], $10::smallint[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::bigint[],
       $15::smallint[], $16::bigint[]) as t
     on conflict do nothing`,
    [
      next.map(({ after }) => after.invitationId),
      next.map(({ after }) => after.contactId),
      next.map(({ route }) => route.subscriberId),
      next.map(({ kind }) => kind),
      next.map(({ route }) => route.channel),
      next.map(({ route }) => route.sender),
      next.map(({ templateId }) => templateId),
      next.map(({ after }) => after.locale),
      next.map(({ after }) => JSON.stringify(after.content)),
      next.map(({ priority }) => priority),
      next.map(({ dueAt }) => dueAt),
      next.map(({ closesAt }) => closesAt),
      next.map(({ notAfter }) => notAfter),
      next.map(({ fallbackOf }) => fallbackOf),
      next.map(({ ordinal }) => ordinal),
      next.map(({ after }) => after.campaignId),
      now,
    ],
  );
  return rowCount;
}

/** What the follow-ups of a batch found out about invitations. */
export interface InvitationNews {
  /** No channel reached the person. */
  readonly undelivered: readonly string[];
  /** Another channel is tried: a failure told so far was not the end. */
  readonly retried: readonly string[];
  readonly cancelled: readonly { readonly id: string; readonly reason: string }[];
}

export async function invitationTell(db: Queryable, news: InvitationNews, now: Date): Promise<void> {
  const { undelivered, retried, cancelled } = news;
  if (undelivered.length + retried.length > 0) {
    await db.query(
      `update invitation set undelivered_at = case when id = any($1::bigint[]) then coalesce(undelivered_at, $3) end
       where id = any($1::bigint[] || $2::bigint[])`,
      [undelivered, retried, now],
    );
  }
  if (cancelled.length > 0) {
    await db.query(
      `update invitation i set cancelled_at = $3, cancel_reason = c.reason
       from unnest($1::bigint[], $2::text[]) as c (id, reason)
       where i.id = c.id and i.cancelled_at is null and i.sent_at is null`,
      [cancelled.map(({ id }) => id), cancelled.map(({ reason }) => reason), now],
    );
  }
}
