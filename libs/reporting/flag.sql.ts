import type { Queryable } from '#store/database';
import { visitConditions, VISIT_PATH } from './measure.sql.js';
import { FLAGS, type Flag, type ReportQuestion } from './question.js';

/** How many visits of a report carry a flag, and what the report did with them. */
export interface Flagged {
  readonly robots: number;
  readonly staff: number;
  /** With either; some have both. */
  readonly any: number;
  /** The flags whose visits are left out of the figures. */
  readonly without: readonly Flag[];
  /** The flags one of which every counted visit carries; empty: the figures are not limited to them. */
  readonly only: readonly Flag[];
}

/** A report that says how many of its visits are flagged. */
export type WithFlagged<R> = R & { readonly flagged: Flagged };

type Flags = Pick<ReportQuestion, 'without' | 'only'>;

/** What stands for a flag that a visit carries. */
export const CARRIED = 'yes';

/** The flags that a question is about, in their order. */
export function flagsNamed({ without = [], only = [] }: Flags): Flag[] {
  return FLAGS.filter((flag) => without.includes(flag) || only.includes(flag));
}

/** Condition over `v` that keeps the visits the question counts. */
export function flagCondition({ without = [], only = [] }: Flags): string {
  const carries = (flags: readonly Flag[]): string =>
    // From a closed list, so they can stand in the statement.
    `exists (select from visit_flag f where f.visit_id = v.id and f.flag in (${flags.map((flag) => `'${flag}'`).join(', ')}))`;
  const kept = [...(without.length > 0 ? [`not ${carries(without)}`] : []), ...(only.length > 0 ? [carries(only)] : [])]; // prettier-ignore
  return kept.length > 0 ? kept.join(' and ') : 'true';
}

/** The flags of `v` as one text, in their order; null where it has none. */
export const FLAGS_OF_VISIT = `(select string_agg(f.flag, '|' order by f.flag) from visit_flag f where f.visit_id = v.id)`;

/** One text for each of some flags: whether `v` carries it; null where it does not. */
export function flagColumns(flags: readonly Flag[]): Record<Flag, string> {
  const columns = flags.map((flag) => [
    flag,
    `case when exists (select from visit_flag f where f.visit_id = v.id and f.flag = '${flag}') then '${CARRIED}' end`,
  ]);
  return Object.fromEntries(columns) as Record<Flag, string>;
}

/** Whether a question counts visits that carry these flags and no others. */
export function flagsPass({ without = [], only = [] }: Flags, carried: (flag: Flag) => boolean): boolean {
  return !without.some(carried) && (only.length === 0 || only.some(carried));
}

/** Counts the flagged visits of the question's span and filter, also those it leaves out. */
export async function flaggedVisits(db: Queryable, question: ReportQuestion): Promise<Flagged> {
  const { conditions, values } = visitConditions(question, 1);
  const { rows } = await db.query<Pick<Flagged, 'robots' | 'staff' | 'any'>>(
    `select count(*) filter (where x.flags like '%robots%')::int as robots,
            count(*) filter (where x.flags like '%staff%')::int as staff, count(*)::int as any
     from (select visit_id, string_agg(flag, '|') as flags from visit_flag group by visit_id) x
     join ${VISIT_PATH} on v.id = x.visit_id
     where ${conditions}`,
    values,
  );
  const [counted = { robots: 0, staff: 0, any: 0 }] = rows;
  return { ...counted, without: question.without ?? [], only: question.only ?? [] };
}
