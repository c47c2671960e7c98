import type { Queryable } from '#store/database';
import { COUNTING_RULE } from './rollup-read.sql.js';

// Any constant will do: the roll-ups are kept by one worker at a time.
const ROLLUP_LOCK = 7_340_128;

/** Whether this transaction may change the roll-ups; held to its end. */
export async function rollupLock(tx: Queryable): Promise<boolean> {
  const { rows } = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [ROLLUP_LOCK]); // prettier-ignore
  return rows[0]?.mine === true;
}

/** Adds the days of every month that has visits, up to `last`, to the days that are kept or will be. */
export async function rollupDaysAdd(tx: Queryable, last: string): Promise<void> {
  // Months are found by hopping along the index, so that ten years of visits cost a hundred look-ups.
  await tx.query(
    `with recursive found (month) as (
       select date_trunc('month', min(finished_on)::timestamp)::date from visit
       union all
       select (select date_trunc('month', min(v.finished_on)::timestamp)::date from visit v
               where v.finished_on >= (f.month + interval '1 month')::date)
       from found f where f.month is not null
     )
     insert into rollup_day (finished_on)
     select day::date from found
     cross join lateral generate_series(month::timestamp, month + interval '1 month' - interval '1 day', '1 day') day
     where month is not null and day::date <= $1::date
     on conflict do nothing`,
    [last],
  );
}

/** Days to look at that are not watched yet, each with the time its last links expire: of a sample, which is mostly right. */
export async function rollupDaysToLook(
  tx: Queryable,
  now: Date,
): Promise<{ day: string; openUntil: Date | null }[]> {
  // The last links of a day expire some hours after those of a sample; a count that comes too early is made twice.
  const { rows } = await tx.query<{ day: string; openUntil: Date | null }>(
    `select d.finished_on::text as day, (
       select max(sample.expires_at) + interval '3 hours' from (
         select i.expires_at from visit v join invitation i on i.visit_id = v.id
         where v.finished_on = d.finished_on limit 300) sample) as "openUntil"
     from rollup_day d
     where d.quiet_from is null and (d.look_at is null or d.look_at <= $1)`,
    [now],
  );
  return rows;
}

export async function rollupDaysPostpone(
  tx: Queryable,
  days: readonly { day: string; until: Date | null }[],
): Promise<void> {
  await tx.query(
    `update rollup_day d set look_at = p.until, counted_at = null, quiet_from = null
     from unnest($1::date[], $2::timestamptz[]) as p (day, until) where d.finished_on = p.day`,
    [days.map(({ day }) => day), days.map(({ until }) => until)],
  );
}

/**
 * From the commit on, whoever changes something of a day up to `last`, or of a link expired by `now`, leaves a mark.
 * Visits and invitations above the highest number there is cannot be of such a day, unless they come to it later.
 */
export async function frontierMove(tx: Queryable, last: string, now: Date): Promise<void> {
  await tx.query(
    `update rollup_frontier set finished_on = greatest(finished_on, $1::date), expired_at = greatest(expired_at, $2),
       visit_id = greatest(visit_id, (select max(id) from visit)),
       invitation_id = greatest(invitation_id, (select max(id) from invitation))`,
    [last, now],
  );
}

/** What writers compare with to tell whether something is of a watched day. */
export interface Frontier {
  readonly expiredAt: Date;
  readonly visitId: bigint;
  readonly invitationId: bigint;
}

export async function frontierOf(tx: Queryable): Promise<Frontier> {
  const { rows } = await tx.query<{ expired: Date | null; visit: string; invitation: string }>(
    `select nullif(expired_at, '-infinity') as expired, visit_id as visit, invitation_id as invitation from rollup_frontier`,
  );
  const [row] = rows;
  return {
    expiredAt: row?.expired ?? new Date(-8.64e15),
    visitId: BigInt(row?.visit ?? 0),
    invitationId: BigInt(row?.invitation ?? 0),
  };
}

/**
 * To be called after the commit of the frontier: notes which transactions may have begun to write before it. Once all
 * of them have ended, nothing can change a day without leaving a mark.
 */
export async function rollupDaysWatch(db: Queryable, days: readonly string[]): Promise<void> {
  await db.query(
    `update rollup_day set quiet_from = pg_snapshot_xmax(pg_current_snapshot()) where finished_on = any($1::date[])`,
    [days],
  );
}

/** Watched days that are not counted, were counted by an older rule, or are marked and were last counted before `marked`. */
export async function rollupDaysDue(db: Queryable, marked: Date, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ day: string }>(
    `select d.finished_on::text as day from rollup_day d
     where d.quiet_from <= pg_snapshot_xmin(pg_current_snapshot())
       and (d.counted_at is null or d.rule < $2
         or (d.counted_at <= $1 and exists (select from rollup_mark k where k.finished_on = d.finished_on)))
     order by d.finished_on limit $3`,
    [marked, COUNTING_RULE, limit],
  );
  return rows.map(({ day }) => day);
}

/** Takes the marks of days away; what they stand for is in every count that begins after this. */
export async function marksTake(tx: Queryable, days: readonly string[]): Promise<void> {
  await tx.query('delete from rollup_mark where finished_on = any($1::date[])', [days]);
}

/** Notes that days are counted, each with the time its last link expired. */
export async function rollupDaysCounted(
  tx: Queryable,
  days: readonly { day: string; openUntil: Date | null }[],
  now: Date,
): Promise<void> {
  await tx.query(
    `update rollup_day d set counted_at = $3, rule = $4, open_until = c.until, look_at = null
     from unnest($1::date[], $2::timestamptz[]) as c (day, until) where d.finished_on = c.day`,
    [days.map(({ day }) => day), days.map(({ openUntil }) => openUntil), now, COUNTING_RULE],
  );
}

/** Months that are not kept though all of their days are, without a mark. */
export async function rollupMonthsDue(tx: Queryable): Promise<string[]> {
  const { rows } = await tx.query<{ month: string }>(
    `select month::text from (
       select date_trunc('month', d.finished_on::timestamp)::date as month, count(*) as days,
              bool_and(d.counted_at is not null and d.rule = $1
                and not exists (select from rollup_mark k where k.finished_on = d.finished_on)) as kept
       from rollup_day d group by 1) months
     where kept and days = extract(day from month + interval '1 month' - interval '1 day')
       and not exists (select from rollup_month m where m.month = months.month)
     order by month`,
    [COUNTING_RULE],
  );
  return rows.map(({ month }) => month);
}

export async function rollupMonthCounted(tx: Queryable, month: string, now: Date): Promise<void> {
  await tx.query('insert into rollup_month (month, counted_at) values ($1, $2)', [month, now]);
}
