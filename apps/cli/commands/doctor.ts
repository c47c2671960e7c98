import type { Command } from 'commander';
import { buildChannels } from '#channels/registry';
import { parseEnvironment } from '#config/environment';
import { AppError } from '#kernel/errors';
import { borrowEmbedded } from '#store/embedded-loan';
import { openProcess } from '#store/process';
import { factories } from '../channels.js';
import { json, line, type Context } from '../context.js';
import { besideUp } from '../running-up.js';
import { examineCarriers, examineDatabase, type Check } from '../doctor.js';

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .description(
      'check settings, database, carriers, webhooks, clock and queue; exit 1 when something is wrong',
    )
    .option('--fix', 'register our webhooks where carriers have a call for it; let analysts read', false)
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  vidhuk doctor --fix')
    .action(async (options: { fix: boolean; json?: boolean }) => {
      const checks = await examine(context, options.fix);
      if (options.json) json(context, { checks });
      else
        for (const { name, ok, detail } of checks)
          line(context, `${ok ? 'ok   ' : 'WRONG'} ${name.padEnd(16)} ${detail}`);
      const wrong = checks.filter((check) => !check.ok);
      if (wrong.length > 0) {
        throw new AppError('doctor_found', `Wrong: ${wrong.map(({ name }) => name).join(', ')}.`, {
          exitCode: 1,
        });
      }
    });
}

/** Settings that cannot be read end the examination at once: nothing else could be trusted. */
async function examine(context: Context, fix: boolean): Promise<Check[]> {
  const env = await besideUp(context.env);
  const environment = parseEnvironment(env);
  const settings: Check = { name: 'settings', ok: true, detail: 'read' };
  const channels = buildChannels(environment, factories);
  const [database, carriers] = await Promise.all([
    examineOwn(env, fix),
    examineCarriers(channels, { publicUrl: environment.publicUrl, fix }),
  ]);
  return [settings, ...database, ...carriers];
}

async function examineOwn(env: NodeJS.ProcessEnv, fix: boolean): Promise<Check[]> {
  const { databaseUrl, dataDir } = parseEnvironment(env);
  const server = databaseUrl === undefined ? await borrowEmbedded(dataDir) : undefined;
  try {
    const process = await openProcess('doctor', env);
    try {
      return await examineDatabase(process, fix);
    } finally {
      await process.close();
    }
  } catch (thrown) {
    if (thrown instanceof AppError) return [{ name: 'database', ok: false, detail: thrown.message }];
    throw thrown;
  } finally {
    await server?.release();
  }
}
