import type { Queryable } from '#store/database';
import type { Channel } from './campaign.js';
import type { PlannedVisit } from './decide.js';
import type { Standing } from './ledger-state.js';
import type { EnabledSender } from './senders.js';

/** Where a run left off: due time and id of the last visit taken. */
export interface Place {
  readonly dueAt: Date;
  readonly id: string;
}

export interface DueVisit extends PlannedVisit {
  readonly revision: number;
}

interface DueRow extends Omit<DueVisit, 'centre' | 'person'> {
  centreId: string;
  code: string;
  name: string;
  zone: string;
  contactId: string | null;
  hash: string | null;
  country: string | null;
}

/**
 * Visits that arrived or changed and have no decision on it yet, oldest arrival first, equals in the order they were
 * stored. Each is locked for this transaction; those another planner holds are passed over. A contact whose
 * number was erased is no person any more.
 */
export async function visitTakeDue(
  tx: Queryable,
  request: { now: Date; limit: number; after: Place | undefined },
): Promise<DueVisit[]> {
  const { rows } = await tx.query<DueRow>(
    `select v.id, v.source, v.visit_key as "visitKey", v.revision, v.service_code as "serviceCode",
       v.service_name as "serviceName", v.language, v.outcome, v.phone_status as "phoneStatus", v.consent,
       v.finished_at as "finishedAt", v.planning_due_at as "reachedAt",
       v.centre_id as "centreId", c.code, c.name, c.timezone as zone,
       p.id as "contactId", encode(p.phone_hash, 'hex') as hash, p.country
     from visit v
       join centre c on c.id = v.centre_id
       left join contact p on p.id = v.contact_id and p.phone_cipher is not null
     where v.planning_due_at <= $1 and (v.planning_due_at, v.id) > ($3::timestamptz, $4::bigint)
     order by v.planning_due_at, v.id
     limit $2
     for no key update of v skip locked`,
    [request.now, request.limit, request.after?.dueAt ?? '-infinity', request.after?.id ?? '0'],
  );
  return rows.map(({ centreId, code, name, zone, contactId, hash, country, ...visit }) => ({
    ...visit,
    centre: { id: centreId, code, name, zone },
    person: contactId === null ? null : { id: contactId, hash: hash ?? '', country: country ?? '' },
  }));
}

/**
 * Makes other planners wait with the same people until this transaction ends: a frequency cap is a rule over several
 * rows. Always in the order of ids, so that two planners never wait for each other crosswise.
 */
export async function contactLock(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query('select from contact where id = any($1::bigint[]) order by id for no key update', [ids]);
}

