import type { RunningProcess } from '#store/process';
import { parseEnvironment } from '#config/environment';
import { AppError } from '#kernel/errors';
import { besideUp } from './running-up.js';

/** What a command may touch of the outside: tests give their own. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly out: (text: string) => void;
  /** Resolves when more may be written: for output of any length. */
  readonly write: (piece: string | Uint8Array) => Promise<void>;
  readonly err: (text: string) => void;
  readonly stdin: AsyncIterable<unknown>;
  /** Whether standard error is a terminal, where progress may be drawn. */
  readonly interactive: boolean;
}

export function line(context: Context, text: string): void {
  context.out(`${text}\n`);
}

export function json(context: Context, value: unknown): void {
  context.out(`${JSON.stringify(value)}\n`);
}

/**
 * Runs a command's work against the database: the configured one, the embedded one that `vidhuk up` keeps running,
 * or, when neither is there, the embedded one started for the length of the command.
 */
export async function withProcess<T>(
  context: Context,
  work: (process: RunningProcess) => Promise<T>,
): Promise<T> {
  // Loaded here, so that commands which need no database start at once.
  const { borrowEmbedded } = await import('#store/embedded-loan');
  const { migrate } = await import('#store/migrate');
  const { openProcess } = await import('#store/process');
  const env = await besideUp(context.env);
  const environment = parseEnvironment(env);
  const embedded = environment.databaseUrl === undefined;
  const server = embedded ? await borrowEmbedded(environment.dataDir) : undefined;
  try {
    const process = await openProcess('cli', env);
    try {
      if (server?.started) await migrate(process.database);
      await requireCurrent(process);
      return await work(process);
    } finally {
      await process.close();
    }
  } finally {
    await server?.release();
  }
}

async function requireCurrent(process: RunningProcess): Promise<void> {
  const { isCurrent } = await import('#store/migrate');
  if (await isCurrent(process.database)) return;
  throw new AppError(
    'schema_behind',
    'The database schema is not this version\'s: run "vidhuk migrate" first.',
    {
      exitCode: 1,
    },
  );
}
