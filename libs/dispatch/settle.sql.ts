import type { Queryable } from '#store/database';
import type { Settlement } from './settlement.policy.js';
import { statesLeftBy } from './transitions.js';

/**
 * Writes the ends of many attempts at once, each fenced by (id, attempt): one whose lease was taken away in the
 * meantime changes nothing. Attempts that the carrier did not simply accept are kept in rows of their own, and an invitation learns
 * when and on which channel it was first sent. Returns the ids that were settled. One statement, so all or nothing.
 */
export async function messageSettle(
  db: Queryable,
  given: readonly Settlement[],
  now: Date,
): Promise<string[]> {
  // By id, as receipts take them: whoever comes second waits for the first and for nobody else.
  const settlements = [...given].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  // A column of nothing is one null: unnest fills it up, and most columns of most batches are empty.
  const column = <K extends keyof Settlement>(name: K): Settlement[K][] | null => {
    const values = settlements.map((settlement) => settlement[name]);
    return values.some((value) => value !== null) ? values : null;
  };
  const values = [
    column('id'),
    column('attempt'),
    column('state'),
    column('outcome'),
    column('externalId'),
    column('parts'),
    column('reason'),
    column('vendorCode'),
    column('detail'),
    column('dueAt'),
    column('followUpAt'),
    now,
    statesLeftBy('settle'),
  ];
  const { rows } = await db.query<{ id: string }>(SETTLE, values, 'message_settle');
  return rows.map((row) => row.id);
}

// The limit cuts nothing off. It makes the planner guess few rows, and so look everything up by key instead of reading
// whole tables.
const SETTLE = `
  with result as materialized (
    select * from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[],
      $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[])
      as r (id, attempt, state, outcome, external_id, parts, reason, vendor_code, detail, due_at, follow_up_at)
    limit (select cardinality($1::bigint[]))
  ), settled as (
    update message m set
      state = r.state, reason = r.reason, vendor_code = r.vendor_code,
      external_id = coalesce(r.external_id, m.external_id), parts = coalesce(r.parts, m.parts),
      due_at = coalesce(r.due_at, m.due_at), follow_up_at = r.follow_up_at,
      accepted_at = case r.state when 'accepted' then $12 else m.accepted_at end,
      settled_at = case r.state when 'failed' then $12 end
    from result r
    where m.id = r.id and m.attempt = r.attempt and m.state = any($13)
    returning m.id, m.attempt, m.claimed_by, m.claimed_at, m.state, m.kind, m.channel, m.invitation_id, m.claim_id,
      r.outcome, r.vendor_code, r.detail, r.external_id
  ), tried as (
    insert into attempt (message_id, attempt, worker, claimed_at, finished_at, outcome, vendor_code, detail, external_id)
    select id, attempt, claimed_by, claimed_at, $12, outcome, vendor_code, detail, external_id
    from settled
    where outcome <> 'accepted' or detail is not null
  ), counted as (
    update claim c set in_flight = c.in_flight - s.ended
    from (select claim_id, count(*)::int as ended from settled group by claim_id) s
    where c.id = s.claim_id
  ), sent as (
    update invitation i set sent_at = $12, sent_channel = s.channel
    from settled s
    where s.state = 'accepted' and s.kind = 'invite' and i.id = s.invitation_id and i.sent_at is null
  )
  select id from settled`;
