import type { Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import { AppError, reasonOf } from '#kernel/errors';
import type { Database } from '#store/database';
import { VisitIntake } from '../visit-intake.js';
import { readFeeds, type FeedSpec, type TableSpec } from './feed-file.js';
import { FolderFeed } from './folder-feed.js';
import { TableFeed } from './table-feed.js';

/** The feeds that run by themselves: watched folders and foreign tables, as described by the files of one folder. */
export class Feeds {
  private readonly folders: FolderFeed;
  private readonly tables: TableFeed;

  /** `dir`: folder of the feed files, read anew each round, so that a change needs no restart. */
  constructor(
    private readonly dir: string,
    private readonly db: Database,
    vault: Vault,
    clock: Clock,
  ) {
    const intake = new VisitIntake(db, vault, clock);
    this.folders = new FolderFeed(intake, clock);
    this.tables = new TableFeed(db, intake, clock);
  }

  /**
   * Gives each feed one turn; a feed that another worker is reading is left to it. Returns how many were read. One that
   * fails does not keep the others from their turn; rejects afterwards with AppError `feeds_failed` that names it.
   */
  async runOnce(): Promise<{ read: number }> {
    const failed: string[] = [];
    let read = 0;
    for (const feed of await readFeeds(this.dir)) {
      try {
        if ('error' in feed) throw feed.error;
        if (await this.alone(feed)) read += 1;
      } catch (thrown) {
        failed.push(`${feed.name}: ${reasonOf(thrown)}`);
      }
    }
    if (failed.length > 0) throw new AppError('feeds_failed', failed.join('\n'), { exitCode: 1 });
    return { read };
  }

  /** The lock lives as long as its transaction, so that a killed worker does not keep it. */
  private alone(feed: FeedSpec): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      const { rows } = await tx.query<{ taken: boolean }>(
        `select pg_try_advisory_xact_lock(hashtextextended('feed ' || $1, 0)) as taken`,
        [feed.name],
      );
      if (rows[0]?.taken !== true) return false;
      if (isTable(feed)) await this.tables.runOnce(feed);
      else if ('folder' in feed.from) await this.folders.runOnce({ ...feed, folder: feed.from.folder });
      return true;
    });
  }
}

function isTable(feed: FeedSpec): feed is FeedSpec & { from: { table: TableSpec } } {
  return 'table' in feed.from;
}
