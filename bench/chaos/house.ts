import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildChannels, closeChannels, senderRowsOf } from '#channels/registry';
import { projectRoot } from '#config/project';
import { senderSync } from '#dispatch/sender.sql';
import { sandboxEnvironment } from '#sandbox/options';
import { freePort, startEmbedded, type EmbeddedServer } from '#store/embedded';
import { Database } from '#store/database';
import { migrate } from '#store/migrate';
import { openProcess, type RunningProcess } from '#store/process';
import { factories } from '#worker/channels';
import { KeptProcess } from './kept-process.js';

const run = promisify(execFile);
export const SECRET = Buffer.alloc(32, 7).toString('base64');
const WORKERS = 2;

export interface HouseOptions {
  /** ISO moment and speed, as VIDHUK_CLOCK; real time when absent. */
  readonly clock?: string;
  /** Messages in flight per worker and sender. */
  readonly concurrency: number;
}

/** A name of what can be killed. */
export type Victim = 'database' | 'gateway' | 'worker-0' | 'worker-1';

/**
 * Vidhuk as it runs, every process on its own: PostgreSQL with fsync on, two workers, a gateway, and the sandbox's
 * carriers, which alone are never killed, since they are what counts. Whatever else dies is started again at once.
 */
export class ChaosHouse {
  readonly workers: KeptProcess[] = [];
  databaseKills = 0;
  private reviving: Promise<void> = Promise.resolve();

  private constructor(
    readonly dir: string,
    readonly env: NodeJS.ProcessEnv,
    private server: EmbeddedServer,
    private readonly databasePort: number,
    /** The test's own door to database, clock and settings. */
    readonly own: RunningProcess,
    readonly sandbox: KeptProcess,
    readonly gateway: KeptProcess,
  ) {}

  /** Everything but the workers runs when this resolves. */
  static async open({ clock, concurrency }: HouseOptions): Promise<ChaosHouse> {
    const dir = await mkdtemp(join(tmpdir(), 'vidhuk-chaos-'));
    await chmod(dir, 0o755); // the account PostgreSQL runs under must get in
    const [databasePort, gatewayPort, sandboxPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const server = await startEmbedded(join(dir, 'data'), { port: databasePort });
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: server.url,
      VIDHUK_DATA_DIR: join(dir, 'data'),
      VIDHUK_SECRET_KEY: SECRET,
      ...(clock === undefined ? {} : { VIDHUK_CLOCK: clock }),
      VIDHUK_PUBLIC_URL: `http://127.0.0.1:${gatewayPort}`,
      VIDHUK_GATEWAY_PORT: String(gatewayPort),
      VIDHUK_SANDBOX_PORT: String(sandboxPort),
      VIDHUK_METRICS_PORT: '0',
      VIDHUK_LOG_LEVEL: 'warn',
      VIDHUK_DISPATCH_CONCURRENCY: String(concurrency),
      ...sandboxEnvironment(`http://127.0.0.1:${sandboxPort}`),
    };
    const bare = await Database.connect(server.url);
    await migrate(bare);
    await bare.close();
    // Opening settles when the virtual clock began; the sandbox joins it.
    const own = await openProcess('chaos', env);
    // A worker does this at its start; here people join the bot before the first one runs.
    const channels = buildChannels(own.environment, factories);
    await senderSync(own.database, senderRowsOf(channels), own.clock.now());
    await closeChannels(channels);
    const sandbox = new KeptProcess('sandbox', ['sandbox'], env, dir);
    const gateway = new KeptProcess('gateway', ['gateway'], env, dir);
    await Promise.all([sandbox.start(), gateway.start()]);
    return new ChaosHouse(dir, env, server, databasePort, own, sandbox, gateway);
  }

  get sandboxUrl(): string {
    return `http://127.0.0.1:${this.env['VIDHUK_SANDBOX_PORT'] ?? ''}`;
  }

  async startWorkers(): Promise<void> {
    for (let n = 0; n < WORKERS; n++) {
      this.workers.push(new KeptProcess(`worker-${n}`, ['worker'], this.env, this.dir));
    }
    await Promise.all(this.workers.map((worker) => worker.start()));
  }

  get kills(): Record<string, number> {
    const processes = [this.gateway, ...this.workers];
    return {
      database: this.databaseKills,
      ...Object.fromEntries(processes.map(({ name, kills }) => [name, kills])),
    };
  }

  /** Resolves once everything that was killed is up again. */
  async ready(): Promise<void> {
    await this.reviving;
    await Promise.all([this.gateway, ...this.workers].map((process) => process.ready()));
  }

  /** SIGKILL. A process comes back by itself; the database is started again here, and recovers from its log. */
  async kill(victim: Victim): Promise<void> {
    if (victim !== 'database') {
      [this.gateway, ...this.workers].find(({ name }) => name === victim)?.kill();
      return;
    }
    await this.reviving;
    const { cluster } = JSON.parse(await readFile(join(this.dir, 'data', 'postgres.json'), 'utf8')) as { cluster: string }; // prettier-ignore
    const [pid] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    this.databaseKills++;
    this.reviving = startEmbedded(join(this.dir, 'data'), { port: this.databasePort }).then((server) => {
      this.server = server;
    });
    await this.reviving;
  }

  /** Runs a command of `vidhuk` to its end and returns what it printed; throws when it fails. */
  async vidhuk(...args: string[]): Promise<string> {
    const main = join(projectRoot, 'dist', 'apps', 'cli', 'main.js');
    const { stdout } = await run(process.execPath, [main, ...args], { env: this.env, maxBuffer: 1e8 });
    return stdout;
  }

  /** A query that outlives a database which is being killed: asked again until it answers, two minutes at most. */
  async rows<R extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    for (let left = 600; ; left--) {
      try {
        return (await this.own.database.query<R>(text, values)).rows;
      } catch (thrown) {
        if (left === 0) throw thrown;
        await pause(200);
      }
    }
  }

  async ask<T>(path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<T> {
    const answer = await fetch(this.sandboxUrl + path, {
      method,
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok)
      throw new Error(`the sandbox answered ${answer.status} to ${path}: ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  async endWorkers(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()));
  }

  /** Ends everything and deletes what it left on disk. */
  async close(): Promise<void> {
    await this.endWorkers();
    await Promise.all([this.gateway.end(), this.sandbox.end()]);
    await this.reviving.catch(() => undefined);
    await this.own.close();
    await this.server.stop();
    await this.server.remove();
    await rm(this.dir, { recursive: true, force: true });
  }
}
