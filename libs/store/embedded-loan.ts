import { rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '#kernel/errors';
import { findEmbedded, startEmbedded } from './embedded.js';

/** Tries to get in while another command starts or stops the server, and the real time between two of them. */
const TRIES = 8;
const BETWEEN_MS = 250;
/** A command that has just ended is still seen by the server for a moment. */
const LOOKS = 10;
const LOOK_MS = 50;

export interface Loan {
  /** Address of the `vidhuk` database. */
  readonly url: string;
  /** Whether this command had to start the server, so that the schema may be behind. */
  readonly started: boolean;
  /** Ends the loan; the last of all commands stops a server that a command has started. */
  release(): Promise<void>;
}

/**
 * The embedded server for the length of a command: the one that runs, else one started for it. Commands may overlap in
 * any way: whoever started the server, it stops when the last of them is done, and one that meets it while it stops tries again.
 */
export async function borrowEmbedded(dataDir: string): Promise<Loan> {
  for (let left = TRIES; ; left--) {
    try {
      return await borrow(dataDir);
    } catch (thrown) {
      const passing = !(thrown instanceof AppError) || thrown.code === 'postgres_start_failed';
      if (left === 0 || !passing) throw thrown;
      await delay(BETWEEN_MS);
    }
  }
}

/** From now on the server stays until its owner stops it, whatever commands come and go. */
export async function keepEmbedded(dataDir: string): Promise<void> {
  await rm(markOf(dataDir), { force: true });
}

async function borrow(dataDir: string): Promise<Loan> {
  const found = await findEmbedded(dataDir);
  const server = found === undefined ? await startEmbedded(dataDir) : undefined;
  if (server?.started) await writeFile(markOf(dataDir), '');
  const url = found ?? server?.url ?? '';
  const hold = new pg.Client({ connectionString: url, application_name: 'vidhuk loan' });
  hold.on('error', () => undefined); // a server that is stopped under us is told by the work itself
  await hold.connect();
  return {
    url,
    started: server?.started ?? false,
    release: async () => {
      const last = (await isTemporary(dataDir)) && (await isAlone(hold));
      await hold.end().catch(() => undefined);
      if (!last) return;
      await keepEmbedded(dataDir);
      await (server ?? (await startEmbedded(dataDir))).stop();
    },
  };
}

function markOf(dataDir: string): string {
  return join(resolve(dataDir), 'postgres.temporary');
}

async function isTemporary(dataDir: string): Promise<boolean> {
  return stat(markOf(dataDir)).then(
    () => true,
    () => false,
  );
}

async function isAlone(hold: pg.Client): Promise<boolean> {
  for (let left = LOOKS; left > 0; left--) {
    const others = await hold
      .query(`select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`)
      .catch(() => undefined);
    if (others === undefined || others.rowCount === 0) return true;
    await delay(LOOK_MS);
  }
  return false;
}
