import { fork } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { from } from 'pg-copy-streams';
import { projectRoot } from '#config/project';
import { Vault } from '#contacts/vault';
import { senderSync } from '#dispatch/sender.sql';
import { runVisitsImport } from '#intake/visits-import';
import { SteppedClock } from '#kernel/clock';
import { applyPack } from '#planning/pack/apply-pack';
import { Planner } from '#planning/planner';
import { Database } from '#store/database';
import { startEmbedded } from '#store/embedded';
import { migrate } from '#store/migrate';
import { exportOf, FIRST_DAY, MAPPING } from './ingest-export.js';
import { measure, median, type Measured } from './measure.js';

/**
 * Rows per second of `visits import` beside COPY + INSERT … SELECT by hand of the very rows it writes, with the same
 * indexes and keys, interleaved: `node dist/bench/ingest.js [--rows 100000] [--rounds 3] [--planned] [--file F --mapping M]`.
 * With `--planned` each visit also gets its decision, and the invited ones their invitation and message. Each measurement is a process of its own on an empty database of one PostgreSQL with fsync on. By hand means without
 * reading, checking, hashing or sealing anything: the rows are ready.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    file: { type: 'string' },
    mapping: { type: 'string' },
    planned: { type: 'boolean', default: false },
  },
});

interface Job {
  readonly who: 'hand' | 'ours';
  readonly url: string;
  readonly file: string;
  readonly mapping: string;
  readonly dir: string;
}

const TABLES = ['centre', 'intake_batch', 'contact', 'visit', 'visit_record'];
if (values.planned) TABLES.push('decision', 'invitation', 'message');
const SECRET_KEY = Buffer.alloc(32, 7).toString('base64');

async function byHand(db: Database, dir: string): Promise<void> {
  await db.transaction(async (tx) => {
    for (const table of TABLES) {
      await tx.query(`create temp table stage_${table} as select * from ${table} limit 0`);
      await pipeline(
        createReadStream(join(dir, table)),
        tx.client.query(from(`copy stage_${table} from stdin`)),
      );
      await tx.query(`insert into ${table} overriding system value select * from stage_${table}`);
    }
  });
}

/** One measurement, in the child. */
async function work({ who, url, file, mapping, dir }: Job): Promise<Measured & { rows: number }> {
  const database = await Database.connect(url);
  let rows = Number(values.rows);
  const run = async (): Promise<void> => {
    if (who === 'hand') return byHand(database, dir);
    const process = { database, clock: new SteppedClock(FIRST_DAY), secretKey: SECRET_KEY };
    rows = (await runVisitsImport(process, { file, mapping })).read;
    if (values.planned) await plan(database);
  };
  const measured = await measure(database, rows, run);
  await database.close();
  return { ...measured, rows };
}

/** As the worker plans; its clock stands at the beginning of the export, so that no visit is too old. */
async function plan(database: Database): Promise<void> {
  const vault = new Vault(SECRET_KEY);
  const planner = new Planner(database, (text) => vault.hash(text));
  while ((await planner.runOnce(FIRST_DAY)).taken > 0);
}

/** What planning needs besides visits: a pack in force and a sender for its messages. */
async function prepare(database: Database): Promise<void> {
  await applyPack(database, join(projectRoot, 'templates/cnap'), { publish: true, now: FIRST_DAY });
  const sms = {
    key: 'sms',
    kind: 'bench',
    channel: 'sms',
    addressing: 'phone',
    two_way: true,
    priority: 1,
  } as const;
  await senderSync(database, [sms], FIRST_DAY);
  await database.query('delete from centre'); // those of the export only: both sides write them
}

function measureIn(job: Job): Promise<Measured & { rows: number }> {
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
  child.send(job);
  return new Promise((resolve, reject) => {
    child.once('message', (measured) => resolve(measured as Measured & { rows: number }));
    child.once('exit', (code) => reject(new Error(`a measurement ended with ${code}`)));
  });
}

async function compare(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'vidhuk-bench-'));
  await chmod(dir, 0o777); // the server's account writes the rows for the hand-written side here
  const server = await startEmbedded(dir);
  const admin = await Database.connect(server.url.replace(/\/vidhuk$/, '/postgres'), { poolSize: 1 });
  try {
    const template = await Database.connect(server.url);
    await migrate(template);
    if (values.planned) await prepare(template);
    await template.close();
    const file = values.file ?? join(dir, 'export.csv');
    const mapping = values.mapping ?? join(dir, 'mapping.yaml');
    if (values.file === undefined) await pipeline(exportOf(Number(values.rows)), createWriteStream(file));
    if (values.mapping === undefined) await writeFile(mapping, MAPPING);
    const url = server.url.replace(/\/vidhuk$/, '/bench');
    const empty = async (): Promise<void> => {
      await admin.query('drop database if exists bench with (force)');
      await admin.query('create database bench template vidhuk');
      await admin.query('checkpoint');
    };
    const job = async (who: Job['who']): Promise<Measured & { rows: number }> => {
      await empty();
      return measureIn({ who, url, file, mapping, dir });
    };
    await job('ours');
    const filled = await Database.connect(url, { poolSize: 1 });
    for (const table of TABLES) await filled.query(`copy ${table} to '${join(dir, table)}'`);
    await filled.close();
    const found: Record<Job['who'], Measured[]> = { hand: [], ours: [] };
    for (let round = 0; round < Number(values.rounds); round++) {
      found.hand.push(await job('hand'));
      found.ours.push(await job('ours'));
    }
    tell(found);
  } finally {
    await admin.close();
    await server.stop();
    await server.remove();
    await rm(dir, { recursive: true, force: true });
  }
}

function tell(found: Record<Job['who'], Measured[]>): void {
  const of = (who: Job['who'], what: keyof Measured): number => median(found[who].map((m) => m[what]));
  for (const who of ['hand', 'ours'] as const) {
    process.stdout.write(
      `${who}  ${of(who, 'perSecond').toFixed(0)} rows/s  node ${of(who, 'nodeUs').toFixed(1)} µs  ` +
        `postgres ${of(who, 'postgresUs').toFixed(1)} µs a row  peak ${of(who, 'peakMb').toFixed(0)} MB\n`,
    );
  }
  process.stdout.write(
    `ours / by hand: ${(of('ours', 'perSecond') / of('hand', 'perSecond')).toFixed(2)} (goal 0.50)\n`,
  );
}

if (process.send) {
  process.once('message', (job) => {
    void work(job as Job).then((measured) => process.send?.(measured, () => process.exit(0)));
  });
} else await compare();
