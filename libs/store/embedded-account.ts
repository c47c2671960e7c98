import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { AppError, reasonOf } from '#kernel/errors';

const run = promisify(execFile);

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account PostgreSQL runs under when we are root, which it refuses: `postgres`, made when it is missing.
 * Undefined for an ordinary user, whose own account serves.
 */
export async function postgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await lookUp('postgres');
  if (existing) return existing;
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  } catch (thrown) {
    throw new AppError(
      'postgres_account',
      `PostgreSQL does not run as root and a "postgres" account could not be made (${reasonOf(thrown)}). ` +
        'Run Vidhuk as an ordinary user, or set DATABASE_URL.',
    );
  }
  const made = await lookUp('postgres');
  if (!made)
    throw new AppError('postgres_account', 'The "postgres" account was made but is not in /etc/passwd.');
  return made;
}

async function lookUp(name: string): Promise<Account | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((entry) => entry[0] === name);
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : undefined;
}

/** Whether the account may enter every folder on the way to `path` (mode bits only; access lists are not read). */
export async function reachableBy(account: Account, path: string): Promise<boolean> {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const { mode, uid, gid } = await stat(dir);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}
