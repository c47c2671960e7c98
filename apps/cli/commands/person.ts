import type { Command } from 'commander';
import { erasePerson, type ErasureProof, type ProofLine } from '#contacts/person/erase-person';
import type { PersonWanted } from '#contacts/person/find-person';
import { personData } from '#contacts/person/person-data';
import { Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import { recordCommand } from '../command-record.js';
import { json, line, withProcess, type Context } from '../context.js';

interface Who {
  readonly phone?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** What a person may ask of us: to see everything, and to be forgotten. */
export function addPerson(program: Command, context: Context): void {
  program
    .command('erase')
    .option('--phone <number>', 'the number of the person')
    .option('--token <code>', 'or the code of a link they were sent')
    .option('--json', 'for machines')
    .description('forget a person everywhere, and print what went, what stays and why')
    .addHelpText('after', '\nExample:\n  vidhuk erase --phone +380671234567')
    .action(async (who: Who) => {
      const wanted = wantedOf(who);
      const proof = await withProcess(context, async (process) => {
        const how = { now: process.clock.now(), via: 'command' } as const;
        const done = await erasePerson(process.database, new Vault(process.secretKey), wanted, how);
        const tables = done.went.map(({ table, rows }) => ({ table, rows }));
        await recordCommand(process, { action: 'person.erased', after: { found: done.found, tables } });
        return done;
      });
      if (who.json) json(context, proof);
      else tell(context, proof);
    });
  program
    .command('person')
    .description('what is stored about one person')
    .command('export')
    .option('--phone <number>', 'the number of the person')
    .option('--token <code>', 'or the code of a link they were sent')
    .description('everything that is stored about a person, as JSON to hand to them')
    .addHelpText('after', '\nExample:\n  vidhuk person export --phone +380671234567 > person.json')
    .action(async (who: Who) => {
      const wanted = wantedOf(who);
      const data = await withProcess(context, async (process) => {
        await recordCommand(process, { action: 'person.exported' });
        return personData(process.database, new Vault(process.secretKey), wanted);
      });
      line(context, JSON.stringify(data, null, 2));
    });
}

function wantedOf({ phone, token }: Who): PersonWanted {
  if (phone !== undefined && token === undefined) return { phone };
  if (token !== undefined && phone === undefined) return { code: token };
  throw new AppError('person_unnamed', 'Say who it is: --phone +380… or --token CODE, one of them.');
}

function tell(context: Context, { found, went, stays }: ErasureProof): void {
  if (!found) line(context, 'Nothing is left to forget.');
  else section(context, 'Gone:', went);
  if (stays.length > 0) section(context, 'Stays:', stays);
}

function section(context: Context, title: string, lines: readonly ProofLine[]): void {
  line(context, title);
  for (const { table, rows, what, why } of lines) {
    line(
      context,
      `  ${String(rows).padStart(6)}  ${table.padEnd(17)} ${what}${why === undefined ? '' : ` (${why})`}`,
    );
  }
}
