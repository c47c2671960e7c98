import type { Queryable } from '#store/database';
import { calendar, filterConditions, Values, type Counted, type Expressions, type Measure, type Span } from './measure.sql.js'; // prettier-ignore
import type { ReportQuestion } from './question.js';
import { addedUpByServer, type Kept } from './rollup-plan.js';
import { CENTRE_BIT, narrowed, neededBits, partOf, SERVICE, SLICE, wayOf } from './rollup-shape.js';

/** Version of what the roll-ups count; it changes when a fact, a key or a dimension does, and all days are counted anew. */
export const COUNTING_RULE = 2;

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

const inRollup: Expressions = {
  centre: 'c.code',
  service: 'f.service_code',
  campaign: 'k.key',
  channel: 's.channel',
  variant: 's.variant',
  language: 's.language',
  ...calendar('r.first_day'),
};

/** What was counted in one group: a list of numbers of ways, and one list of as many numbers for each sum. */
type PackedRow = Readonly<Record<string, string | null>>;

interface Reading {
  readonly measure: Measure;
  readonly question: ReportQuestion;
  readonly conditions: readonly string[];
  readonly values: Values;
}

/** Counts the given days, or months by their first days, in the roll-up of this width. */
export async function countInRollup<K>(
  view: Queryable,
  measure: Measure,
  question: ReportQuestion,
  grain: 'd' | 'm',
  firstDays: readonly string[],
  kept: number,
): Promise<Counted<K>[]> {
  const values = new Values(1);
  const days = `r.first_day = any(${values.add(firstDays)}::date[])`;
  const reading = {
    measure,
    question,
    values,
    conditions: [`r.grain = '${grain}' and r.kept = ${kept}`, days],
  };
  const names = Object.keys(measure.sums);
  const keys = Object.keys(measure.keys);
  const known = await waysOf(view, measure);
  const sums = addedUpByServer(kept) ? await addedUpThere(view, reading) : await addedUpHere(view, reading);
  return sums.flatMap(({ by, found }) =>
    [...found].flatMap(([id, numbers]) => {
      const way = known.get(id);
      if (way === undefined) return [];
      const row: Record<string, unknown> = { by };
      for (const key of keys) row[key] = way[key];
      for (let place = 0; place < names.length; place++) row[names[place] ?? ''] = numbers[place];
      return [row];
    }),
  ) as Counted<K>[];
}

/** The measure's own ways by number. */
async function waysOf(
  view: Queryable,
  { rollup, own, keys }: Measure,
): Promise<Map<number, Readonly<Record<string, unknown>>>> {
  const columns = Object.keys(keys).map((key) => `w.${key}`);
  const { rows } = await view.query<{ id: number } & Record<string, unknown>>(
    `select w.id, ${columns.join(', ')} from ${rollup}_way w where ${own}`,
  );
  return new Map(rows.map(({ id, ...way }) => [id, way]));
}

interface Sums {
  readonly by: (string | null)[];
  /** By way. */
  readonly found: Map<number, number[]>;
}

/** Reads rows as they are kept. Their numbers are of ways alone. */
async function addedUpHere(
  view: Queryable,
  { measure, question, conditions, values }: Reading,
): Promise<Sums[]> {
  const where = [...conditions, ...filterConditions(question, inRollup, values)];
  const groups = question.by.map((name, at) => `${inRollup[name]} as by_${at}`);
  const names = Object.keys(measure.sums);
  const lists = ['ways', ...names].map((name) => `array_to_string(r.${name}, ',') as ${name}`);
  const { rows } = await view.query<PackedRow>(
    `select ${[...groups, ...lists].join(', ')} from ${measure.rollup} r left join centre c on c.id = r.centre_id
     where ${where.join(' and ')}`,
    values.all,
  );
  return addedUp(question, names, rows);
}

/**
 * Has rows added up by the server: first by day, centre and number as far as the question needs them, then by what the
 * dictionaries say.
 */
