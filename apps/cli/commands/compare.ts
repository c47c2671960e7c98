import { Argument, type Command } from 'commander';
import { reportCompare } from '#reporting/compare-report';
import { reportExperiments } from '#reporting/experiment-report';
import { FLAGS, reportQuestion, type ReportQuestion } from '#reporting/question';
import { reportTrend } from '#reporting/trend-report';
import type { Queryable } from '#store/database';
import { withProcess, type Context } from '../context.js';

type Ask = (db: Queryable, question: ReportQuestion, now: Date) => Promise<object>;

const comparisons: Readonly<Record<string, Ask>> = {
  centres: (db, question, now) => reportCompare(db, question, 'centre', now),
  employees: (db, question, now) => reportCompare(db, question, 'employee', now),
  weeks: reportTrend,
  experiments: reportExperiments,
};

interface Options {
  readonly from: string;
  readonly to: string;
  readonly centre?: string[];
  readonly campaign?: string[];
  readonly without?: string;
  readonly only?: string;
}

/** `vidhuk compare`: what differs, what fell, which text does better; as JSON, since each has its own shape. */
export function addCompare(program: Command, context: Context): void {
  program
    .command('compare')
    .addArgument(new Argument('<what>', 'what is held against what').choices(Object.keys(comparisons)))
    .description(
      'centres or employees inside their service mix, weeks watched for a drop, texts and control group',
    )
    .requiredOption('--from <date>', 'first day, in the zone of each centre')
    .requiredOption('--to <date>', 'last day')
    .option('--centre <code...>', 'only these centres')
    .option('--campaign <key...>', 'only these campaigns')
    .option('--without <flags>', `leave out visits with these flags: ${FLAGS.join(', ')}`)
    .option('--only <flags>', 'only visits with one of these flags')
    .option('--json', 'the form it has anyway')
    .addHelpText('after', '\nExample:\n  vidhuk compare centres --from 2026-01-01 --to 2026-03-31')
    .action(async (what: string, { from, to, centre, campaign, without, only }: Options) => {
      const question = reportQuestion({
        from,
        to,
        ...(centre && { centre }),
        ...(campaign && { campaign }),
        ...(without !== undefined && { without }),
        ...(only !== undefined && { only }),
      });
      const ask = comparisons[what] ?? reportTrend;
      const result = await withProcess(context, ({ database, clock }) =>
        ask(database, question, clock.now()),
      );
      context.out(`${JSON.stringify(result, null, 2)}\n`);
    });
}
