import type { Queryable } from '#store/database';
import type { DataClass } from './data-classes.js';

export interface RetentionRule {
  readonly class: string;
  /** null: for ever. */
  readonly keepDays: number | null;
}

export async function retentionRules(db: Queryable): Promise<RetentionRule[]> {
  const { rows } = await db.query<RetentionRule>(
    `select class, keep_days as "keepDays" from retention_rule order by class`,
  );
  return rows;
}

export async function retentionRulePut(db: Queryable, rule: RetentionRule, now: Date): Promise<void> {
  await db.query(
    `insert into retention_rule (class, keep_days, updated_at) values ($1, $2, $3)
     on conflict (class) do update set keep_days = excluded.keep_days, updated_at = excluded.updated_at`,
    [rule.class, rule.keepDays, now],
  );
}

export interface Removal {
  readonly pieces: number;
  /** Where the next batch of the class goes on; null: there is no more. */
  readonly next: string | null;
}

/** Removes one batch of what is older than `before` and notes how much it was, both or neither. */
export async function retentionRemove(
  tx: Queryable,
  { key, remove }: DataClass,
  batch: { before: Date; keepDays: number; limit: number; after: string; now: Date },
): Promise<Removal> {
  const uses = (place: string): boolean => remove.includes(place);
  const values = [
    batch.before,
    batch.limit,
    ...(uses('$3') ? [batch.after] : []),
    ...(uses('$4') ? [batch.keepDays] : []),
  ];
  const { rows } = await tx.query<{ pieces: number; last: string | null }>(remove, values);
  const { pieces = 0, last = null } = rows[0] ?? {};
  if (pieces > 0) {
    await tx.query(
      `insert into retention_removal as known (class, removed_on, pieces) values ($1, $2::timestamptz at time zone 'UTC', $3)
       on conflict (class, removed_on) do update set pieces = known.pieces + excluded.pieces`,
      [key, batch.now, pieces],
    );
  }
  return { pieces, next: last ?? (pieces === batch.limit ? '0' : null) };
}

export interface HeldData {
  readonly held: number;
  /** Held although its time is over. */
  readonly due: number;
  readonly oldestAt: Date | null;
  readonly removed: number;
  /** Day in UTC. */
  readonly lastRemovedOn: string | null;
}

/** What a class holds now, and what was removed of it so far. `before` null: nothing is ever due. */
export async function retentionHeld(
  db: Queryable,
  { key, held }: DataClass,
  before: Date | null,
): Promise<HeldData> {
  const { rows } = await db.query<HeldData>(
    `select h.held, h.due, h.oldest as "oldestAt", r.removed, r.last::text as "lastRemovedOn"
     from (select count(*)::int as held, count(*) filter (where at < $1)::int as due, min(at) as oldest from (${held}) pieces) h,
       (select coalesce(sum(pieces), 0)::int as removed, max(removed_on) as last from retention_removal where class = $2) r`,
    [before, key],
  );
  return rows[0] as HeldData;
}
