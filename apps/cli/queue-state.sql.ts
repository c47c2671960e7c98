import { isWaiting } from '#dispatch/waiting.sql';
import type { Queryable } from '#store/database';

export interface QueueState {
  readonly due: number;
  readonly oldestDueAt: Date | null;
  readonly unplanned: number;
  readonly unapplied: number;
  readonly uncertain: number;
  readonly stopped: readonly { key: string; reason: string }[];
}

/** How much waits, for the doctor. `now` is civil time. */
export async function queueState(db: Queryable, now: Date): Promise<QueueState> {
  const { rows } = await db.query<Omit<QueueState, 'stopped'>>(
    `select
       (select count(*)::int from message m where ${isWaiting('m')} and due_at <= $1) as due,
       (select min(due_at) from message m where ${isWaiting('m')} and due_at <= $1) as "oldestDueAt",
       (select count(*)::int from visit where planning_due_at <= $1) as unplanned,
       (select count(*)::int from carrier_fact where applied_at is null) as unapplied,
       (select count(*)::int from message where standing = 'uncertain') as uncertain`,
    [now],
  );
  const stopped = await db.query<{ key: string; reason: string }>(
    `select key, stopped_reason as reason from sender where enabled and stopped_at is not null order by key`,
  );
  const [counts] = rows;
  if (!counts) throw new Error('a query without from returned no row');
  return { ...counts, stopped: stopped.rows };
}
