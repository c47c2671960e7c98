import type { Environment } from '#config/environment';
import { createLogger } from '#config/logger';
import { systemClock, virtualClock, type Clock } from '#kernel/clock';
import { reasonOf } from '#kernel/errors';
import { accountsOf, type SandboxOptions } from './options.js';
import { startSandbox, type RunningSandbox } from './sandbox.js';

/**
 * Starts the sandbox as a process of its own: on its port, with the carriers' credentials of the environment and
 * its clock. Throws AppError `sandbox_target_refused` when VIDHUK_PUBLIC_URL is not on this machine.
 */
export async function start(
  environment: Environment,
  options: { visitors?: SandboxOptions['visitors'] | undefined; ownNumber?: string | undefined } = {},
): Promise<RunningSandbox> {
  const log = createLogger('sandbox', environment.logLevel);
  return startSandbox({
    ...(options.visitors === undefined ? {} : { visitors: options.visitors }),
    ...(options.ownNumber === undefined ? {} : { ownNumber: options.ownNumber }),
    port: environment.ports.sandbox,
    publicUrl: environment.publicUrl ?? `http://127.0.0.1:${environment.ports.gateway}`,
    clock: await clockOf(environment),
    accounts: accountsOf(environment),
    failed: (thrown) => log.error({ event: 'sandbox_work_failed', reason: reasonOf(thrown) }),
  });
}

/**
 * The sandbox keeps nothing in the database, but a virtual clock began at a moment only the database knows; without
 * one it begins now.
 */
async function clockOf({ clock: spec, databaseUrl }: Environment): Promise<Clock> {
  if (!spec) return systemClock;
  const anchor = databaseUrl === undefined ? undefined : await anchorIn(databaseUrl, spec);
  return virtualClock(spec, anchor ?? systemClock.real());
}

async function anchorIn(url: string, spec: { start: Date; speed: number }): Promise<Date | undefined> {
  const { Database } = await import('#store/database');
  const database = await Database.connect(url, { poolSize: 1, applicationName: 'vidhuk sandbox' });
  try {
    const { rows } = await database.query<{ real_at: Date }>(
      'select real_at from clock_anchor where start_at = $1 and speed = $2',
      [spec.start, spec.speed],
    );
    return rows[0]?.real_at;
  } catch {
    // A database not yet migrated has no anchor to join.
    return undefined;
  } finally {
    await database.close();
  }
}
