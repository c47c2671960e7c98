import type { Queryable } from '#store/database';
import { ANSWERS, ASKED } from './answer.sql.js';
import { joined, ROLLUP_DIMENSIONS, VISIT_PATH, type Measure } from './measure.sql.js';
import { MESSAGES } from './message.sql.js';
import { PATHS } from './path.sql.js';
import { planJoins } from './planner.sql.js';
import { KEPT_TOGETHER } from './rollup-plan.js';
import { CENTRE_BIT, EVERYTHING, narrowed, packed, SERVICE, SLICE } from './rollup-shape.js';

/** What is counted beside the paths, by roll-up. Of invitations it may use the columns in INVITATION only. */
const BESIDE: readonly (readonly [Measure, ...Measure[]])[] = [[ANSWERS, ASKED], [MESSAGES]];
const INVITATION = ['id', 'survey_id', 'ineligible_at', 'wrong_number_at'];
const ROLLUPS: readonly Measure[] = [PATHS, ...BESIDE.map(([first]) => first)];
const NUMBERS: readonly string[] = ['campaign_id', 'survey_id', 'facts'];

/** The paths of the visits of days, with the numbers of their services, slices and ways: null while those are not known. */
const COUNTED = `
  select p.first_day, p.centre_id, ${packed('f.id', 's.id', '0')} as place, w.id as way, p.visit_id, p.expires_at,
    ${INVITATION.map((column) => `p.${column}`).join(', ')}
  from (
    select v.finished_on as first_day, ${ROLLUP_DIMENSIONS.map(({ stored, column }) => `${stored} as ${column}`).join(', ')},
      ${aliased(PATHS.keys)}, v.id as visit_id, i.expires_at, ${INVITATION.map((column) => `i.${column}`).join(', ')}
    from ${VISIT_PATH} where v.finished_on = any($1::date[])
    offset 0
  ) p
  ${[SERVICE, SLICE].map(({ dictionary, dimensions }, at) => known(dictionary, 'fs'.charAt(at), columnsOf('p', dimensions.map(({ column }) => column)))).join('')}
  ${known(`${PATHS.rollup}_way`, 'w', columnsOf('p', Object.keys(PATHS.keys)))}`; // prettier-ignore

// Rows of a day lie together by number, apart from what came late. So they are read in blocks of numbers and joined whole,
// which takes a fifth of looking up each by its key; in the worst case, one row of each block, it takes some times as long.
const BLOCK = 64;
const BLOCKS = `select distinct id / ${BLOCK} * ${BLOCK} as first from visit where finished_on = any($1::date[])`;

/** What stands for a table in a statement: its rows in blocks. The planner believes a limit, and cannot know better. */
const inBlocks = (table: string, key: string, blocks: string, many = false): string => `
  ${table} as not materialized (
    select near.* from ${blocks} as blocks (first) cross join lateral (
      select * from ${table} where ${key} >= first and ${key} < first + ${BLOCK} ${many ? '' : `limit ${BLOCK}`}) near offset 0)`;

// One reading of the tables for all roll-ups. What it finds of each day is checked against the frontier.
const COUNT = `
  with ${[['visit', 'id'], ['decision', 'visit_id'], ['invitation', 'visit_id']].map(([table = '', key = '']) => inBlocks(table, key, 'unnest($2::bigint[])')).join(', ')},
  counted as materialized (${COUNTED} limit $3),
  near as materialized (select distinct id / ${BLOCK} * ${BLOCK} from counted where id is not null),
  ${inBlocks('message', 'invitation_id', 'near', true)},
  ${inBlocks('answer', 'invitation_id', 'near', true)},
  paths as (${insertPacked(PATHS, `
    select i.first_day, i.centre_id, i.place + i.way as way, ${aliased(PATHS.sums)}
    from counted i group by 1, 2, 3`)}),
  ${BESIDE.map((measures) => `kept_${measures[0].rollup} as (${insertPacked(measures[0], measures.map(counting).join(' union all '))})`).join(', ')}
  select c.first_day::text as day, max(c.expires_at) as "openUntil", max(c.visit_id) as "visitId",
    max(c.id) as "invitationId",
    (select coalesce(bool_or(unknown), false) from (select unknown from paths ${BESIDE.map(([{ rollup }]) => `union all select unknown from kept_${rollup}`).join(' ')}) all_kept) as unknown
  from counted c group by c.first_day`; // prettier-ignore

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
    const { rows: blocks } = await tx.query<{ first: string }>(BLOCKS, [days]);
    const { rows } = await tx.query<CountedDay & { unknown: boolean }>(COUNT, [
      days,
      blocks.map(({ first }) => first),
      BLOCK * blocks.length,
    ]);
    if (!rows.some(({ unknown }) => unknown)) return rows;
    await rollupDaysClear(tx, days);
    await planJoins(tx, 'keys');
    for (const statement of LEARN) await tx.query(statement, [days]);
    await planJoins(tx);
  }
  throw new Error('visits change faster than the roll-ups can be counted');
}

