import { z } from 'zod';
import { addDays, type CivilDate } from '#kernel/zone';
import { DIMENSIONS, FLAGS, type Dimension, type ReportQuestion } from '#reporting/question';
import { wholeMonths } from '#reporting/reporting-period';

/** What rates can be grouped by on the page, in the order of its links. */
export const GROUPS = [
  'centre',
  'service',
  'channel',
  'campaign',
  'variant',
  'language',
  'week',
  'month',
] as const;
export type AnalysisGroup = (typeof GROUPS)[number];

/** Dimensions a person may filter by. */
export const FILTERS = ['centre', 'service', 'campaign', 'channel'] as const satisfies readonly Dimension[];

const choice = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().filter((one) => one !== ''));
const filters = Object.fromEntries(FILTERS.map((name) => [name, choice.optional()])) as Record<
  (typeof FILTERS)[number],
  z.ZodOptional<typeof choice>
>;

/** The address of the page: everything that is shown follows from it, so it can be sent to a colleague. */
export const analysisQuery = z.object({
  from: z.union([z.iso.date(), z.literal('')]).optional(),
  to: z.union([z.iso.date(), z.literal('')]).optional(),
  group: z.enum(GROUPS).catch('centre'),
  without: choice.transform((given) => FLAGS.filter((flag) => given.includes(flag))).optional(),
  ...filters,
});
export type AnalysisQuery = z.output<typeof analysisQuery>;

export interface AnalysisAsked {
  readonly question: ReportQuestion;
  readonly group: AnalysisGroup;
}

/** Whole months, that of `today` and two before it, unless asked otherwise; days given in the wrong order are turned round. */
export function analysisAsked(
  { from, to, group, without, ...given }: AnalysisQuery,
  today: CivilDate,
): AnalysisAsked {
  const usual = usualPeriod(today);
  const days = [from || usual.from, to || usual.to].sort();
  const filter = Object.fromEntries(Object.entries(given).filter(([, list]) => list && list.length > 0));
  const span = { from: days[0] ?? usual.from, to: days[1] ?? usual.to };
  return { question: { ...span, by: [], filter, ...(without?.length && { without }) }, group };
}

/** The address that asks for this, with some parts changed. */
export function analysisAddress({ question, group }: AnalysisAsked, path = '/analysis'): string {
  const query = new URLSearchParams({ from: question.from, to: question.to, group });
  for (const name of DIMENSIONS) for (const value of question.filter[name] ?? []) query.append(name, value);
  for (const flag of question.without ?? []) query.append('without', flag);
  return `${path}?${query.toString()}`;
}

function usualPeriod(today: CivilDate): { from: CivilDate; to: CivilDate } {
  const { from, to } = wholeMonths({ from: today, to: today });
  const before = wholeMonths({ from: addDays(from, -32), to: addDays(from, -32) });
  return { from: before.from, to };
}