/** Makes other planners wait with the same budgets. To be called after `contactLock`, never before. */
export async function budgetLock(tx: Queryable, campaignKeys: readonly string[]): Promise<void> {
  for (const key of [...campaignKeys].sort()) {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('vidhuk budget ' || $1, 0))`, [key]);
  }
}

export interface PriorInvitation extends Standing {
  readonly id: string;
  readonly stands: boolean;
  /** Whether a first message was ever claimed: then the visit is decided for good. */
  readonly claimed: boolean;
  /** The first message that still waits to be claimed. */
  readonly queuedMessageId: string | null;
}

/**
 * Invitations these visits already have. Their first messages are locked: from here on no worker claims them
 * before this transaction ends.
 */
export async function invitationOfVisits(
  tx: Queryable,
  visitIds: readonly string[],
): Promise<PriorInvitation[]> {
  const { rows } = await tx.query<PriorInvitation>(
    `with first as (
       select m.id, m.invitation_id, m.state, m.attempt
       from invitation i join message m on m.invitation_id = i.id and m.kind = 'invite'
       where i.visit_id = any($1::bigint[])
       for update of m
     ), summed as (
       select invitation_id, bool_or(attempt > 0 or state not in ('queued', 'cancelled')) as claimed,
         max(id) filter (where state = 'queued' and attempt = 0) as queued
       from first group by invitation_id
     )
     select i.id, i.visit_id as "visitId", coalesce(i.contact_id, 0) as "personId", d.key as "campaignKey",
       i.planned_at as "plannedAt", i.sms_parts as parts, i.cancelled_at is null as stands,
       coalesce(s.claimed, false) as claimed, s.queued as "queuedMessageId"
     from invitation i join definition d on d.id = i.campaign_id left join summed s on s.invitation_id = i.id
     where i.visit_id = any($1::bigint[])`,
    [visitIds],
  );
  return rows;
}

/** Standing invitations of these people for other visits than the given ones. */
export async function invitationStanding(
  tx: Queryable,
  request: { contactIds: readonly string[]; exceptVisits: readonly string[] },
): Promise<Standing[]> {
  const { rows } = await tx.query<Standing>(
    `select i.visit_id as "visitId", i.contact_id as "personId", d.key as "campaignKey",
       i.planned_at as "plannedAt", 0 as parts
     from invitation i join definition d on d.id = i.campaign_id
     where i.contact_id = any($1::bigint[]) and i.cancelled_at is null and i.visit_id <> all($2::bigint[])`,
    [request.contactIds, request.exceptVisits],
  );
  return rows;
}

/** Channels on which these people may not be written to, by the hash of their number. */
export async function suppressionOf(
  tx: Queryable,
  hashes: readonly string[],
): Promise<{ hash: string; channel: Channel | null }[]> {
  const { rows } = await tx.query<{ hash: string; channel: Channel | null }>(
    `select encode(address_hash, 'hex') as hash, channel from suppression
     where lifted_at is null and address_hash in (select decode(h, 'hex') from unnest($1::text[]) as h)`,
    [hashes],
  );
  return rows;
}

/** Senders that are switched on, in the order in which they are tried; a stopped one only when no other is left. */
export async function senderEnabled(tx: Queryable): Promise<EnabledSender[]> {
  const { rows } = await tx.query<EnabledSender>(
    `select key, channel, addressing from sender where enabled
     order by stopped_at is not null, priority, key`,
  );
  return rows;
}

export async function subscriptionOf(
  tx: Queryable,
  contactIds: readonly string[],
): Promise<{ sender: string; personId: string; id: string }[]> {
  const { rows } = await tx.query<{ sender: string; personId: string; id: string }>(
    `select sender, contact_id as "personId", id from viber_subscriber
     where contact_id = any($1::bigint[]) and subscribed_at is not null and unsubscribed_at is null
     order by linked_at`,
    [contactIds],
  );
  return rows;
}

/** Times of surveys completed after `since` in any revision of the campaign, with the centre of their visit. */
export async function completionSince(
  tx: Queryable,
  campaignKey: string,
  since: Date,
): Promise<{ centreId: string; at: Date }[]> {
  const { rows } = await tx.query<{ centreId: string; at: Date }>(
    `select v.centre_id as "centreId", i.completed_at as at
     from definition d
       join invitation i on i.campaign_id = d.id and i.completed_at > $2
       join visit v on v.id = i.visit_id
     where d.kind = 'campaign' and d.key = $1`,
    [campaignKey, since],
  );
  return rows;
}

/**
 * SMS parts held by the campaign's standing invitations planned after `since`, summed by planned time, without those
 * of the given visits. What was sent or still waits to be counts as it is; an invitation that goes another way
 * first holds the parts of one SMS until it is known to have arrived or ended.
 */
export async function partsHeldSince(
  tx: Queryable,
  request: { campaignKey: string; since: Date; exceptVisits: readonly string[] },
): Promise<{ at: Date; parts: number }[]> {
  const { rows } = await tx.query<{ at: Date; parts: number }>(
    `select i.planned_at as at, sum(case
         when m.parts is not null then m.parts
         when i.delivered_at is null and i.undelivered_at is null and i.completed_at is null then i.sms_parts
         else 0 end)::integer as parts
     from definition d
       join invitation i on i.campaign_id = d.id and i.planned_at > $2 and i.cancelled_at is null
         and i.visit_id <> all($3::bigint[])
       left join lateral (
         select sum(coalesce(m.parts, i.sms_parts)) as parts from message m
         where m.invitation_id = i.id and m.channel = 'sms' and m.kind in ('invite', 'reminder')
           and m.state <> 'cancelled' and not (m.state = 'failed' and m.accepted_at is null)
       ) m on true
     where d.kind = 'campaign' and d.key = $1
     group by i.planned_at`,
    [request.campaignKey, request.since, request.exceptVisits],
  );
  return rows;
}
