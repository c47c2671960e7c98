import { Option, type Command } from 'commander';
import { AppError } from '#kernel/errors';
import { formatReport, type Report, type ReportFormat } from '#reporting/format';
import { reportCost } from '#reporting/cost-report';
import { reportFunnel } from '#reporting/funnel-report';
import { reportLedger } from '#reporting/ledger-report';
import { DIMENSIONS, type ReportQuestion } from '#reporting/question';
import { reportRates } from '#reporting/rates-report';
import { reportScores } from '#reporting/scores-report';
import type { Queryable } from '#store/database';
import { withProcess, type Context } from '../context.js';
import { addQuestion, questionOf, type QuestionOptions } from '../question-options.js';

type Ask = (db: Queryable, question: ReportQuestion, now: Date) => Promise<Report>;

const reports: Readonly<Record<string, { summary: string; ask: Ask }>> = {
  rates: { summary: "outcome rates by AAPOR's definitions, with counts and interval", ask: reportRates },
  ledger: { summary: 'what became of every visit, and why', ask: reportLedger },
  scores: {
    summary: 'answers by question, with intervals; scores of fewer than ten are hidden',
    ask: reportScores,
  },
  cost: { summary: 'messages and SMS parts it took', ask: reportCost },
  funnel: { summary: 'from visit to completed answer, step by step', ask: reportFunnel },
};

type Options = QuestionOptions & {
  readonly format: ReportFormat;
  readonly json?: boolean;
};

export function addReport(program: Command, context: Context): void {
  const names = Object.keys(reports);
  addQuestion(program.command('report'))
    .argument('<report>', names.join(', '))
    .description('figures of the visits that finished between two days, both included')
    .option('--by <dimensions>', `any of ${DIMENSIONS.join(', ')}, separated by commas`)
    .addOption(
      new Option('--format <format>', 'how to print').choices(['table', 'csv', 'json']).default('table'),
    )
    .option('--json', 'the same as --format json')
    .addHelpText(
      'after',
      `\nReports:\n${names.map((name) => `  ${name.padEnd(8)} ${reports[name]?.summary ?? ''}`).join('\n')}` +
        '\n\nExample:\n  vidhuk report rates --from 2026-03-01 --to 2026-03-31 --by centre --format csv\n' +
        '  vidhuk report cost --from 2026-03-01 --to 2026-03-31 --centre lviv-1 --channel viber',
    )
    .action(async (name: string, options: Options) => {
      const report = reports[name];
      if (!report)
        throw new AppError('report_unknown', `There is no report "${name}": choose ${names.join(', ')}.`);
      const question = questionOf(options);
      const result = await withProcess(context, ({ database, clock }) =>
        report.ask(database, question, clock.now()),
      );
      context.out(formatReport(result, options.json ? 'json' : options.format));
    });
}
