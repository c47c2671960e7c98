import type { Command } from 'commander';
import { DIMENSIONS, FLAGS, reportQuestion, type Dimension, type ReportQuestion } from '#reporting/question';

/** What a report or an export is about, as typed: days, and one option for each filter. */
export type QuestionOptions = {
  readonly from: string;
  readonly to: string;
  readonly by?: string;
  readonly without?: string;
  readonly only?: string;
} & { readonly [name in Dimension]?: string[] };

/** Filters of the calendar are spans already. */
const FILTERS = DIMENSIONS.filter((name) => !['day', 'week', 'month'].includes(name));

/** Adds --from, --to and a filter for each dimension, all repeatable; '' stands for "has none". */
export function addQuestion(command: Command): Command {
  command
    .requiredOption('--from <date>', 'first day, in the zone of each centre')
    .requiredOption('--to <date>', 'last day, included');
  for (const name of FILTERS) {
    command.option(`--${name} <value...>`, `only visits of these; '' stands for none`);
  }
  return command
    .option('--without <flags>', `leave out visits with these flags: ${FLAGS.join(', ')}`)
    .option('--only <flags>', 'only visits with one of these flags');
}

/** Throws AppError `report_invalid` that names each wrong part. */
export function questionOf(options: QuestionOptions): ReportQuestion {
  const { from, to, by, without, only } = options;
  const filter = Object.fromEntries(
    FILTERS.flatMap((name) => (options[name] ? [[name, options[name]]] : [])),
  );
  return reportQuestion({
    from,
    to,
    ...(by !== undefined && { by }),
    ...(without !== undefined && { without }),
    ...(only !== undefined && { only }),
    ...filter,
  });
}
