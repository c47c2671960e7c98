import { surveyCode } from '#kernel/ids';
import type { Queryable } from '#store/database';
import type { Decision } from './decide.js';
import type { InvitationDraft } from './draft.js';

export interface DecidedVisit {
  readonly visitId: string;
  readonly revision: number;
  readonly decision: Decision;
}

/** The ledger: one row for each visit, the newest decision in it. */
export async function decisionPut(tx: Queryable, decided: readonly DecidedVisit[], now: Date): Promise<void> {
  if (decided.length === 0) return;
  const column = <T>(of: (decision: Decision) => T): T[] => decided.map(({ decision }) => of(decision));
  await tx.query(
    `insert into decision (visit_id, visit_revision, decision, reason, campaign_id, channel, planned_at, decided_at)
     select given.*, $8 from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::bigint[], $6::text[],
       $7::timestamptz[]) as given
     on conflict (visit_id) do update set visit_revision = excluded.visit_revision, decision = excluded.decision,
       reason = excluded.reason, campaign_id = excluded.campaign_id, channel = excluded.channel,
       planned_at = excluded.planned_at, decided_at = excluded.decided_at`,
    [
      decided.map(({ visitId }) => visitId),
      decided.map(({ revision }) => revision),
      column((d) => d.decision),
      column((d) => (d.decision === 'not_invited' ? d.reason : null)),
      column((d) => d.campaign?.id ?? null),
      column((d) => (d.decision === 'invited' ? d.channel : null)),
      column((d) => (d.decision === 'invited' ? d.plannedAt : null)),
      now,
    ],
  );
}

/** Nothing is left to plan for these visits, unless another leg came in meanwhile. */
export async function visitSettle(
  tx: Queryable,
  visits: readonly { id: string; revision: number }[],
): Promise<void> {
  await tx.query(
    `update visit v set planning_due_at = null
     from unnest($1::bigint[], $2::integer[]) as planned (id, revision)
     where v.id = planned.id and v.revision = planned.revision`,
    [visits.map(({ id }) => id), visits.map(({ revision }) => revision)],
  );
}

/** The columns of an invitation that a plan decides, in the order of `planColumns`. */
const PLAN = `contact_id, campaign_id, survey_id, variant, locale, legal_basis, channels, planned_at, deadline_at,
  expires_at, sms_parts`;
const PLAN_TYPES = `$2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::smallint[]`;
const PLAN_VALUES = `p.contact_id, p.campaign_id, p.survey_id, p.variant, p.locale, p.legal_basis, p.channels::text[],
  p.planned_at, p.deadline_at, p.expires_at, p.sms_parts`;

function planColumns(drafts: readonly InvitationDraft[]): unknown[] {
  const column = <T>(of: (draft: InvitationDraft) => T): T[] => drafts.map(of);
  return [
    column((d) => d.contactId),
    column((d) => d.campaignId),
    column((d) => d.surveyId),
    column((d) => d.variant),
    column((d) => d.locale),
    column((d) => d.legalBasis),
    // unnest would flatten an array of arrays, so each list travels as its text.
    column((d) => `{${d.channels.join(',')}}`),
    column((d) => d.plannedAt),
    column((d) => d.deadlineAt),
    column((d) => d.expiresAt),
    column((d) => d.smsParts),
  ];
}

/** Writes new invitations, each with a code of its own. Returns visit id → invitation id. */
export async function invitationInsert(
  tx: Queryable,
  drafts: readonly InvitationDraft[],
  now: Date,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  let left = drafts;
  // A code that somebody has already is not taken; its visit gets another one in the next round.
  while (left.length > 0) {
    const { rows } = await tx.query<{ id: string; visit_id: string }>(
      `insert into invitation (visit_id, ${PLAN}, code, created_at)
       select p.visit_id, ${PLAN_VALUES}, p.code, $14
       from unnest($1::bigint[], ${PLAN_TYPES}, $13::text[]) as p (visit_id, ${PLAN}, code)
       on conflict (code) do nothing
       returning id, visit_id`,
      [left.map((d) => d.visitId), ...planColumns(left), left.map(() => surveyCode()), now],
    );
    for (const row of rows) ids.set(row.visit_id, row.id);
    left = left.filter((draft) => !ids.has(draft.visitId));
  }
  return ids;
}

