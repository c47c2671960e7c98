import type { Command } from 'commander';
import { parseEnvironment } from '#config/environment';
import { borrowEmbedded } from '#store/embedded-loan';
import { migrate } from '#store/migrate';
import { openProcess } from '#store/process';
import { json, line, type Context } from '../context.js';

export function addMigrate(program: Command, context: Context): void {
  program
    .command('migrate')
    .description("bring the database schema to this version's; safe to run from many places at once")
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://… VIDHUK_SECRET_KEY=… vidhuk migrate')
    .action(async (options: { json?: boolean }) => {
      const ran = await runMigrations(context);
      if (options.json) json(context, { ran });
      else if (ran.length === 0) line(context, 'The schema is current; nothing to do.');
      else for (const name of ran) line(context, `ran ${name}`);
    });
}

async function runMigrations(context: Context): Promise<string[]> {
  const environment = parseEnvironment(context.env);
  const server =
    environment.databaseUrl === undefined ? await borrowEmbedded(environment.dataDir) : undefined;
  try {
    const process = await openProcess('migrate', context.env);
    try {
      return await migrate(process.database);
    } finally {
      await process.close();
    }
  } finally {
    await server?.release();
  }
}
