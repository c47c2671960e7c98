import type { Queryable } from '#store/database';
import { count } from './kept-count.js';
import type { Counted, Measure } from './measure.sql.js';
import type { ReportQuestion } from './question.js';

/** Messages of one group, channel and kind that carriers accepted. */
export interface Spent {
  readonly by: (string | null)[];
  readonly channel: 'sms' | 'viber';
  readonly kind: string;
  readonly messages: number;
  readonly parts: number;
  readonly uncounted: number;
}

export const MESSAGES: Measure = {
  rollup: 'rollup_message',
  beside: { table: 'message', as: 'm', on: 'm.invitation_id = i.id and m.accepted_at is not null' },
  where: 'true',
  own: 'true',
  keys: { sent_by: 'm.channel', kind: 'm.kind' },
  sums: {
    messages: 'count(*)::int',
    parts: 'coalesce(sum(m.parts), 0)::int',
    uncounted: '(count(*) filter (where m.parts is null))::int',
  },
};

/** Counts the accepted messages of the visits of the question, of any kind, by group. `now`: civil time. */
export async function messageSpent(db: Queryable, question: ReportQuestion, now: Date): Promise<Spent[]> {
  type Row = Omit<Counted<Spent>, 'channel'> & { sent_by: Spent['channel'] };
  const rows = await count<Row>(db, MESSAGES, question, now);
  return rows.map(({ sent_by: channel, ...row }) => ({ ...row, channel }));
}
