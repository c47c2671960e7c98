import type { Queryable } from '#store/database';
import { FACTS, type InvitationFacts } from './disposition.js';
import type { Dimension, ReportQuestion } from './question.js';

/** Visits that went the same way: equal group, decision, reason and facts. */
export interface PathCount extends InvitationFacts {
  readonly by: (string | null)[];
  readonly decision: 'invited' | 'control' | 'not_invited' | null;
  readonly reason: string | null;
  /** The link can still be answered, so the facts may change. */
  readonly open: boolean;
  readonly visits: number;
}

const DAY = 'YYYY-MM-DD';
const WEEK = 'IYYY-"W"IW';
const MONTH = 'YYYY-MM';

/** One expression per dimension, used alike to group and to filter, in every report: so that reports agree. */
const expressions: Readonly<Record<Dimension, string>> = {
  centre: 'c.code',
  service: 'v.service_code',
  campaign: 'k.key',
  channel: 'coalesce(i.sent_channel, d.channel)',
  variant: 'i.variant',
  language: 'coalesce(i.locale, v.language)',
  day: `to_char(v.finished_on, '${DAY}')`,
  week: `to_char(v.finished_on, '${WEEK}')`,
  month: `to_char(v.finished_on, '${MONTH}')`,
};

/** Calendar parts are grouped as days and written once per group: writing them for each visit doubles the time. */
const grouping: Readonly<Partial<Record<Dimension, string>>> = {
  day: 'v.finished_on',
  week: `date_trunc('week', v.finished_on::timestamp)::date`,
  month: `date_trunc('month', v.finished_on::timestamp)::date`,
};
const written: Readonly<Partial<Record<Dimension, (column: string) => string>>> = {
  day: (column) => `to_char(${column}, '${DAY}')`,
  week: (column) => `to_char(${column}, '${WEEK}')`,
  month: (column) => `to_char(${column}, '${MONTH}')`,
};

/** Rows of the path of a visit. A decision taken back leaves its invitation out: only the standing one counts. */
export const VISIT_PATH = `
  visit v
  join centre c on c.id = v.centre_id
  left join decision d on d.visit_id = v.id
  left join definition k on k.id = d.campaign_id
  left join invitation i on i.visit_id = v.id and d.decision = 'invited'`;

/** Half of what the survey asks of everyone is answered in time. Evaluated for break-offs only. */
const enough = `
  case when i.started_at is not null and i.completed_at is null then (
    select 2 * count(a.question_key) >= count(*)
    from definition s
    cross join lateral jsonb_array_elements(s.content -> 'questions') q
    left join answer a on a.invitation_id = i.id and a.question_key = q ->> 'key' and not a.late
    where s.id = i.survey_id and q -> 'when' is null and coalesce(q ->> 'optional', 'false') <> 'true'
  ) else false end`;

/** What a person does counts while the link is valid; what is known about the visit or the number counts always. */
const facts: Readonly<Record<keyof InvitationFacts, string>> = {
  ineligible: 'i.ineligible_at is not null',
  completed: 'coalesce(i.completed_at <= i.expires_at, false)',
  enough,
  started: 'coalesce(i.started_at <= i.expires_at, false)',
  refused: 'coalesce(i.refused_at <= i.expires_at, false)',
  wrongNumber: 'i.wrong_number_at is not null',
  opened: 'coalesce(i.opened_at <= i.expires_at, false)',
  seen: 'coalesce(i.seen_at <= i.expires_at, false)',
  late: 'coalesce(i.completed_at > i.expires_at, false)',
  sent: 'i.sent_at is not null',
  delivered: 'i.delivered_at is not null',
  undelivered: 'i.undelivered_at is not null',
};

/**
 * The facts of `i` as one number, a bit for each in the order of FACTS. Grouping by one small number takes half the
 * time of grouping by twelve columns.
 */
export const FACT_BITS = FACTS.map(
  (fact, bit) => `case when ${facts[fact]} then ${2 ** bit} else 0 end`,
).join(' + ');

/** The facts that FACT_BITS wrote. */
export function factsOf(bits: number): InvitationFacts {
  const known = FACTS.map((fact, bit): [string, boolean] => [fact, (bits & (1 << bit)) !== 0]);
  return Object.fromEntries(known) as Record<keyof InvitationFacts, boolean>;
}

/**
 * Counts the visits of the question by group and path. `now`: civil time, tells which invitations are still open.
 * Every visit that finished in the span and passes the filter is in exactly one row.
 */
export async function visitPathCount(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<PathCount[]> {
  const { conditions, values } = visitConditions(question, 2);
  const keys = question.by.map(
    (name, place) => `${grouping[name] ?? expressions[name]} as ${columnOf(name, place)}, `,
  );
  const by = question.by.map(
    (name, place) => written[name]?.(columnOf(name, place)) ?? columnOf(name, place),
  );
  const { rows } = await db.query<PathRow>(
    `select array[${by.join(', ')}]::text[] as by, decision, reason, facts, open, visits from (
       select ${keys.join('')} d.decision, d.reason, ${FACT_BITS} as facts,
              coalesce(i.expires_at > $1, false) as open, count(*)::int as visits
       from ${VISIT_PATH}
       where ${conditions}
       group by ${Array.from({ length: keys.length + 4 }, (_, column) => column + 1).join(', ')}
     ) counted`,
    [now, ...values],
  );
  return rows.map(({ facts: bits, ...row }) => ({ ...row, ...factsOf(bits) }));
}

function columnOf(name: Dimension, place: number): string {
  return `${name}_${place}`;
}

/** The span and the filter of a question as SQL over VISIT_PATH, with placeholders from `$first` on. */
export function visitConditions(
  question: ReportQuestion,
  first: number,
): { conditions: string; values: unknown[] } {
  const values: unknown[] = [question.from, question.to];
  const conditions = [`v.finished_on between $${first}::date and $${first + 1}::date`];
  for (const [name, list] of Object.entries(question.filter)) {
    values.push(list);
    const place = first + values.length - 1;
    conditions.push(`coalesce(${expressions[name as Dimension]}, '') = any($${place}::text[])`);
  }
  return { conditions: conditions.join(' and '), values };
}

/** The group of a visit as one array of text, over VISIT_PATH. */
export function visitGroup(by: readonly Dimension[]): string {
  return `array[${by.map((name) => expressions[name]).join(', ')}]::text[]`;
}

type PathRow = Omit<PathCount, keyof InvitationFacts> & { facts: number };
