import type { Command } from 'commander';
import { rotate, type TableRotation } from '#contacts/rotation';
import { Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import { newSecret } from '#kernel/sealing-key';
import { resealHashingKey, runningWithout } from '#store/keyring.sql';
import type { RunningProcess } from '#store/process';
import { recordCommand } from '../command-record.js';
import { json, line, withProcess, type Context } from '../context.js';

/** The key that everything personal is sealed under. */
export function addKeys(program: Command, context: Context): void {
  const keys = program.command('keys').description('the key that numbers and words are sealed under');
  keys
    .command('new')
    .description('print a new key for VIDHUK_SECRET_KEY')
    .addHelpText('after', '\nExample:\n  vidhuk keys new')
    .action(() => line(context, newSecret()));
  keys
    .command('rotate')
    .option('--force', 'also while a process runs that does not hold the new key', false)
    .option('--json', 'for machines')
    .description(
      'seal everything anew under VIDHUK_SECRET_KEY; what is sealed under the previous keys is opened by them',
    )
    .addHelpText('after', ROTATION_HELP)
    .action(async (options: { force: boolean; json?: boolean }) => {
      const done = await withProcess(context, (process) => rotateAll(context, process, options.force));
      if (options.json) json(context, done);
      else tell(context, done);
      const left = done.tables.reduce((sum, table) => sum + table.left, 0);
      if (left > 0) throw incomplete(done.tables);
    });
}

const ROTATION_HELP = `
Steps:
  1. vidhuk keys new                       makes the new key
  2. VIDHUK_SECRET_KEY=<new>, VIDHUK_PREVIOUS_SECRET_KEYS=<old>; restart all processes
     (embedded: put the new key as a first line into secret.key)
  3. vidhuk keys rotate                    while they run; run it again if it was cut off
  4. take the old key away and restart

Example:
  vidhuk keys rotate`;

interface Rotated {
  readonly keyId: string;
  readonly tables: TableRotation[];
}

async function rotateAll(context: Context, process: RunningProcess, force: boolean): Promise<Rotated> {
  const { database, secretKey, clock } = process;
  const vault = new Vault(secretKey);
  const blind = force ? [] : await runningWithout(database, vault.keyId);
  if (blind.length > 0) {
    throw new AppError(
      'rotation_premature',
      `Running without the new key: ${blind.join(', ')}. Restart them with the new VIDHUK_SECRET_KEY and the old one in ` +
        'VIDHUK_PREVIOUS_SECRET_KEYS first; they could not read what is sealed anew.',
      { exitCode: 1 },
    );
  }
  if (typeof secretKey !== 'string') await resealHashingKey(database, secretKey, clock.real());
  const show = (table: string, resealed: number): void => {
    if (context.interactive) context.err(`\r${table}: ${resealed} sealed anew`);
  };
  const tables = await rotate(database, vault, show);
  await recordCommand(process, { action: 'keys.rotated', after: { keyId: vault.keyId, tables } });
  if (context.interactive) context.err('\n');
  return { keyId: vault.keyId, tables };
}

function tell(context: Context, { keyId, tables }: Rotated): void {
  for (const { table, resealed, left } of tables) {
    line(
      context,
      `${table.padEnd(14)} ${String(resealed).padStart(9)} sealed anew${left > 0 ? `, ${left} left` : ''}`,
    );
  }
  if (tables.every(({ left }) => left === 0)) {
    line(context, `Everything is under the key ${keyId}: the previous keys are needed for old backups only.`);
  }
}

function incomplete(tables: readonly TableRotation[]): AppError {
  const unreadable = tables.reduce((sum, table) => sum + table.unreadable, 0);
  const message =
    unreadable > 0
      ? `${unreadable} rows open with none of the keys: add the key they were sealed under to VIDHUK_PREVIOUS_SECRET_KEYS and run this again.`
      : 'Some rows were in use all the time: run this again.';
  return new AppError('rotation_incomplete', message, { exitCode: 1 });
}
