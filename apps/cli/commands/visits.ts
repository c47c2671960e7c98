import { InvalidArgumentError, type Command } from 'commander';
import type { IntakeSummary } from '#intake/tally';
import { runVisitsImport } from '#intake/visits-import';
import { json, line, withProcess, type Context } from '../context.js';
import { addVisitFlags } from './visit-flags.js';

interface Options {
  readonly source: string;
  readonly mapping: string;
  readonly dryRun: boolean;
  readonly rejects?: string;
  readonly json?: boolean;
}

export function addVisits(program: Command, context: Context): void {
  const visits = program.command('visits').description('records of completed visits');
  addVisitFlags(visits, context);
  visits
    .command('import')
    .argument('<file>', 'CSV or JSONL, plain or gzipped; - reads standard input')
    .requiredOption('--source <key>', 'the queue system the records come from', named)
    .requiredOption('--mapping <file>', 'YAML that names the columns of the file')
    .option('--dry-run', 'read and check everything, write nothing', false)
    .option('--rejects <file>', 'write the rows that were not taken, with line and reason')
    .option('--json', 'for machines')
    .description('take visits in; a record that came before is counted once')
    .addHelpText(
      'after',
      '\nExample:\n  vidhuk visits import visits.csv.gz --source hall --mapping hall.yaml --rejects rejects.csv',
    )
    .action(async (file: string, options: Options) => {
      const progress = progressLine(context);
      const summary = await withProcess(context, (process) =>
        runVisitsImport(process, {
          file,
          stdin: context.stdin,
          source: options.source,
          mapping: options.mapping,
          dryRun: options.dryRun,
          ...(options.rejects === undefined ? {} : { rejects: options.rejects }),
          onProgress: progress.show,
        }),
      );
      progress.end();
      if (options.json) return json(context, summary);
      tell(context, summary, options.dryRun);
    });
}

function named(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must name the queue system, such as hall.');
  return text;
}

function tell(context: Context, summary: IntakeSummary, dryRun: boolean): void {
  const { read, accepted, duplicates, rejected, visits, reasons } = summary;
  if (dryRun) line(context, 'Dry run: nothing was written.');
  line(context, `read        ${read}`);
  line(context, `accepted    ${accepted}   (new visits: ${visits})`);
  line(context, `duplicates  ${duplicates}`);
  line(context, `rejected    ${rejected}`);
  for (const [reason, count] of Object.entries(reasons)) {
    if (count > 0) line(context, `  ${reason.padEnd(16)} ${count}`);
  }
}

/** A line that is drawn over and over on a terminal; nothing at all elsewhere. */
function progressLine(context: Context): { show: (summary: IntakeSummary) => void; end: () => void } {
  if (!context.interactive) return { show: () => undefined, end: () => undefined };
  return {
    show: ({ read, rejected }) => context.err(`\r${read} rows read, ${rejected} rejected`),
    end: () => context.err('\n'),
  };
}
