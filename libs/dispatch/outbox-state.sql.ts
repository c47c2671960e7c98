import type { Queryable } from '#store/database';
import { isWaiting } from './waiting.sql.js';

export interface OutboxState {
  readonly senders: readonly {
    readonly key: string;
    readonly stopped: boolean;
    /** Messages that are due and wait. */
    readonly due: number;
    /** When the oldest of them became due; civil. */
    readonly oldest: Date | null;
    readonly uncertain: number;
  }[];
}

/** How the outbox stands, for metrics and doctors; reads the partial indexes only. */
export async function outboxState(db: Queryable, now: Date): Promise<OutboxState> {
  const { rows } = await db.query<OutboxState['senders'][number]>(
    `select s.key, s.stopped_at is not null or not s.enabled as stopped, q.due, q.oldest, u.uncertain
     from sender s
     cross join lateral (
       select count(*)::int as due, min(m.due_at) as oldest
       from message m where m.sender = s.key and ${isWaiting('m')} and m.due_at <= $1
     ) q
     left join lateral (
       select count(*)::int as uncertain from message m where m.standing = 'uncertain' and m.sender = s.key
     ) u on true
     order by s.key`,
    [now],
  );
  return { senders: rows };
}
