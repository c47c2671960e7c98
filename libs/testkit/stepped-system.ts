import { buildChannels, closeChannels, senderRowsOf } from '#channels/registry';
import { parseEnvironment } from '#config/environment';
import { createLogger } from '#config/logger';
import { senderSync } from '#dispatch/sender.sql';
import { start } from '#gateway/main';
import { SteppedClock } from '#kernel/clock';
import { sandboxAccounts, sandboxEnvironment, type SandboxOptions } from '#sandbox/options';
import { startSandbox, type RunningSandbox } from '#sandbox/sandbox';
import type { Database } from '#store/database';
import { freePort } from '#store/embedded';
import type { RunningProcess } from '#store/process';
import { factories } from '#worker/channels';
import { TEST_SECRET } from './builders.js';
import { testDatabase } from './database.js';
import type { BotDoors } from './join-bot.js';
import { stagesOf } from './stages.js';

/**
 * Real time after which an answer counts as lost, and requests at a time: all parties are in this one process, so few
 * enough that no answer takes so long on a busy machine. Where one does it is lost, which these runs are made for.
 */
const TIMEOUT_MS = 3_000;
const CONCURRENCY = 16;
/** The other way round nobody is late: what a person wrote must not count as lost because a machine was busy. */
const PATIENCE_MS = 120_000;

/**
 * Vidhuk's real parts in one process, under one clock that moves when told: gateway and sandbox over HTTP, all three
 * carriers' channels, the worker's stages, PostgreSQL. Days pass in seconds, and nothing depends on how busy the
 * machine is.
 */
export interface SteppedSystem extends BotDoors {
  readonly clock: SteppedClock;
  readonly database: Database;
  /** For commands of `vidhuk` on the same database. */
  readonly env: NodeJS.ProcessEnv;
  /** Lets this much time pass, and all that falls into it happen: at the carriers and on the phones first, then here. */
  pass(ms: number): Promise<void>;
  /** Everything that went wrong inside the sandbox. */
  readonly faults: unknown[];
  close(): Promise<void>;
}

export async function steppedSystem(
  startsAt: Date,
  options: Pick<SandboxOptions, 'visitors' | 'seed'> = {},
): Promise<SteppedSystem> {
  const [t, port] = await Promise.all([testDatabase({ poolSize: 20 }), freePort()]);
  const clock = new SteppedClock(startsAt);
  const publicUrl = `http://127.0.0.1:${port}`;
  const faults: unknown[] = [];
  const failed = (thrown: unknown): void => void faults.push(thrown);
  const sandbox = await startSandbox({
    ...options,
    port: 0,
    clock,
    publicUrl,
    selfRunning: false,
    failed,
    patienceMs: PATIENCE_MS,
  });
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: t.url,
    VIDHUK_SECRET_KEY: TEST_SECRET,
    VIDHUK_PUBLIC_URL: publicUrl,
    VIDHUK_GATEWAY_PORT: String(port),
    VIDHUK_DISPATCH_CONCURRENCY: String(CONCURRENCY),
    ...sandboxEnvironment(sandbox.url),
    TURBOSMS_TOKEN: sandboxAccounts.turbosms.token,
    TURBOSMS_VIBER_SENDER: 'CNAP',
    TURBOSMS_BASE_URL: sandbox.url,
  };
  const environment = parseEnvironment(env);
  const log = createLogger('stepped', 'silent');
  const shared = { environment, log, clock, database: t.db, secretKey: TEST_SECRET };
  const running: RunningProcess = { name: 'stepped', ...shared, close: () => Promise.resolve() };
  const channels = buildChannels(environment, factories, { timeoutMs: TIMEOUT_MS });
  await senderSync(t.db, senderRowsOf(channels), clock.now());
  const gateway = await start(running, channels);
  for (const channel of channels.values()) await channel.register?.(publicUrl, AbortSignal.timeout(30_000));
  const work = stagesOf({ ...shared, channels, publicUrl, concurrency: CONCURRENCY });
  return {
    clock,
    database: t.db,
    env,
    faults,
    ask: (path, body, method) => askSandbox(sandbox, path, body, method),
    rows: async <R extends Record<string, unknown>>(text: string, values: readonly unknown[] = []) =>
      (await t.db.query<R>(text, values)).rows,
    pass: async (ms) => {
      clock.advance(ms);
      await sandbox.runDue();
      await work();
    },
    close: async () => {
      await gateway.close();
      await closeChannels(channels);
      await sandbox.close();
      await t.drop();
    },
  };
}

async function askSandbox<T>(
  sandbox: RunningSandbox,
  path: string,
  body?: object,
  method = body ? 'POST' : 'GET',
): Promise<T> {
  const answer = await fetch(sandbox.url + path, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status} to ${path}: ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
