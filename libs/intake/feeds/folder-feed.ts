import { createReadStream, type Stats } from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { readMapping } from '../mapping/read-mapping.js';
import type { Mapping } from '../mapping/mapping.js';
import { RejectsFile } from '../rejects-file.js';
import type { VisitIntake } from '../visit-intake.js';

/** Real milliseconds for which a file must not have changed before it counts as complete. */
const SETTLE_MS = 10_000;
/** Hidden files, and the names under which programs write what is not finished. */
const UNFINISHED = /^[.~]|\.(?:tmp|temp|part|partial|filepart|crdownload|swp|lock)$/i;

interface Look {
  readonly size: number;
  readonly changedMs: number;
  /** When this size was first seen, real time. */
  readonly sinceMs: number;
}

/**
 * Imports the files that a queue system puts into a folder. Each ends in `done/`, or in `rejected/` when nothing of it
 * could be read; what was wrong lies beside it: `NAME.rejects.EXT` with the rows not taken, `NAME.reason.txt` for the
 * whole. A file is touched only when its size stood still for ten seconds, and moved only after it was stored: a
 * crash in between imports it again, which changes nothing.
 */
export class FolderFeed {
  private readonly looks = new Map<string, Look>();

  constructor(
    private readonly intake: VisitIntake,
    private readonly clock: Clock,
  ) {}

  /** Looks once and imports what is complete. Rejects when folder or mapping cannot be read. */
  async runOnce(feed: {
    source: string;
    mapping: string;
    folder: string;
  }): Promise<{ done: number; rejected: number }> {
    const counts = { done: 0, rejected: 0 };
    const complete = await this.complete(feed.folder);
    if (complete.length === 0) return counts;
    const mapping = await readMapping(feed.mapping);
    for (const file of complete) {
      const result = await this.take(feed.source, mapping, feed.folder, file);
      if (result) counts[result] += 1;
    }
    return counts;
  }

  /** Names of files that have not changed for long enough, oldest name first. */
  private async complete(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: NodeJS.ErrnoException) => {
      throw new AppError('feed_folder_missing', `The folder ${folder} cannot be read: ${thrown.message}`, {
        exitCode: 1,
      });
    });
    const names = entries.filter((e) => e.isFile() && !UNFINISHED.test(e.name)).map((e) => e.name).sort(); // prettier-ignore
    this.forgetAllBut(folder, new Set(names.map((name) => join(folder, name))));
    const complete: string[] = [];
    for (const name of names) if (await this.stands(join(folder, name))) complete.push(name);
    return complete;
  }

  private forgetAllBut(folder: string, present: ReadonlySet<string>): void {
    for (const path of this.looks.keys()) {
      if (dirname(path) === resolve(folder) && !present.has(path)) this.looks.delete(path);
    }
  }

  private async stands(path: string): Promise<boolean> {
    const found = await statIfThere(path);
    if (!found) return false;
    const now = this.clock.real().getTime();
    const before = this.looks.get(path);
    if (before?.size === found.size && before.changedMs === found.mtimeMs)
      return now - before.sinceMs >= SETTLE_MS;
    this.looks.set(path, { size: found.size, changedMs: found.mtimeMs, sinceMs: now });
    return false;
  }

  private async take(
    source: string,
    mapping: Mapping,
    folder: string,
    name: string,
  ): Promise<'done' | 'rejected' | undefined> {
    const path = join(folder, name);
    const rejects = join(folder, `.${name}.rejects`);
    try {
      const count = await this.import(source, mapping, path, name, rejects);
      // It grew after all: it stays, and is read again as a whole once it stands still.
      if (!(await this.stands(path))) return undefined;
      const moved = await moveInto(join(folder, 'done'), path, name);
      if (count > 0) await rename(rejects, beside(moved, 'rejects'));
      return 'done';
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !BAD_FILE.has(thrown.code)) throw thrown;
      const moved = await moveInto(join(folder, 'rejected'), path, name);
      await writeFile(`${moved}.reason.txt`, `${thrown.message}\n`);
      return 'rejected';
    } finally {
      await rm(rejects, { force: true });
    }
  }

  /** Returns the number of rows not taken, which are then in the rejects file. */
  private async import(
    source: string,
    mapping: Mapping,
    path: string,
    name: string,
    rejectsPath: string,
  ): Promise<number> {
    const rejects = new RejectsFile(rejectsPath, mapping);
    try {
      const summary = await this.intake.importStream({
        source,
        mapping,
        stream: createReadStream(path),
        name,
        via: 'folder',
        onHeader: (header) => rejects.header(header),
        onReject: (row) => rejects.add(row),
      });
      return summary.rejected;
    } finally {
      await rejects.close();
    }
  }
}

/** What is the file's own fault; anything else (no database, a full disk) is tried again. */
const BAD_FILE = new Set(['columns_missing', 'input_empty', 'input_unreadable']);

/** Moves a file into a folder, under a number of its own when the name is taken there. Returns its new path. */
async function moveInto(folder: string, path: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (let number = 1; ; number++) {
    const target = join(folder, number === 1 ? name : beside(name, String(number)));
    const taken = await access(target).then(() => true, () => false); // prettier-ignore
    if (taken) continue;
    await rename(path, target);
    return target;
  }
}

/** `visits.csv` with `rejects` is `visits.rejects.csv`; the file is written in plain text even when it came gzipped. */
function beside(path: string, word: string): string {
  const plain = word === 'rejects' ? path.replace(/\.gz$/i, '') : path;
  const ending = extname(plain);
  return `${plain.slice(0, plain.length - ending.length)}.${word}${ending}`;
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined;
    throw thrown;
  });
}
