import type { RunningProcess } from '#store/process';
import { migrate } from '#store/migrate';
import { AppError } from '#kernel/errors';

export interface Started {
  readonly url?: string;
  close(): Promise<void>;
}

// The contract gives ten seconds from SIGTERM to exit; what hangs longer is cut off.
const STOP_LIMIT_MS = 9_000;

/**
 * Brings the schema up to date, starts an app and keeps it until a signal, or until the parent that forked it is
 * gone; a signal that comes while it starts counts too. Tells the parent when it is ready. Resolves to the exit code.
 */
export async function keepRunning(
  process_: RunningProcess | undefined,
  start: () => Promise<Started>,
): Promise<number> {
  const stopped = signalled();
  const starting = begin(process_, start);
  const first = await Promise.race([starting, stopped]);
  if (typeof first !== 'string') process.send?.({ ready: true, url: first.url });
  const why = await stopped;
  process_?.log.info({ event: 'stopping', why }, 'stopping');
  const clean = await withinLimit(starting.then((started) => closeAll(started, process_)));
  return clean ? 0 : 1;
}

async function begin(process_: RunningProcess | undefined, start: () => Promise<Started>): Promise<Started> {
  if (process_) await migrate(process_.database);
  return start();
}

async function closeAll(started: Started, process_: RunningProcess | undefined): Promise<void> {
  await started.close();
  await process_?.close();
}

async function withinLimit(work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_LIMIT_MS);
  });
  const clean = await Promise.race([work.then(() => true as const), limit]);
  clearTimeout(timer);
  return clean;
}

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
    process.once('disconnect', () => resolve('parent gone'));
  });
}

/** Turns a refused port into an error that names the variable to change. */
export function portProblem(thrown: unknown, port: number, variable: string): unknown {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return thrown;
  const what = code === 'EADDRINUSE' ? 'is in use by another program' : 'may not be opened by this account';
  return new AppError('port_unavailable', `Port ${port} ${what}: stop that program or set ${variable}.`, {
    exitCode: 1,
  });
}
