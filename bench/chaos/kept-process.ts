import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#config/project';

const main = join(projectRoot, 'dist', 'apps', 'cli', 'main.js');
/** Real time between a death and the next start: short, as under any process manager. */
const RESTART_MS = 200;

/**
 * One of Vidhuk's processes as a process manager keeps it: it runs, and when it dies, however, it is started again.
 * Its log goes to a file of its name.
 */
export class KeptProcess {
  kills = 0;
  starts = 0;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readyWaiters: (() => void)[] = [];
  private isReady = false;

  constructor(
    readonly name: string,
    private readonly args: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
    private readonly logDir: string,
  ) {}

  /** Resolves when it first said that it is ready. */
  start(): Promise<void> {
    this.launch();
    return this.ready();
  }

  ready(): Promise<void> {
    return this.isReady ? Promise.resolve() : new Promise((resolve) => this.readyWaiters.push(resolve));
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** SIGKILL, at whatever it is doing; it comes back by itself. */
  kill(): void {
    if (this.child?.kill('SIGKILL') !== true) return;
    this.isReady = false;
    this.kills++;
  }

  /** Ends it for good, without a chance to tidy up. */
  async end(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  private launch(): void {
    if (this.stopped) return;
    this.starts++;
    this.isReady = false;
    const log = openSync(join(this.logDir, `${this.name}.log`), 'a');
    const child = fork(main, [...this.args], {
      env: this.env,
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.child = child;
    child.on('message', (message: { ready?: boolean }) => {
      if (message.ready !== true) return;
      this.isReady = true;
      for (const resolve of this.readyWaiters.splice(0)) resolve();
    });
    child.once('exit', () => {
      this.isReady = false;
      this.timer = setTimeout(() => this.launch(), RESTART_MS);
    });
  }
}
