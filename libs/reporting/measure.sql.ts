import type { Queryable } from '#store/database';
import { DIMENSIONS, type Dimension, type ReportQuestion } from './question.js';

/** Something counted over the path of a visit, from the tables or from its roll-up: the same columns either way. */
export interface Measure {
  readonly rollup: string;
  /** The table it adds to VISIT_PATH, if any, with the conditions of its rows, and which rows of all it counts. */
  readonly beside: { readonly table: string; readonly as: string; readonly on: string } | null;
  readonly where: string;
  /** Which of the roll-up's ways, `w`, are this measure's. */
  readonly own: string;
  /** Columns that tell rows of one group apart, as expressions over the tables. */
  readonly keys: Readonly<Record<string, string>>;
  /** Whole numbers that add up. */
  readonly sums: Readonly<Record<string, string>>;
}

/** Days from one to another, both included. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export type Counted<K> = K & { readonly by: (string | null)[] };

const DAY = 'YYYY-MM-DD';
const WEEK = 'IYYY-"W"IW';
const MONTH = 'YYYY-MM';

/** How each dimension is read from some rows. */
export type Expressions = Readonly<Record<Dimension, string>>;

/** One expression per dimension, used alike to group and to filter, in every report: so that reports agree. */
const inTables: Expressions = {
  centre: 'c.code',
  service: 'v.service_code',
  campaign: 'k.key',
  channel: 'coalesce(i.sent_channel, d.channel)',
  variant: 'i.variant',
  language: 'coalesce(i.locale, v.language)',
  ...calendar('v.finished_on'),
};

/** A dimension as a roll-up stores it, and its bit in `kept`. */
export const ROLLUP_DIMENSIONS = [
  { name: 'centre', column: 'centre_id', stored: 'v.centre_id', bit: 1 },
  { name: 'service', column: 'service_code', stored: inTables.service, bit: 2 },
  { name: 'campaign', column: 'campaign_id', stored: 'd.campaign_id', bit: 4 },
  { name: 'channel', column: 'channel', stored: inTables.channel, bit: 8 },
  { name: 'variant', column: 'variant', stored: inTables.variant, bit: 16 },
  { name: 'language', column: 'language', stored: inTables.language, bit: 32 },
] as const satisfies readonly { name: Dimension; column: string; stored: string; bit: number }[];

/** Rows of the path of a visit. A decision taken back leaves its invitation out: only the standing one counts. */
export const VISIT_PATH = `
  visit v
  join centre c on c.id = v.centre_id
  left join decision d on d.visit_id = v.id
  left join definition k on k.id = d.campaign_id
  left join invitation i on i.visit_id = v.id and d.decision = 'invited'`;

/** The span and the filter of a question as SQL over VISIT_PATH, with placeholders from `$first` on. */
export function visitConditions(
  question: ReportQuestion,
  first: number,
  spans: readonly Span[] = [question],
): { conditions: string; values: unknown[] } {
  const values = new Values(first);
  const days = spans.map(
    ({ from, to }) => `v.finished_on between ${values.add(from)}::date and ${values.add(to)}::date`,
  );
  const filter = filterConditions(question, inTables, values);
  return { conditions: [`(${days.join(' or ')})`, ...filter].join(' and '), values: values.all };
}

/** The group of a visit as one array of text, over VISIT_PATH. */
export function visitGroup(by: readonly Dimension[]): string {
  return `array[${by.map((name) => inTables[name]).join(', ')}]::text[]`;
}

/** What a measure adds to VISIT_PATH. */
export function joined({ beside }: Measure): string {
  return beside === null ? '' : `join ${beside.table} ${beside.as} on ${beside.on}`;
}

/** Counts the visits of the spans in the tables themselves. `extra`: further keys, which no roll-up has. */
export async function countInTables<K>(
  db: Queryable,
  measure: Measure,
  question: ReportQuestion,
  spans: readonly Span[],
  extra: { keys: Readonly<Record<string, string>>; values: readonly unknown[] } = { keys: {}, values: [] },
): Promise<Counted<K>[]> {
  const { conditions, values } = visitConditions(question, extra.values.length + 1, spans);
  const from = `${VISIT_PATH} ${joined(measure)} where ${conditions} and ${measure.where}`;
  const keys = { ...measure.keys, ...extra.keys };
  return group<K>(db, question.by, inTables, keys, measure.sums, from, [...extra.values, ...values]);
}

/** Calendar parts are grouped as days and written once per group: writing them for each visit doubles the time. */
async function group<K>(
  db: Queryable,
  by: readonly Dimension[],
  expressions: Expressions,
  keys: Readonly<Record<string, string>>,
  sums: Readonly<Record<string, string>>,
  from: string,
  values: readonly unknown[],
): Promise<Counted<K>[]> {
  const groups = by.map((name, place) => `${grouping(name, expressions)} as by_${place}`);
  const columns = [
    ...groups,
    ...Object.entries(keys).map(([name, expression]) => `${expression} as ${name}`),
  ];
  const names = [...Object.keys(keys), ...Object.keys(sums)];
  const { rows } = await db.query<Counted<K> & object>(
    `select array[${by.map((name, place) => written(name, `by_${place}`)).join(', ')}]::text[] as by, ${names.join(', ')}
     from (
       select ${[...columns, ...Object.entries(sums).map(([name, sum]) => `${sum} as ${name}`)].join(', ')}
       from ${from}
       group by ${columns.map((_, place) => place + 1).join(', ')}
     ) counted`,
    values,
  );
  return rows;
}

/** Days, weeks and months of a date, as reports write them. */
export function calendar(day: string): Readonly<Record<'day' | 'week' | 'month', string>> {
  return {
    day: `to_char(${day}, '${DAY}')`,
    week: `to_char(${day}, '${WEEK}')`,
    month: `to_char(${day}, '${MONTH}')`,
  };
}

function grouping(name: Dimension, expressions: Expressions): string {
  const day = expressions.day.slice('to_char('.length, expressions.day.indexOf(','));
  if (name === 'day') return day;
  if (name === 'week' || name === 'month') return `date_trunc('${name}', ${day}::timestamp)::date`;
  return expressions[name];
}

function written(name: Dimension, column: string): string {
  const formats: Partial<Record<Dimension, string>> = { day: DAY, week: WEEK, month: MONTH };
  return name in formats ? `to_char(${column}, '${formats[name]}')` : column;
}

/** The filter of a question as conditions over rows that have these expressions. */
export function filterConditions(
  question: ReportQuestion,
  expressions: Expressions,
  values: Values,
): string[] {
  return DIMENSIONS.flatMap((name) => {
    const list = question.filter[name];
    return list === undefined
      ? []
      : [`coalesce(${expressions[name]}, '') = any(${values.add(list)}::text[])`];
  });
}

/** Values of a statement and their placeholders. */
export class Values {
  readonly all: unknown[] = [];

  constructor(private readonly first: number) {}

  add(value: unknown): string {
    this.all.push(value);
    return `$${this.first + this.all.length - 1}`;
  }
}
