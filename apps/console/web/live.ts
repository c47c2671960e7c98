import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#kernel/clock';
import { civilDate, type CivilDate } from '#kernel/zone';
import { Database } from '#store/database';
import { CLOCK } from '#store/process';
import { feedLatest, type FeedItem } from './live-feed.sql.js';
import { liveFigures, type LiveFigures } from './live-figures.js';

export interface Span {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

export interface LiveState {
  readonly now: Date;
  readonly zone: string;
  readonly speed: number;
  readonly figures: LiveFigures;
  readonly feed: readonly FeedItem[];
}

interface Kept {
  readonly made: Promise<LiveState>;
  freshUntil: number;
}

const FEED_LENGTH = 40;
const SHORTEST_MS = 1000;
const LONGEST_MS = 300_000;
// A page may cost the database at most this share of its time, however many people look and however long it takes.
const IDLE_FACTOR = 9;
const MOST_SPANS = 50;

/** What the live page shows. One reading serves everyone who looks at the same span of the same centres at about the same time. */
@Injectable()
export class Live {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** `centres`: codes of those that count; null: all. */
  state(span: Span, centres: readonly string[] | null): Promise<LiveState> {
    const key = JSON.stringify([span.from, span.to, centres]);
    const known = this.kept.get(key);
    const asked = this.clock.real().getTime();
    if (known && asked < known.freshUntil) return known.made;
    const kept: Kept = { made: this.read(span, centres), freshUntil: Number.POSITIVE_INFINITY };
    this.remember(key, kept);
    kept.made.then(
      () => {
        const done = this.clock.real().getTime();
        kept.freshUntil = done + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, IDLE_FACTOR * (done - asked)));
      },
      () => this.kept.delete(key),
    );
    return kept.made;
  }

  /** The zone most centres lie in, for "today" and the clock. */
  async zone(): Promise<string> {
    const { rows } = await this.database.query<{ timezone: string }>(
      'select timezone from centre group by timezone order by count(*) desc, timezone limit 1',
    );
    return rows[0]?.timezone ?? 'Europe/Kyiv';
  }

  async today(): Promise<CivilDate> {
    return civilDate(this.clock.now(), await this.zone());
  }

  private async read(span: Span, centres: readonly string[] | null): Promise<LiveState> {
    const now = this.clock.now();
    const [zone, figures, feed] = await Promise.all([
      this.zone(),
      liveFigures(this.database, span, now, centres),
      feedLatest(this.database, { now, limit: FEED_LENGTH, centres }),
    ]);
    return { now, zone, speed: this.clock.speed, figures, feed };
  }

  private remember(key: string, kept: Kept): void {
    const [oldest] = this.kept.keys();
    if (this.kept.size >= MOST_SPANS && oldest !== undefined) this.kept.delete(oldest);
    this.kept.delete(key);
    this.kept.set(key, kept);
  }
}
