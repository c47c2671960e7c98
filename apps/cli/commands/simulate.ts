import { InvalidArgumentError, type Command } from 'commander';
import { Vault } from '#contacts/vault';
import { readMapping } from '#intake/mapping/read-mapping';
import { DIMENSIONS, type Dimension } from '#kernel/dimensions';
import type { LedgerGroup } from '#planning/simulate/ledger-groups';
import { simulate, type SimulationResult } from '#planning/simulate/simulate';
import { json, line, withProcess, type Context } from '../context.js';
import { fileFeed } from '../file-feed.js';

interface Options {
  readonly visits: string;
  readonly mapping: string;
  readonly pack: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly decisions?: string;
  readonly by: readonly Dimension[];
  readonly responseRate: number;
  readonly partPrice?: number;
  readonly json?: boolean;
}

export function addSimulate(program: Command, context: Context): void {
  program
    .command('simulate')
    .requiredOption('--visits <file>', 'CSV or JSONL of visit records, plain or gzipped')
    .requiredOption('--mapping <file>', 'YAML that names the columns of the file')
    .requiredOption('--pack <dir>', 'the campaigns to try')
    .option('--from <iso>', 'only records that finished then or later', moment)
    .option('--to <iso>', 'only records that finished before', moment)
    .option('--decisions <file>', 'write what becomes of each visit, as CSV')
    .option('--by <list>', `the ledger by any of ${DIMENSIONS.join(', ')}`, dimensions, [])
    .option('--response-rate <percent>', 'of those invited, how many are expected to answer', amount, 10)
    .option('--part-price <price>', 'of one SMS part, to see what a month costs', amount)
    .option('--json', 'for machines')
    .description('what a pack would do with real visits: whom it asks, when, at what cost; sends nothing')
    .addHelpText(
      'after',
      '\nExample:\n  vidhuk simulate --visits january.csv.gz --mapping hall.yaml --pack templates/cnap --decisions out.csv',
    )
    .action(async (options: Options) => {
      const feed = fileFeed(options.visits, await readMapping(options.mapping));
      const progress = progressLine(context);
      const report = await withProcess(context, ({ database, secretKey }) =>
        simulate(
          { beside: database, vault: new Vault(secretKey) },
          {
            feed,
            rules: { packDir: options.pack },
            from: options.from,
            to: options.to,
            decisionsFile: options.decisions,
            by: options.by,
            assumptions: { responsePercent: options.responseRate, partPrice: options.partPrice },
            onProgress: progress.show,
          },
        ),
      );
      progress.end();
      if (options.json) return json(context, { ...report, rejected: feed.rejected });
      tell(context, report, feed.rejected);
      if (options.by.length > 0) tellGroups(context, options.by, report.groups);
    });
}

function moment(text: string): Date {
  const at = new Date(text);
  // A day alone would be midnight in Greenwich, which nobody here means.
  if (!/T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('It must be a time with its offset, such as 2020-01-13T00:00:00+02:00.');
  }
  return at;
}

function dimensions(text: string): Dimension[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(DIMENSIONS as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`It must be among ${DIMENSIONS.join(', ')}.`);
  }
  return [...new Set(names)] as Dimension[];
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('It must be a number, 0 or more.');
  return value;
}

function tell(context: Context, report: SimulationResult, rejected: number): void {
  const row = (name: string, value: number | string): void => line(context, `${name.padEnd(22)}${value}`);
  row('records', `${report.records} (${report.duplicates} repeated, ${rejected} unreadable)`);
  row('visits', report.visits);
  for (const [decision, count] of Object.entries(report.decisions)) row(decision, count);
  for (const [reason, count] of Object.entries(report.reasons)) if (count > 0) row(`  ${reason}`, count);
  if (report.peak) row('busiest hour', `${report.peak.hour}: ${report.peak.messages} messages`);
  for (const { hour, messages, most } of report.dayHours)
    row(`  ${hour} at the centre`, `${messages} messages, at most ${most} in one day`);
  const { responsePercent, answers } = report.expected;
  row('expected answers', `${answers} (at ${responsePercent} %)`);
  for (const { month, invitations, channels, smsParts, cost } of report.months) {
    const price = cost === null ? '' : `, ${cost} at most`;
    row(month, `${invitations} invitations (viber ${channels.viber}, sms ${channels.sms}), ${smsParts} SMS parts at most${price}`); // prettier-ignore
  }
}

const GROUP_COLUMNS = ['visits', 'invited', 'control', 'not invited'];

/** One line for each group: its values, then the counts. */
function tellGroups(context: Context, by: readonly Dimension[], groups: readonly LedgerGroup[]): void {
  const lines = groups.map((group) => [
    ...by.map((name) => group.by[name] ?? '-'),
    ...[group.visits, group.decisions.invited, group.decisions.control, group.decisions.not_invited].map(
      String,
    ),
  ]);
  const table = [[...by, ...GROUP_COLUMNS], ...lines];
  const widths =
    table[0]?.map((_, place) => Math.max(...table.map((cells) => cells[place]?.length ?? 0))) ?? [];
  line(context, '');
  for (const cells of table) {
    const padded = cells.map((cell, place) =>
      place < by.length ? cell.padEnd(widths[place] ?? 0) : cell.padStart(widths[place] ?? 0),
    );
    line(context, padded.join('  ').trimEnd());
  }
}

/** Redrawn at every hundredth of the way on a terminal; nothing at all elsewhere. */
function progressLine(context: Context): { show: (done: number, of: number) => void; end: () => void } {
  if (!context.interactive) return { show: () => undefined, end: () => undefined };
  let shown = -1;
  return {
    show: (done, of) => {
      const percent = Math.floor((100 * done) / of);
      if (percent > shown) context.err(`\r${(shown = percent)} % of ${of} records`);
    },
    end: () => context.err('\n'),
  };
}
