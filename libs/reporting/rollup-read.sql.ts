import type { Queryable } from '#store/database';
import type { Span } from './measure.sql.js';
import type { Kept } from './rollup-plan.js';

/** Version of what the roll-ups count; it changes when a fact, a key or a dimension does, and all days are counted anew. */
export const COUNTING_RULE = 1;

/**
 * The days of the span whose roll-up equals the tables in this view of the database: counted by the rule of this
 * program, without a mark, and without a link that was open at `now`.
 */
export async function keptOf(view: Queryable, { from, to }: Span, now: Date): Promise<Kept> {
  const { rows } = await view.query<{ day: string; whole: boolean }>(
    `select d.finished_on::text as day, m.month is not null as whole
     from rollup_day d
     left join rollup_month m on m.month = d.finished_on
     where d.finished_on between $1::date and $2::date and d.counted_at is not null and d.rule = $3
       and (d.open_until is null or d.open_until <= $4)
       and not exists (select from rollup_mark k where k.finished_on = d.finished_on)`,
    [from, to, COUNTING_RULE, now],
  );
  return {
    days: rows.map(({ day }) => day),
    months: rows.filter(({ whole }) => whole).map(({ day }) => day),
  };
}