/** Adds the daily roll-ups of days up to those that keep fewer dimensions. */
export async function rollupDaysNarrow(tx: Queryable, days: readonly string[]): Promise<void> {
  await narrow(tx, 'd', days);
}

/** Adds the days of a month up. */
export async function rollupMonthCount(tx: Queryable, month: string, days: readonly string[]): Promise<void> {
  for (const measure of ROLLUPS)
    await tx.query(addingUp(measure, ['d', EVERYTHING], ['m', [EVERYTHING]], `'${month}'::date`), [days]);
  await narrow(tx, 'm', [month]);
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

/** Adds rows up to all that keep fewer dimensions: each wider one is read once for those that are made of it. */
async function narrow(tx: Queryable, grain: 'd' | 'm', firstDays: readonly string[]): Promise<void> {
  for (const wide of KEPT_TOGETHER[grain].toReversed()) {
    const narrower = KEPT_TOGETHER[grain].filter((kept) => kept !== wide && widerThan(kept, grain) === wide);
    if (narrower.length === 0) continue;
    for (const measure of ROLLUPS)
      await tx.query(addingUp(measure, [grain, wide], [grain, narrower], 'first_day'), [firstDays]);
  }
}

/** The width with the fewest rows that a narrower one can be made of. */
function widerThan(kept: number, grain: 'd' | 'm'): number | undefined {
  return KEPT_TOGETHER[grain].find((wide) => wide !== kept && (wide & kept) === kept);
}

/** Makes rows that keep fewer dimensions, or a month instead of a day, of rows that keep more: all widths in one reading. */
function addingUp(
  measure: Measure,
  [grain, wide]: readonly ['d' | 'm', number],
  [to, widths]: readonly ['d' | 'm', readonly number[]],
  firstDay: string,
): string {
  const sums = Object.keys(measure.sums);
  const ways = widths.map((kept) => `way_${kept}`);
  const sets = widths.map((kept) => `(${(kept & CENTRE_BIT) === 0 ? '' : 'centre_id, '}first_day, way_${kept})`);
  const centre = widths.some((kept) => (kept & CENTRE_BIT) !== 0) ? 'centre_id' : 'null::bigint as centre_id';
  const rows = `
    select case ${widths.map((kept) => `when grouping(way_${kept}) = 0 then ${kept}`).join(' ')} end as kept,
      first_day, ${centre}, coalesce(${ways.join(', ')}) as way, ${sums.map((sum) => `sum(${sum})::integer as ${sum}`).join(', ')}
    from (
      select first_day, centre_id, ${widths.map((kept) => `${narrowed('way', kept)} as way_${kept}`).join(', ')}, ${sums.join(', ')}
      from (
        select ${firstDay} as first_day, centre_id, unnest(ways) as way, ${sums.map((sum) => `unnest(${sum}) as ${sum}`).join(', ')}
        from ${measure.rollup} where grain = '${grain}' and kept = ${wide} and first_day = any($1::date[])
      ) unpacked
    ) wide
    group by grouping sets (${sets.join(', ')})`;
  return insertPacked(measure, rows, to, 'kept');
} // prettier-ignore

/** Counting of one measure beside the paths, from the paths. */
function counting(measure: Measure): string {
  return `
    select i.first_day, i.centre_id, i.place + w.id as way, ${aliased(measure.sums)}
    from counted i ${joined(measure)} ${known(`${measure.rollup}_way`, 'w', measure.keys)}
    where ${measure.where} group by 1, 2, 3`;
}

/** Writes counted rows, one row for each centre. `rows`: first_day, centre_id, way and sums; `kept`, if they have a column for it. */
function insertPacked({ rollup, sums }: Measure, rows: string, grain = 'd', kept = `${EVERYTHING}`): string {
  const names = Object.keys(sums);
  return `
    insert into ${rollup} (grain, kept, first_day, centre_id, ways, ${names.join(', ')})
    select '${grain}', ${kept}, first_day, centre_id, array_agg(way), ${names.map((sum) => `array_agg(${sum})`).join(', ')}
    from (${rows}) rows group by first_day, centre_id, 2
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
function known(dictionary: string, as: string, keys: Readonly<Record<string, string>>): string {
  const same = Object.entries(keys).map(([key, expression]) => {
    const none = NUMBERS.includes(key)
      ? '-1'
      : key === 'value'
        ? `'{"none": 1}'::jsonb`
        : String.raw`E'\x01'`;
    return `coalesce(${as}.${key}, ${none}) = coalesce(${expression}, ${none})`;
  });
  return ` left join ${dictionary} ${as} on ${same.join(' and ')}`;
}

function columnsOf(rows: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `${rows}.${name}`]));
}

function aliased(expressions: Readonly<Record<string, string>>): string {
  return Object.entries(expressions)
    .map(([name, expression]) => `${expression} as ${name}`)
    .join(', ');
}
