import { z } from 'zod';
import { DIMENSIONS, type Dimension } from '#kernel/dimensions';
import { AppError } from '#kernel/errors';
import type { CivilDate } from '#kernel/zone';

export { DIMENSIONS, type Dimension };

/**
 * Signs that an answer is not a visitor's: a program may have given it, or the record may be made up at the desk. Reports
 * count such visits unless told otherwise, and say how many there are.
 */
export const FLAGS = ['robots', 'staff'] as const;
export type Flag = (typeof FLAGS)[number];

/** Values of the grouping dimensions; null where a visit has none (a visit nobody invited has no variant). */
export type By = Readonly<Partial<Record<Dimension, string | null>>>;

export interface ReportQuestion {
  /** First and last day, both included, in the zone of each visit's centre. */
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly by: readonly Dimension[];
  /** Keeps visits whose value is in the list; '' stands for "has none". */
  readonly filter: Readonly<Partial<Record<Dimension, readonly string[]>>>;
  /** Leaves out visits that carry one of these flags. */
  readonly without?: readonly Flag[];
  /** Keeps only visits that carry one of these flags. */
  readonly only?: readonly Flag[];
}

const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'must be a day like 2026-03-31')
  .refine(isCalendarDay, 'is not a day of the calendar');
const dimension = z.enum(DIMENSIONS, { error: `must be among ${DIMENSIONS.join(', ')}` });
const flag = z.enum(FLAGS, { error: `must be among ${FLAGS.join(', ')}` });

/** `centre,month`, repeated or as a list; empty parts are ignored. */
const listOf = <T extends string>(one: z.ZodType<T, string>) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((part) => part.split(',')))
    .transform((parts) => [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))])
    .pipe(z.array(one));

const values = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());
const filterShape = Object.fromEntries(DIMENSIONS.map((name) => [name, values.optional()])) as Record<
  Dimension,
  z.ZodOptional<typeof values>
>;

/** The query of a report as people type it: `?from=2026-03-01&to=2026-03-31&by=centre,month&campaign=after-visit`. */
export const reportQuery = z
  .strictObject({
    from: day.describe('first day, in the zone of each centre'),
    to: day.describe('last day, included'),
    by: listOf(dimension)
      .optional()
      .describe(`any of ${DIMENSIONS.join(', ')}, separated by commas`),
    without: listOf(flag).optional().describe('flags whose visits are left out: robots, staff'),
    only: listOf(flag).optional().describe('flags of which each visit carries one: robots, staff'),
    ...filterShape,
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before from' });

export type ReportQuery = z.input<typeof reportQuery>;

/** Reads a query; throws AppError `report_invalid` that names each wrong part. */
export function reportQuestion(query: ReportQuery): ReportQuestion {
  const parsed = reportQuery.safeParse(query);
  if (parsed.success) return toQuestion(parsed.data);
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new AppError('report_invalid', `The report cannot be made: ${problems.join('; ')}.`, {
    details: problems,
  });
}

export function toQuestion(query: z.output<typeof reportQuery>): ReportQuestion {
  const { from, to, by, without, only, ...filter } = query;
  const given = Object.entries(filter).filter(([, list]) => list !== undefined);
  return {
    from,
    to,
    by: by ?? [],
    filter: Object.fromEntries(given),
    ...(without?.length && { without }),
    ...(only?.length && { only }),
  };
}

function isCalendarDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