async function addedUpThere(
  view: Queryable,
  { measure, question, conditions, values }: Reading,
): Promise<Sums[]> {
  const names = Object.keys(measure.sums);
  const sums = (rows: string): string => names.map((name) => `sum(${rows}.${name}) as ${name}`).join(', ');
  const rowsWhere = [...conditions, ...filterConditions(filteredBy(question, ofRows), inRollup, values)];
  const where = filterConditions(filteredBy(question, (name) => !ofRows(name)), inRollup, values);
  const needed = neededBits(question);
  const dated = question.by.some(isCalendar);
  const groups = question.by.map((name, place) => `${inRollup[name]} as by_${place}`);
  const places = question.by.map((_, place) => `g.by_${place}`);
  const { rows } = await view.query<PackedRow>(
    `select ${[...places, ...['ways', ...names].map((name) => `string_agg(g.${name}::text, ',') as ${name}`)].join(', ')}
     from (
       select ${[...groups, `${partOf('r.way', { one: 1, last: SLICE.last })} as ways`, sums('r')].join(', ')}
       from (
         select ${dated ? 'u.first_day' : 'null::date as first_day'}, ${(needed & CENTRE_BIT) !== 0 ? 'u.centre_id' : 'null::bigint as centre_id'},
           ${narrowed('u.way', needed)} as way, ${sums('u')}
         from (
           select r.first_day, r.centre_id, unnest(r.ways) as way, ${names.map((name) => `unnest(r.${name}) as ${name}`).join(', ')}
           from ${measure.rollup} r left join centre c on c.id = r.centre_id
           where ${rowsWhere.join(' and ')}
         ) u
         group by 1, 2, 3
       ) r
       left join rollup_slice s on s.id = ${partOf('r.way', SLICE)}
       left join rollup_service f on f.id = ${partOf('r.way', SERVICE)}
       left join centre c on c.id = r.centre_id
       left join definition k on k.id = s.campaign_id
       where ${['true', ...where].join(' and ')}
       group by ${[...groups, ''].map((_, place) => place + 1).join(', ')}
     ) g ${places.length > 0 ? `group by ${places.join(', ')}` : ''}`,
    values.all,
  );
  return addedUp(question, names, rows);
} // prettier-ignore

/** Whether a dimension is told by a row's own columns, and not by its numbers. */
function ofRows(name: string): boolean {
  return name === 'centre' || isCalendar(name);
}

function isCalendar(name: string): boolean {
  return name === 'day' || name === 'week' || name === 'month';
}

function filteredBy(question: ReportQuestion, kept: (name: string) => boolean): ReportQuestion {
  return {
    ...question,
    filter: Object.fromEntries(Object.entries(question.filter).filter(([name]) => kept(name))),
  };
}

/** Adds rows up by group and way. */
function addedUp(
  { by: dimensions }: ReportQuestion,
  names: readonly string[],
  rows: readonly PackedRow[],
): Sums[] {
  const groups = new Map<string, Sums>();
  for (const row of rows) {
    const by = dimensions.map((_, place) => row[`by_${place}`] ?? null);
    const key = JSON.stringify(by);
    const group = groups.get(key) ?? { by, found: new Map<number, number[]>() };
    groups.set(key, group);
    const lists = names.map((name) => (row[name] ?? '').split(','));
    for (const [at, text] of (row.ways ?? '').split(',').entries()) {
      if (text !== '') addTo(group.found, wayOf(Number(text)), lists, at);
    }
  }
  return [...groups.values()];
}

function addTo(found: Map<number, number[]>, way: number, lists: readonly string[][], at: number): void {
  const sums = found.get(way);
  if (sums === undefined) {
    found.set(way, lists.map((list) => Number(list[at])));
    return;
  }
  for (const [place, list] of lists.entries()) sums[place] = (sums[place] ?? 0) + Number(list[at]);
} // prettier-ignore
