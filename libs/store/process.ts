import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { parseEnvironment, type Environment } from '#config/environment';
import { createLogger, type Logger } from '#config/logger';
import { systemClock, virtualClock, type Clock } from '#kernel/clock';
import { AppError, reasonOf } from '#kernel/errors';
import { newSecret, type Secrets } from '#kernel/sealing-key';
import { Database } from './database.js';
import { findEmbedded } from './embedded.js';
import { keyIdsOf, openKeyring, type GivenSecrets } from './keyring.sql.js';

export const CLOCK = 'vidhuk:clock';
export const ENVIRONMENT = 'vidhuk:environment';
export const LOG = 'vidhuk:log';
export const SECRET_KEY = 'vidhuk:secret-key';

/** What every process has in hand once it runs. */
export interface RunningProcess {
  readonly name: string;
  readonly environment: Environment;
  readonly log: Logger;
  readonly clock: Clock;
  readonly database: Database;
  /** For the vault. */
  readonly secretKey: Secrets;
  close(): Promise<void>;
}

/** Real time that a process which runs for long waits for any one statement; the longest reports take some ten seconds. */
export const ANSWER_WITHIN_MS = 5 * 60_000;

/**
 * Reads the environment, connects to the database and settles the clock. Throws an AppError that says what to do
 * when the environment is wrong or no database answers.
 */
export async function openProcess(
  name: string,
  env: NodeJS.ProcessEnv,
  options: { answerWithinMs?: number } = {},
): Promise<RunningProcess> {
  const environment = parseEnvironment(env);
  const log = createLogger(name, environment.logLevel);
  const secrets = await secretsOf(environment);
  // A look at the server's connections tells which keys its clients hold: see runningWithout.
  const applicationName = `vidhuk ${name} ${keyIdsOf(secrets).join(' ')}`;
  const database = await connect(environment, { applicationName, ...options });
  try {
    const clock = await settleClock(environment, database);
    const secretKey = await openKeyring(database, secrets, clock.real());
    return { name, environment, log, clock, database, secretKey, close: () => database.close() };
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}

/** Makes the parts of a running process injectable everywhere. */
@Module({})
export class ProcessModule {
  static register(running: RunningProcess): DynamicModule {
    const providers = [
      { provide: Database, useValue: running.database },
      { provide: CLOCK, useValue: running.clock },
      { provide: ENVIRONMENT, useValue: running.environment },
      { provide: LOG, useValue: running.log },
      { provide: SECRET_KEY, useValue: running.secretKey },
    ];
    return { module: ProcessModule, global: true, providers, exports: providers };
  }
}

/** The configured database, or the embedded one of the data dir when it runs. */
async function connect(
  environment: Environment,
  options: { applicationName: string; answerWithinMs?: number },
): Promise<Database> {
  const url = environment.databaseUrl ?? (await findEmbedded(environment.dataDir));
  if (url === undefined) {
    throw new AppError(
      'database_missing',
      `No database: DATABASE_URL is not set and no embedded server runs in ${environment.dataDir}. ` +
        'Start one with "vidhuk up", or set DATABASE_URL.',
      { exitCode: 1, status: 503 },
    );
  }
  try {
    return await Database.connect(url, options);
  } catch (thrown) {
    const { hostname, port } = new URL(url);
    throw new AppError(
      'database_unreachable',
      `The database at ${hostname}:${port || '5432'} cannot be reached: ${reasonOf(thrown)}. ` +
        'Check that it runs and that DATABASE_URL is right.',
      { exitCode: 1, status: 503 },
    );
  }
}

/** The first process with a given virtual clock fixes when it began; the others and every restart join it. */
async function settleClock(environment: Environment, database: Database): Promise<Clock> {
  const spec = environment.clock;
  if (!spec) return systemClock;
  const known = await database.query<{ present: boolean }>(
    `select to_regclass('clock_anchor') is not null as present`,
  );
  if (known.rows[0]?.present !== true) return virtualClock(spec, systemClock.real());
  await database.query(
    `insert into clock_anchor (start_at, speed, real_at) values ($1, $2, $3) on conflict do nothing`,
    [spec.start, spec.speed, systemClock.real()],
  );
  const { rows } = await database.query<{ real_at: Date }>(
    'select real_at from clock_anchor where start_at = $1 and speed = $2',
    [spec.start, spec.speed],
  );
  return virtualClock(spec, rows[0]?.real_at ?? systemClock.real());
}

/**
 * The configured keys, or those of the data dir, where one is generated: losing it makes every stored number unreadable.
 * The first line of the file is the key in use; further lines are keys of before.
 */
export async function secretsOf(environment: Environment): Promise<GivenSecrets> {
  const { secretKey, previousSecretKeys } = environment;
  if (secretKey !== undefined) return { current: secretKey, previous: previousSecretKeys };
  const file = join(resolve(environment.dataDir), 'secret.key');
  await mkdir(resolve(environment.dataDir), { recursive: true });
  try {
    // wx: of two processes that start at once, one writes and the other reads what it wrote.
    await writeFile(file, newSecret(), { mode: 0o600, flag: 'wx' });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
  const [current = '', ...before] = (await readFile(file, 'utf8')).trim().split(/\s+/);
  return { current, previous: [...before, ...previousSecretKeys] };
}
