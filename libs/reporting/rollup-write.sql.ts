import type { Queryable } from '#store/database';
import { ANSWERS, ASKED } from './answer.sql.js';
import { joined, ROLLUP_DIMENSIONS, VISIT_PATH, type Measure } from './measure.sql.js';
import { MESSAGES } from './message.sql.js';
import { PATHS } from './path.sql.js';
import { KEPT_TOGETHER } from './rollup-plan.js';
import { CENTRE_BIT, EVERYTHING, narrowed, packed, SERVICE, SLICE } from './rollup-shape.js';

/** What is counted beside the paths, by roll-up. Of invitations it may use the columns in INVITATION only. */
const BESIDE: readonly (readonly [Measure, ...Measure[]])[] = [[ANSWERS, ASKED], [MESSAGES]];
const INVITATION = ['id', 'survey_id', 'ineligible_at', 'wrong_number_at'];
const ROLLUPS: readonly Measure[] = [PATHS, ...BESIDE.map(([first]) => first)];
const NUMBERS: readonly string[] = ['campaign_id', 'survey_id', 'facts'];

/** The paths of the visits of days, with the numbers of their services, slices and ways: null while those are not known. */
const COUNTED = `
  select p.first_day, p.centre_id, f.id as service, s.id as slice, w.id as way, p.visit_id, p.expires_at,
    ${INVITATION.map((column) => `p.${column}`).join(', ')}
  from (
    select v.finished_on as first_day, ${ROLLUP_DIMENSIONS.map(({ stored, column }) => `${stored} as ${column}`).join(', ')},
      ${aliased(PATHS.keys)}, v.id as visit_id, i.expires_at, ${INVITATION.map((column) => `i.${column}`).join(', ')}
    from ${VISIT_PATH} where v.finished_on = any($1::date[])
    offset 0
  ) p
  ${[SERVICE, SLICE].map(({ dictionary, dimensions }, at) => known(dictionary, 'fs'.charAt(at), dimensions.map(({ column }) => column), 'p')).join('')}
  ${known(`${PATHS.rollup}_way`, 'w', Object.keys(PATHS.keys), 'p')}`; // prettier-ignore

// One reading of the tables for all roll-ups. What it finds of each day is checked against the frontier.
const COUNT = `
  with counted as materialized (${COUNTED}),
  paths as (${insertPacked(PATHS, `
    select i.first_day, i.centre_id, ${packed('i.service', 'i.slice', 'i.way')} as way, ${aliased(PATHS.sums)}
    from counted i group by 1, 2, 3`)}),
  ${BESIDE.map((measures) => `kept_${measures[0].rollup} as (${insertPacked(measures[0], measures.map(counting).join(' union all '))})`).join(', ')}
  select c.first_day::text as day, max(c.expires_at) as "openUntil", max(c.visit_id) as "visitId",
    max(c.id) as "invitationId",
    (select coalesce(bool_or(unknown), false) from (select unknown from paths ${BESIDE.map(([{ rollup }]) => `union all select unknown from kept_${rollup}`).join(' ')}) all_kept) as unknown
  from counted c group by 1`; // prettier-ignore

/** What a count found of a day. */
export interface CountedDay {
  readonly day: string;
  /** When its last link expires; null: it has none. */
  readonly openUntil: Date | null;
  /** The highest numbers of its visits and invitations. */
  readonly visitId: string;
  readonly invitationId: string | null;
}

/**
 * Counts days anew from the tables, with the very expressions reports use; days without visits are not in the answer.
 * Nothing may be kept of them.
 */
export async function rollupDaysCount(tx: Queryable, days: readonly string[]): Promise<CountedDay[]> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const { rows } = await tx.query<CountedDay & { unknown: boolean }>(COUNT, [days]);
    if (!rows.some(({ unknown }) => unknown)) return rows;
    await rollupDaysClear(tx, days);
    for (const statement of LEARN) await tx.query(statement, [days]);
  }
  throw new Error('visits change faster than the roll-ups can be counted');
}

/**
 * Makes this transaction look the rows of days up by key, and add up in memory: the planner would rather read whole
 * tables, or sort, since it does not know that what belongs to a day lies together.
 */
export async function rollupPlanning(tx: Queryable): Promise<void> {
  await tx.query(
    `select set_config(name, value, true) from (values ('work_mem', '64MB'), ('random_page_cost', '1.1'),
       ('enable_mergejoin', 'off'), ('enable_seqscan', 'off'), ('jit', 'off')) as settings (name, value)`,
  );
}

/** Adds the daily roll-ups of days up to those that keep fewer dimensions. */
export async function rollupDaysNarrow(tx: Queryable, days: readonly string[]): Promise<void> {
  for (const kept of KEPT_TOGETHER.d.toReversed()) {
    if (kept !== EVERYTHING) await addUp(tx, ['d', widerThan(kept, 'd')], ['d', kept], 'first_day', days);
  }
}

/** Adds the days of a month up. */
export async function rollupMonthCount(tx: Queryable, month: string, days: readonly string[]): Promise<void> {
  for (const kept of KEPT_TOGETHER.m.toReversed()) {
    if (kept === EVERYTHING) await addUp(tx, ['d', kept], ['m', kept], `'${month}'::date`, days);
    else await addUp(tx, ['m', widerThan(kept, 'm')], ['m', kept], `'${month}'::date`, [month]);
  }
}

