import type { Queryable } from '#store/database';

export interface ListedSender {
  readonly key: string;
  readonly kind: string;
  readonly channel: string;
  /** `paused`: a worker waits for the carrier to recover; `stopped`: our account was refused; both end by a probe. */
  readonly state: 'running' | 'paused' | 'stopped' | 'off';
  readonly enabled: boolean;
  readonly priority: number;
  readonly stoppedAt: Date | null;
  readonly stoppedReason: string | null;
  /** Real time. */
  readonly pausedUntil: Date | null;
  readonly partsPerSecond: number | null;
  readonly maxInFlight: number | null;
}

/** Every carrier account; there are a handful. `real`: the machine's own time, which pauses are in. */
export async function senderList(db: Queryable, real: Date): Promise<ListedSender[]> {
  const { rows } = await db.query<ListedSender>(
    `select key, kind, channel, enabled, priority, stopped_at as "stoppedAt", stopped_reason as "stoppedReason",
       case when paused_until > $1 then paused_until end as "pausedUntil", parts_per_second as "partsPerSecond",
       max_in_flight as "maxInFlight",
       case when not enabled then 'off' when stopped_at is not null then 'stopped'
         when paused_until > $1 then 'paused' else 'running' end as state
     from sender order by channel, priority, key`,
    [real],
  );
  return rows;
}
