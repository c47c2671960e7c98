import type { Queryable } from '#store/database';
import { INTEGRITY_LIMITS } from './integrity.sql.js';

/** Visits to look at: ids after one, up to another. */
export interface VisitSpan {
  readonly after: string;
  readonly upTo: string;
}

// Ids are given out before their rows can be seen, a batch of thousands at once to each source that imports, so late ones may
// stand below those already looked at: as many as ten sources bring together.
const LOOKED_AT_AGAIN = 20_000;

/**
 * Moves on over the visits that came since the last round, at most `limit`; undefined when none came or another process is
 * at it. `full`: there may be more.
 */
export async function freshVisits(
  tx: Queryable,
  limit: number,
): Promise<(VisitSpan & { full: boolean }) | undefined> {
  const { rows } = await tx.query<VisitSpan & { full: boolean }>(
    `with reach as (select visit_id from visit_flag_reach for update skip locked), fresh as (
       select max(id) as last, count(*) as visits from (
         select v.id from visit v where v.id > (select visit_id from reach) order by v.id limit $2) ahead
     ), moved as (
       update visit_flag_reach r set visit_id = fresh.last from fresh, reach where fresh.visits > 0 returning r.visit_id
     )
     select greatest(0, reach.visit_id - $1::bigint)::text as after, fresh.last::text as "upTo", fresh.visits = $2 as full
     from reach, fresh, moved`,
    [LOOKED_AT_AGAIN, limit],
  );
  return rows[0];
}

/** Flags all visits of a number on a day on which it was given on too many of them. Returns how many were flagged. */
export async function flagBusyNumbers(tx: Queryable, { after, upTo }: VisitSpan, now: Date): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into visit_flag (visit_id, flag, sign, noted_at)
     select v.id, 'staff', 'number', $3
     from (select distinct contact_id, finished_on from visit where id > $1 and id <= $2 and contact_id is not null) f
     join visit v on v.contact_id = f.contact_id and v.finished_on = f.finished_on
     where (select count(*) from visit o where o.contact_id = f.contact_id and o.finished_on = f.finished_on) >= $4
     on conflict do nothing`,
    [after, upTo, now, INTEGRITY_LIMITS.visitsADay],
  );
  return rowCount;
}

/** Flags the visits of a desk that ended more calls within some minutes than anybody can serve. */
export async function flagBursts(tx: Queryable, { after, upTo }: VisitSpan, now: Date): Promise<number> {
  const { rowCount } = await tx.query(
    `with day as (
       select distinct centre_id, finished_on from visit where id > $1 and id <= $2 and desk is not null
     ), call as (
       select v.id, r.centre_code, r.desk, r.finished_at, count(*) over (partition by r.centre_code, r.desk
         order by r.finished_at range between make_interval(mins => $5::integer) preceding and current row) as calls
       from day join visit v on v.centre_id = day.centre_id and v.finished_on = day.finished_on
       join visit_record r on r.visit_id = v.id and r.current
       where r.desk is not null and r.outcome in ('served', 'redirected')
     ), within as (
       select id, max(calls) over (partition by centre_code, desk
         order by finished_at range between current row and make_interval(mins => $5::integer) following) as calls
       from call
     )
     insert into visit_flag (visit_id, flag, sign, noted_at)
     select distinct id, 'staff', 'burst', $3::timestamptz from within where calls >= $4
     on conflict do nothing`,
    [after, upTo, now, INTEGRITY_LIMITS.burstCalls, INTEGRITY_LIMITS.burstMinutes],
  );
  return rowCount;
}