/** Forgets what is kept of days, and of their months, which no longer add up. */
export async function rollupDaysClear(tx: Queryable, days: readonly string[]): Promise<void> {
  const months = [...new Set(days.map((day) => `${day.slice(0, 7)}-01`))];
  const { rowCount } = await tx.query('delete from rollup_month where month = any($1::date[])', [months]);
  for (const [grain, firstDays] of [['d', days], ['m', rowCount > 0 ? months : []]] as const) {
    if (firstDays.length === 0) continue;
    for (const { rollup } of ROLLUPS)
      await tx.query(`delete from ${rollup} where grain = $1 and kept = any($2::smallint[]) and first_day = any($3::date[])`, [grain, KEPT_TOGETHER[grain], firstDays]); // prettier-ignore
  }
} // prettier-ignore

/** The width with the fewest rows that a narrower one can be made of. */
function widerThan(kept: number, grain: 'd' | 'm'): number {
  return KEPT_TOGETHER[grain].find((wide) => wide !== kept && (wide & kept) === kept) ?? EVERYTHING;
}

/** Makes rows that keep fewer dimensions, or a month instead of a day, of rows that keep more. */
async function addUp(
  tx: Queryable,
  from: readonly ['d' | 'm', number],
  to: readonly ['d' | 'm', number],
  firstDay: string,
  firstDays: readonly string[],
): Promise<void> {
  const centre = (to[1] & CENTRE_BIT) !== 0;
  for (const measure of ROLLUPS) {
    const sums = Object.keys(measure.sums);
    const rows = `
      select ${firstDay} as first_day, ${centre ? 'centre_id' : 'null::bigint as centre_id'}, ${narrowed('way', to[1])} as way,
        ${sums.map((sum) => `sum(${sum})::integer as ${sum}`).join(', ')}
      from (
        select first_day, centre_id, unnest(ways) as way, ${sums.map((sum) => `unnest(${sum}) as ${sum}`).join(', ')}
        from ${measure.rollup} where grain = '${from[0]}' and kept = ${from[1]} and first_day = any($1::date[])
      ) unpacked
      group by ${centre ? '1, 2, 3' : '1, 3'}`;
    await tx.query(insertPacked(measure, rows, to), [firstDays]);
  }
} // prettier-ignore

/** Counting of one measure beside the paths, from the paths. */
function counting({ beside, where, keys, sums, rollup }: Measure): string {
  // By key, one by one: the planner does not know how few there are of a day, and would read the whole table.
  const rows = beside && `cross join lateral (select * from ${beside.table} ${beside.as} where ${beside.on} offset 0) ${beside.as}`;
  return `
    select g.first_day, g.centre_id, ${packed('g.service', 'g.slice', 'w.id')} as way, ${Object.keys(sums).map((sum) => `g.${sum}`).join(', ')}
    from (
      select i.first_day, i.centre_id, i.service, i.slice, ${aliased(keys)}, ${aliased(sums)}
      from counted i ${rows ?? ''} where ${where}
      group by ${[1, 2, 3, 4, ...Object.keys(keys).map((_, place) => place + 5)].join(', ')}
    ) g
    ${known(`${rollup}_way`, 'w', Object.keys(keys), 'g')}`;
} // prettier-ignore

/** Writes counted rows, one row for each centre. `rows`: first_day, centre_id, way and sums. */
function insertPacked(
  { rollup, sums }: Measure,
  rows: string,
  [grain, kept]: readonly ['d' | 'm', number] = ['d', EVERYTHING],
): string {
  const names = Object.keys(sums);
  return `
    insert into ${rollup} (grain, kept, first_day, centre_id, ways, ${names.join(', ')})
    select '${grain}', ${kept}, first_day, centre_id, array_agg(way), ${names.map((sum) => `array_agg(${sum})`).join(', ')}
    from (${rows}) rows group by first_day, centre_id
    returning array_position(ways, null) is not null as unknown`;
}

/** Gives a number to services, slices and ways of days that have none yet. There are few, and soon all are known. */
const LEARN = [
  ...[SERVICE, SLICE].map(({ dictionary, dimensions }) =>
    learning(dictionary, Object.fromEntries(dimensions.map(({ column, stored }) => [column, stored])), '', 'true'),
  ),
  ...[PATHS, ...BESIDE.flat()].map((measure) => learning(`${measure.rollup}_way`, measure.keys, joined(measure), measure.where)),
]; // prettier-ignore

function learning(dictionary: string, keys: Readonly<Record<string, string>>, joins: string, where: string): string {
  const names = Object.keys(keys).join(', ');
  return `
    insert into ${dictionary} (${names})
    select ${Object.values(keys).join(', ')} from ${VISIT_PATH} ${joins} where v.finished_on = any($1::date[]) and ${where}
    except select ${names} from ${dictionary}`;
} // prettier-ignore

/**
 * Looks numbers up in a dictionary, by equality that can be hashed and holds between nulls. The text that stands for
 * null is refused by the dictionaries.
 */
function known(dictionary: string, as: string, keys: readonly string[], rows: string): string {
  const same = keys.map((key) => {
    const none = NUMBERS.includes(key)
      ? '-1'
      : key === 'value'
        ? `'{"none": 1}'::jsonb`
        : String.raw`E'\x01'`;
    return `coalesce(${as}.${key}, ${none}) = coalesce(${rows}.${key}, ${none})`;
  });
  return ` left join ${dictionary} ${as} on ${same.join(' and ')}`;
}

function aliased(expressions: Readonly<Record<string, string>>): string {
  return Object.entries(expressions)
    .map(([name, expression]) => `${expression} as ${name}`)
    .join(', ');
}
