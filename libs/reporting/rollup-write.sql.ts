import type { Queryable } from '#store/database';
import { ANSWERS, ASKED } from './answer.sql.js';
import { ROLLUP_DIMENSIONS, VISIT_PATH, type Measure } from './measure.sql.js';
import { MESSAGES } from './message.sql.js';
import { PATHS } from './path.sql.js';
import { KEPT_TOGETHER } from './rollup-plan.js';
import { COUNTING_RULE } from './rollup-read.sql.js';

const KEPT_MEASURES: readonly Measure[] = [PATHS, ANSWERS, ASKED, MESSAGES];
const TABLES = [...new Set(KEPT_MEASURES.map(({ rollup }) => rollup))];
const EVERYTHING = 63;
const DIMENSION_COLUMNS = ROLLUP_DIMENSIONS.map(({ column }) => column).join(', ');

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
  const { rows } = await tx.query<{ day: string; openUntil: Date | null }>(
    `select d.finished_on::text as day, (
       select max(sample.expires_at) from (
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
  days: readonly { day: string; until: Date }[],
): Promise<void> {
  await tx.query(
    `update rollup_day d set look_at = p.until, counted_at = null, quiet_from = null
     from unnest($1::date[], $2::timestamptz[]) as p (day, until) where d.finished_on = p.day`,
    [days.map(({ day }) => day), days.map(({ until }) => until)],
  );
}

/** From the commit on, whoever changes something of a day up to `last`, or of a link expired by `now`, leaves a mark. */
export async function frontierMove(tx: Queryable, last: string, now: Date): Promise<void> {
  await tx.query(
    `update rollup_frontier set finished_on = greatest(finished_on, $1::date), expired_at = greatest(expired_at, $2)`,
    [last, now],
  );
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

/** When the last link of the day expires, and whether it is later than the frontier, so that changes could go unmarked. */
export async function dayOpenUntil(
  tx: Queryable,
  day: string,
): Promise<{ openUntil: Date | null; beyond: boolean }> {
  const { rows } = await tx.query<{ openUntil: Date | null; beyond: boolean }>(
    `select open_until as "openUntil", coalesce(open_until > f.expired_at, false) as beyond
     from rollup_frontier f, (select max(i.expires_at) as open_until from ${VISIT_PATH} where v.finished_on = $1) found`,
    [day],
  );
  return rows[0] ?? { openUntil: null, beyond: true };
}

/** Takes the marks of a day away; what they stand for is in every count that begins after this. */
export async function marksTake(tx: Queryable, day: string): Promise<void> {
  await tx.query('delete from rollup_mark where finished_on = $1', [day]);
}

/** Forgets what is kept of a day, and of its month, which no longer adds up. */
export async function rollupDayClear(tx: Queryable, day: string): Promise<void> {
  const month = `${day.slice(0, 7)}-01`;
  const { rowCount } = await tx.query('delete from rollup_month where month = $1', [month]);
  for (const table of TABLES) {
    await tx.query(`delete from ${table} where grain = 'd' and kept = any($2::smallint[]) and first_day = $1`, [day, KEPT_TOGETHER.d]); // prettier-ignore
    if (rowCount > 0)
      await tx.query(`delete from ${table} where grain = 'm' and kept = any($2::smallint[]) and first_day = $1`, [month, KEPT_TOGETHER.m]); // prettier-ignore
  }
}

/** Counts a day anew from the tables, with the very expressions reports use. */
export async function rollupDayCount(
  tx: Queryable,
  day: string,
  now: Date,
  openUntil: Date | null,
): Promise<void> {
  const stored = ROLLUP_DIMENSIONS.map((dimension) => dimension.stored);
  for (const { rollup, joins, where, keys, sums } of KEPT_MEASURES) {
    const groups = [...stored, ...Object.values(keys)];
    await tx.query(
      `insert into ${rollup} (grain, kept, first_day, ${DIMENSION_COLUMNS}, ${namesOf(keys, sums)})
       select 'd', ${EVERYTHING}, $1::date, ${[...groups, ...Object.values(sums)].join(', ')}
       from ${VISIT_PATH} ${joins} where v.finished_on = $1::date and ${where}
       group by ${groups.map((_, place) => place + 4).join(', ')}`,
      [day],
    );
  }
  // From many dimensions to few: each is made of the one before.
  for (const kept of KEPT_TOGETHER.d.toReversed()) {
    if (kept !== EVERYTHING) await addUp(tx, 'd', kept, [day, day]);
  }
  await tx.query(
    'update rollup_day set counted_at = $2, rule = $3, open_until = $4, look_at = null where finished_on = $1',
    [day, now, COUNTING_RULE, openUntil],
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

/** Adds the days of a month up. */
export async function rollupMonthCount(tx: Queryable, month: string, last: string, now: Date): Promise<void> {
  for (const kept of KEPT_TOGETHER.m) await addUp(tx, 'm', kept, [month, last]);
  await tx.query('insert into rollup_month (month, counted_at) values ($1, $2)', [month, now]);
}

/** Makes rows that keep fewer dimensions, or a month instead of a day, of rows that keep all. */
async function addUp(
  tx: Queryable,
  grain: 'd' | 'm',
  kept: number,
  [first, last]: [string, string],
): Promise<void> {
  // The days' rows with the fewest dimensions that are enough.
  const from = KEPT_TOGETHER.d.find((days) => (days & kept) === kept && (grain === 'm' || days !== kept)) ?? EVERYTHING; // prettier-ignore
  const dimensions = ROLLUP_DIMENSIONS.map(({ column, bit }) => (kept & bit ? `r.${column}` : `null`));
  for (const table of TABLES) {
    const measures = KEPT_MEASURES.filter(({ rollup }) => rollup === table);
    const { keys, sums } = measures[0] ?? { keys: {}, sums: {} };
    const groups = [...ROLLUP_DIMENSIONS.filter(({ bit }) => kept & bit).map(({ column }) => `r.${column}`), ...Object.keys(keys).map((key) => `r.${key}`)]; // prettier-ignore
    await tx.query(
      `insert into ${table} (grain, kept, first_day, ${DIMENSION_COLUMNS}, ${namesOf(keys, sums)})
       select $1, $2, $3::date, ${dimensions.join(', ')}, ${Object.keys(keys).map((key) => `r.${key}`).join(', ')},
              ${Object.keys(sums).map((sum) => `sum(r.${sum})`).join(', ')}
       from ${table} r where r.grain = 'd' and r.kept = ${from} and r.first_day between $3::date and $4::date
       group by ${groups.join(', ')}`,
      [grain, kept, first, last],
    ); // prettier-ignore
  }
}

function namesOf(keys: object, sums: object): string {
  return [...Object.keys(keys), ...Object.keys(sums)].join(', ');
}
