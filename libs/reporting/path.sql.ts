import type { Queryable } from '#store/database';
import { disposition, FACTS, type InvitationFacts, type Letter } from './disposition.js';
import { count } from './kept-count.js';
import type { Counted, Measure } from './measure.sql.js';
import type { ReportQuestion } from './question.js';

/** Visits that went the same way: equal group, decision, reason and facts. */
export interface PathCount {
  readonly by: (string | null)[];
  readonly decision: 'invited' | 'control' | 'not_invited' | null;
  readonly reason: string | null;
  readonly facts: InvitationFacts;
  /** The disposition of the facts, for visits that were invited. */
  readonly letter: Letter;
  /** The link can still be answered, so the facts may change. */
  readonly open: boolean;
  readonly visits: number;
}

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
  // Planning writes in the visitor's language when the campaign speaks it, and else in the default one.
  foreign: `i.id is not null and v.language is not null and lower(left(v.language, 2)) <> i.locale`,
};

/**
 * The facts of `i` as one number, a bit for each in the order of FACTS. Grouping by one small number takes half the
 * time of grouping by so many columns.
 */
export const FACT_BITS = FACTS.map(
  (fact, bit) => `case when ${facts[fact]} then ${2 ** bit} else 0 end`,
).join(' + ');

/** Visits by how they went. Facts are kept, not codes: a new rule for dispositions needs no new count. */
export const PATHS: Measure = {
  rollup: 'rollup_path',
  beside: null,
  where: 'true',
  own: 'true',
  keys: { decision: 'd.decision', reason: 'd.reason', facts: FACT_BITS },
  sums: { visits: 'count(*)::int' },
};

// There are few combinations, and very many rows of each.
const combinations = new Map<number, Pick<PathCount, 'facts' | 'letter'>>();

/** The facts that FACT_BITS wrote. */
export function factsOf(bits: number): InvitationFacts {
  return combinationOf(bits).facts;
}

function combinationOf(bits: number): Pick<PathCount, 'facts' | 'letter'> {
  const known = combinations.get(bits);
  if (known !== undefined) return known;
  const named = FACTS.map((fact, bit): [string, boolean] => [fact, (bits & (1 << bit)) !== 0]);
  const facts = Object.fromEntries(named) as Record<keyof InvitationFacts, boolean>;
  const combination = { facts, letter: disposition(facts).letter };
  combinations.set(bits, combination);
  return combination;
}

/**
 * Counts the visits of the question by group and path. `now`: civil time, tells which invitations are still open.
 * Every visit that finished in the span and passes the filter is counted once; a group may have several rows of the
 * same path.
 */
export async function visitPathCount(
  db: Queryable,
  question: ReportQuestion,
  now: Date,
): Promise<PathCount[]> {
  const stillOpen = { open: 'coalesce(i.expires_at > $1, false)' };
  const rows = await count<PathRow>(db, PATHS, question, now, { keys: stillOpen, values: [now] });
  return rows.map(({ by, decision, reason, facts: bits, open, visits }) => {
    const { facts: known, letter } = combinationOf(bits);
    return { by, decision, reason, facts: known, letter, open: open ?? false, visits };
  });
}

type PathRow = Omit<Counted<PathCount>, 'facts' | 'letter' | 'open'> & { facts: number; open?: boolean };
