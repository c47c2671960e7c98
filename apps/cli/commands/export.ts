import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { AuditLog } from '#access/audit-log';
import { recordedExport } from '#access/recorded-export';
import { Vault } from '#contacts/vault';
import { AppError, reasonOf } from '#kernel/errors';
import { EXPORT_FORMATS, exportAnswers, type ExportFormat } from '#reporting/answers-export';
import { commandActor } from '../command-record.js';
import { withProcess, type Context } from '../context.js';
import { addQuestion, questionOf, type QuestionOptions } from '../question-options.js';

type Options = QuestionOptions & {
  readonly format: ExportFormat;
  readonly out?: string;
};

export function addExport(program: Command, context: Context): void {
  addQuestion(program.command('export'))
    .argument('<what>', 'answers')
    .description('every answer of the visits that finished between two days, without numbers or names')
    .addOption(new Option('--format <format>', 'of the file').choices([...EXPORT_FORMATS]).default('csv'))
    .option('--out <file>', 'where to write; standard output when absent')
    .addHelpText(
      'after',
      '\nExample:\n  vidhuk export answers --from 2026-03-01 --to 2026-03-31 --format csv --out answers.csv',
    )
    .action(async (what: string, options: Options) => {
      if (what !== 'answers')
        throw new AppError('export_unknown', `There is no export "${what}": choose answers.`);
      const question = questionOf(options);
      const { format } = options;
      await withProcess(context, async ({ database, secretKey, clock }) => {
        const vault = new Vault(secretKey);
        const pieces = await recordedExport(
          { audit: new AuditLog(vault, clock), db: database, by: commandActor() },
          { ...question, format },
          (count) => exportAnswers(database, vault, question, format, count),
        );
        if (options.out === undefined) for await (const piece of pieces) await context.write(piece);
        else await writeFile(options.out, pieces);
      });
    });
}

async function writeFile(file: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), createWriteStream(file, { mode: 0o600 }));
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('output_unwritable', `${file} cannot be written: ${reasonOf(thrown)}`, {
      exitCode: 1,
      cause: thrown,
    });
  }
}
