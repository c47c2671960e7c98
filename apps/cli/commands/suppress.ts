import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import { importSuppressions, type ImportedSuppressions } from '#contacts/suppression-import';
import { suppressionPage } from '#contacts/suppression-list.sql';
import { suppress, type SuppressedChannel } from '#contacts/suppression.sql';
import { maskPhone, Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import { readPhone } from '#kernel/phone';
import { recordCommand } from '../command-record.js';
import { json, line, withProcess, type Context } from '../context.js';

const LISTED = 1_000;
const SHOWN_PROBLEMS = 20;

/** The people who are not written to. There is no command to take one off: only the person does, by START or on the page. */
export function addSuppress(program: Command, context: Context): void {
  const list = program.command('suppress').description('people who are not written to');
  addOne(list, context);
  addImport(list, context);
  list
    .command('list')
    .option('--json', 'for machines')
    .description(`the newest ${LISTED} who are not written to; a number is shown masked, where one is kept`)
    .addHelpText('after', '\nExample:\n  vidhuk suppress list')
    .action(async (options: { json?: boolean }) => {
      const rows = await withProcess(context, async ({ database, secretKey }) => {
        const vault = new Vault(secretKey);
        const found = await suppressionPage(database, { before: undefined, limit: LISTED });
        return found.slice(0, LISTED).map(({ phoneCipher, ...one }) => ({
          ...one,
          phone: phoneCipher && maskPhone(vault.open(phoneCipher)),
        }));
      });
      if (options.json) return json(context, rows);
      for (const { phone, channel, reason, via, since } of rows) {
        const who = (phone ?? '(only its hash is kept)').padEnd(24);
        line(
          context,
          `${since.toISOString().slice(0, 10)}  ${who} ${(channel ?? 'all').padEnd(6)} ${reason} by ${via}`,
        );
      }
    });
}

function addOne(list: Command, context: Context): void {
  list
    .command('add')
    .argument('<number>', 'of the person, in any usual writing')
    .addOption(new Option('--channel <channel>', 'this one only').choices(['sms', 'viber']))
    .option('--json', 'for machines')
    .description('write to this person no more; what waits for them is not sent')
    .addHelpText('after', '\nExample:\n  vidhuk suppress add "+380 67 123 45 67"')
    .action(async (number: string, options: { channel?: SuppressedChannel; json?: boolean }) => {
      const reading = readPhone(number, 'UA');
      if (reading.status !== 'ok') {
        throw new AppError('phone_unreadable', 'The number cannot be read: write it as +380… or 0…');
      }
      const added = await withProcess(context, async (process) => {
        const addressHash = new Vault(process.secretKey).phoneHash(reading.e164);
        const how = { channel: options.channel ?? null, reason: 'operator', via: 'operator' } as const;
        const isNew = await suppress(process.database, { addressHash, ...how, now: process.clock.now() });
        await recordCommand(process, {
          action: 'suppression.added',
          after: { channel: how.channel, added: isNew },
        });
        return isNew;
      });
      if (options.json) json(context, { added });
      else line(context, added ? 'They will not be written to.' : 'They were on the list already.');
    });
}

function addImport(list: Command, context: Context): void {
  list
    .command('import')
    .argument('<file>', 'a number a line, perhaps with a channel after a comma; - reads standard input')
    .option('--json', 'for machines')
    .description(
      'take over a list of people who are not to be written to; exit 1 when a line could not be read',
    )
    .addHelpText('after', '\nExample:\n  vidhuk suppress import stop-list.csv')
    .action(async (file: string, options: { json?: boolean }) => {
      const lines = await linesOf(context, file);
      const imported = await withProcess(context, async (process) => {
        const done = await importSuppressions(
          process.database,
          new Vault(process.secretKey),
          lines,
          process.clock.now(),
        );
        const { read, added, rejected } = done;
        await recordCommand(process, { action: 'suppressions.imported', after: { read, added, rejected } });
        return done;
      });
      if (options.json) json(context, imported);
      else tell(context, imported);
      // Each line that was not read is somebody who will be written to against their will.
      const lost = imported.problems.filter(({ problem }) => problem !== 'not_mobile').length;
      if (lost > 0) {
        throw new AppError('suppressions_incomplete', `${lost} lines could not be read; the others were taken. Mend them and import again.`, { exitCode: 1 }); // prettier-ignore
      }
    });
}

async function linesOf(context: Context, file: string): Promise<AsyncIterable<string>> {
  if (file === '-')
    return createInterface({ input: context.stdin as NodeJS.ReadableStream, crlfDelay: Infinity });
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new AppError('file_unreadable', `${file} is not a file that can be read.`);
  return createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
}

function tell(context: Context, { read, added, known, rejected, problems }: ImportedSuppressions): void {
  line(context, `read      ${read}\nadded     ${added}\nknown     ${known}\nrejected  ${rejected}`);
  for (const { line: place, problem } of problems.slice(0, SHOWN_PROBLEMS)) {
    line(context, `  line ${place}: ${problem}`);
  }
  if (problems.length > SHOWN_PROBLEMS)
    line(context, `  and ${problems.length - SHOWN_PROBLEMS} more (--json lists them)`);
}