/** Plans standing or cancelled invitations anew. The code stays: it may have been read out already. */
export async function invitationReplan(
  tx: Queryable,
  plans: readonly { id: string; draft: InvitationDraft }[],
): Promise<void> {
  if (plans.length === 0) return;
  await tx.query(
    `update invitation i set (${PLAN}, cancelled_at, cancel_reason) = (${PLAN_VALUES}, null, null)
     from unnest($1::bigint[], ${PLAN_TYPES}) as p (id, ${PLAN})
     where i.id = p.id`,
    [plans.map(({ id }) => id), ...planColumns(plans.map(({ draft }) => draft))],
  );
}

/** Standing invitations of any revision of the campaign whose first message nobody has claimed, locked. */
export async function invitationWaiting(tx: Queryable, campaignKey: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select m.invitation_id as id
     from definition d
       join invitation i on i.campaign_id = d.id and i.cancelled_at is null
       join message m on m.invitation_id = i.id and m.kind = 'invite' and m.standing = 'open' and m.state = 'queued'
     where d.kind = 'campaign' and d.key = $1 and not exists (
       select from message sent where sent.invitation_id = i.id and (sent.attempt > 0 or sent.state <> 'queued'))
     order by m.id
     for update of m`,
    [campaignKey],
  );
  return [...new Set(rows.map(({ id }) => id))];
}

/** Takes invitations back, with their messages that no worker has claimed. */
export async function invitationCancel(
  tx: Queryable,
  ids: readonly string[],
  reason: string,
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `with cancelled as (
       update invitation set cancelled_at = $3, cancel_reason = $2
       where id = any($1::bigint[]) and cancelled_at is null
     )
     update message set state = 'cancelled', reason = $2, settled_at = $3
     where invitation_id = any($1::bigint[]) and state = 'queued'`,
    [ids, reason, now],
  );
}

export interface FirstMessage {
  readonly invitationId: string;
  readonly draft: InvitationDraft;
  /** The message to change; absent: a new one. */
  readonly messageId?: string | undefined;
}

const MESSAGE = `contact_id, subscriber_id, channel, sender, template_id, locale, content, due_at, closes_at, not_after,
  campaign_id`;
const MESSAGE_TYPES = `$2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::jsonb[],
  $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::bigint[]`;

function messageColumns(messages: readonly FirstMessage[]): unknown[] {
  const column = <T>(of: (draft: InvitationDraft) => T): T[] => messages.map(({ draft }) => of(draft));
  return [
    column((d) => d.contactId),
    column((d) => d.route.subscriberId),
    column((d) => d.route.channel),
    column((d) => d.route.sender),
    column((d) => d.templateId),
    column((d) => d.locale),
    column((d) => JSON.stringify({ fields: d.fields })),
    column((d) => d.dueAt),
    column((d) => d.closesAt),
    column((d) => d.deadlineAt),
    column((d) => d.campaignId),
  ];
}

/** Puts first messages into the outbox. */
export async function messageInsert(
  tx: Queryable,
  messages: readonly FirstMessage[],
  now: Date,
): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(
    `insert into message (invitation_id, ${MESSAGE}, kind, priority, created_at)
     select given.*, 'invite', 5, $13 from unnest($1::bigint[], ${MESSAGE_TYPES}) as given`,
    [messages.map(({ invitationId }) => invitationId), ...messageColumns(messages), now],
  );
}

/** Changes first messages that no worker has claimed. */
export async function messageReplan(tx: Queryable, messages: readonly FirstMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(
    `update message m set (${MESSAGE}) = (p.contact_id, p.subscriber_id, p.channel, p.sender, p.template_id, p.locale,
       p.content, p.due_at, p.closes_at, p.not_after, p.campaign_id)
     from unnest($1::bigint[], ${MESSAGE_TYPES}) as p (id, ${MESSAGE})
     where m.id = p.id and m.state = 'queued' and m.attempt = 0`,
    [messages.map(({ messageId }) => messageId), ...messageColumns(messages)],
  );
}
