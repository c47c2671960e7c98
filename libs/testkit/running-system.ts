import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '#config/project';
import { freePort } from '#store/embedded';

const main = join(projectRoot, 'dist', 'apps', 'cli', 'main.js');

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Vidhuk as a user runs it: `vidhuk up` as a process of its own, on free ports and a data dir of its own. */
export interface RunningSystem {
  readonly gateway: string;
  readonly console: string;
  readonly sandbox: string;
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly process: ChildProcess;
  /** Everything `up` printed so far. */
  printed(): string;
  vidhuk(...args: string[]): Promise<CommandResult>;
  /** Sends SIGTERM and resolves to the exit code. */
  stop(): Promise<number | null>;
}

/** Runs a `vidhuk` command to its end. */
export function vidhuk(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: string,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { env, maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    if (input !== undefined) child.stdin?.end(input);
  });
}

/** A data dir and free ports, as environment for commands and for `up`. */
export async function freshEnvironment(
  extra: NodeJS.ProcessEnv = {},
): Promise<{ dir: string; env: NodeJS.ProcessEnv }> {
  const dir = await mkdtemp(join(tmpdir(), 'vidhuk-system-'));
  await chmod(dir, 0o755); // the account PostgreSQL runs under must get in
  const [gateway, console_, sandbox, metrics] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  return {
    dir,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      VIDHUK_DATA_DIR: join(dir, 'data'),
      VIDHUK_GATEWAY_PORT: String(gateway),
      VIDHUK_CONSOLE_PORT: String(console_),
      VIDHUK_SANDBOX_PORT: String(sandbox),
      VIDHUK_METRICS_PORT: String(metrics),
      ...extra,
    },
  };
}

export async function startSystem(
  options: { args?: string[]; env?: NodeJS.ProcessEnv; at?: { dir: string; env: NodeJS.ProcessEnv } } = {},
): Promise<RunningSystem> {
  const { dir, env } = options.at ?? (await freshEnvironment(options.env));
  const child = spawn(process.execPath, [main, 'up', ...(options.args ?? [])], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (printed.includes('Stop with Ctrl-C')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then((code) => reject(new Error(`up stopped with ${String(code)}: ${printed}`)));
  });
  const local = (name: string): string => `http://127.0.0.1:${env[name] ?? ''}`;
  return {
    gateway: local('VIDHUK_GATEWAY_PORT'),
    console: local('VIDHUK_CONSOLE_PORT'),
    sandbox: local('VIDHUK_SANDBOX_PORT'),
    dir,
    env,
    process: child,
    printed: () => printed,
    vidhuk: (...args) => vidhuk(args, env),
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Deletes what a system left on disk. */
export async function removeSystem(system: { dir: string; env: NodeJS.ProcessEnv }): Promise<void> {
  const { startEmbedded } = await import('#store/embedded');
  const server = await startEmbedded(system.env['VIDHUK_DATA_DIR'] ?? '');
  await server.stop();
  await server.remove();
  await rm(system.dir, { recursive: true, force: true });
}

/**
 * Asks again until there is an answer. The limit only bounds a broken run; a test passes as soon as the thing it
 * waits for has happened, however busy the machine is.
 */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  what: string,
  limitMs = 150_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function writeCsv(dir: string, name: string, lines: readonly string[]): Promise<string> {
  const file = join(dir, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}
