import type { Queryable } from '#store/database';

/** A carrier account, as facts and answers to people need it. */
export interface SenderInfo {
  readonly key: string;
  readonly channel: 'sms' | 'viber';
  readonly addressing: 'phone' | 'subscriber';
}

export async function senderInfo(db: Queryable, key: string): Promise<SenderInfo | undefined> {
  const { rows } = await db.query<SenderInfo>('select key, channel, addressing from sender where key = $1', [
    key,
  ]);
  return rows[0];
}

export interface NewSender extends SenderInfo {
  readonly kind: string;
  readonly twoWay: boolean;
  readonly priority: number;
}

/** Makes rows for senders that no worker has written yet, so that what they say can be applied at once. */
export async function senderEnsure(db: Queryable, senders: readonly NewSender[], now: Date): Promise<void> {
  for (const sender of senders) {
    await db.query(
      `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
       values ($1, $2, $3, $4, $5, true, $6, $7) on conflict (key) do nothing`,
      [sender.key, sender.kind, sender.channel, sender.addressing, sender.twoWay, sender.priority, now],
    );
  }
}
