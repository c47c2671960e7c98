import type { Queryable } from '#store/database';
import { inDueIndex } from './waiting.sql.js';

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

/**
 * How the outbox stands, for metrics and doctors. What is due is counted in its index, where those under way stand as well,
 * and these are taken off by their claims; so `oldest` may be one that is just being sent.
 */
export async function outboxState(db: Queryable, now: Date): Promise<OutboxState> {
  const { rows } = await db.query<OutboxState['senders'][number]>(
    `select s.key, s.stopped_at is not null or not s.enabled as stopped, greatest(q.due - f.flying, 0) as due,
       case when q.due > f.flying then q.oldest end as oldest, u.uncertain
     from sender s
     cross join lateral (
       select count(*)::int as due, min(m.due_at) as oldest
       from message m where m.sender = s.key and ${inDueIndex('m')} and m.due_at <= $1
     ) q
     cross join lateral (
       select coalesce(sum(c.in_flight), 0)::int as flying from claim c where c.sender = s.key
     ) f
     left join lateral (
       select count(*)::int as uncertain from message m where m.standing = 'uncertain' and m.sender = s.key
     ) u on true
     order by s.key`,
    [now],
  );
  return { senders: rows };
}
