import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, reasonOf } from '#kernel/errors';

export interface Child {
  readonly name: string;
  readonly url: string | undefined;
}

interface Entry {
  readonly name: string;
  readonly args: readonly string[];
  process: ChildProcess;
  restarts: number;
}

const RESTART_DELAYS_MS = [200, 1000, 5000, 15000];

/**
 * Starts Vidhuk's processes as children, writes what they log to one file each, and starts again what falls over.
 * Children notice when this process dies, however it dies, and stop by themselves.
 */
export class Supervisor {
  private readonly entries: Entry[] = [];
  private stopping = false;

  constructor(
    private readonly entryFile: string,
    private readonly logDir: string,
    private readonly notice: (text: string) => void,
  ) {}

  /** Resolves when the child says it is ready; rejects with the end of its log when it stops before that. */
  async start(name: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): Promise<Child> {
    const entry: Entry = { name, args, process: this.fork(name, env, args), restarts: 0 };
    this.entries.push(entry);
    const url = await ready(entry.process).catch(async (exit: unknown) => {
      const last = await this.tail(name);
      throw new AppError('process_failed', `${name} did not start (exit ${reasonOf(exit)}): ${last}`, {
        exitCode: 1,
      });
    });
    this.watch(entry, env);
    return { name, url };
  }

  /** Ends all children, the last started first, and waits for them. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.entries.reverse().map((entry) => end(entry.process)));
  }

  /** Without a pause between the fork and its return, so that no message or exit of the child can be missed. */
  private fork(name: string, env: NodeJS.ProcessEnv, args: readonly string[]): ChildProcess {
    const log = openSync(join(this.logDir, `${name}.log`), 'a');
    const child = fork(this.entryFile, [name, ...args], { env, stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    return child;
  }

  private watch(entry: Entry, env: NodeJS.ProcessEnv): void {
    entry.process.once('exit', (code, signal) => {
      if (this.stopping) return;
      const delay = RESTART_DELAYS_MS[Math.min(entry.restarts, RESTART_DELAYS_MS.length - 1)] ?? 0;
      entry.restarts++;
      this.notice(`${entry.name} stopped (${signal ?? `exit ${String(code)}`}); starting it again`);
      setTimeout(() => this.restart(entry, env), delay);
    });
  }

  private restart(entry: Entry, env: NodeJS.ProcessEnv): void {
    if (this.stopping) return;
    entry.process = this.fork(entry.name, env, entry.args);
    this.watch(entry, env);
  }

  private async tail(name: string): Promise<string> {
    const text = await readFile(join(this.logDir, `${name}.log`), 'utf8').catch(() => '');
    return text.trim().split('\n').slice(-5).join('\n');
  }
}

function ready(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(String(code)));
    child.once('exit', onExit);
    child.on('message', (message: { ready?: boolean; url?: string }) => {
      if (message.ready !== true) return;
      child.off('exit', onExit);
      resolve(message.url);
    });
  });
}

// A child that does not heed SIGTERM within the contract's ten seconds is ended the hard way.
const END_LIMIT_MS = 10_000;

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
