import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnvironment } from '#config/environment';

// Holds the sandbox's credentials, so only its owner may read it.
const MODE = 0o600;

interface Note {
  readonly pid: number;
  /** The configured database, null for the embedded one. */
  readonly databaseUrl: string | null;
  readonly decided: NodeJS.ProcessEnv;
}

/** Notes what `up` decided for its processes, so that commands in another terminal see the same clock and carriers. */
export async function noteRunning(
  dataDir: string,
  databaseUrl: string | undefined,
  decided: NodeJS.ProcessEnv,
): Promise<void> {
  const note: Note = { pid: process.pid, databaseUrl: databaseUrl ?? null, decided };
  await writeFile(fileIn(dataDir), JSON.stringify(note), { mode: MODE });
}

export async function forgetRunning(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}

/**
 * The given environment completed by what a running `up` decided; what is given wins. Only an `up` that still lives and
 * works on the same database counts: a demo's clock must not reach any other.
 */
export async function besideUp(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { dataDir, databaseUrl } = parseEnvironment(env);
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => undefined);
  if (text === undefined) return env;
  const note = JSON.parse(text) as Note;
  const same = note.databaseUrl === (databaseUrl ?? null);
  return same && isAlive(note.pid) ? { ...note.decided, ...env } : env;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fileIn(dataDir: string): string {
  return join(resolve(dataDir), 'running.json');
}
