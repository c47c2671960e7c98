import type { Queryable } from '#store/database';
import type { Principal } from './principal.js';

/** One thing that happened to a person's account, as they are told of it. */
export interface AccountEvent {
  readonly id: string;
  readonly happenedAt: Date;
  readonly action: string;
  /** Who did it: themselves, an administrator, the command line. */
  readonly by: string;
  readonly address: string | null;
  /** A sign-in from a browser that was not known for this account. */
  readonly newBrowser: boolean;
  /** Done in the session that asks. */
  readonly here: boolean;
}

const DAYS = 30;
const TOLD = ['signed_in', 'password.changed', 'second_factor.on', 'second_factor.off', 'sessions.closed', 'user.reset',
  'user.changed', 'user.enabled', 'user.linked']; // prettier-ignore
/** Everything but what people do each day in a browser of theirs: who did not do it must act. */
const STARTLING = `(action <> 'signed_in' and action <> 'sessions.closed' or action = 'signed_in' and (after->>'newBrowser')::boolean)`;
const OF_ACCOUNT = `subject_kind = 'user' and subject_id = $1 and action = any($2::text[])
  and happened_at > $3::timestamptz - interval '${DAYS} days'`;

/** What happened to the account within thirty days, newest first: read from the audit log, which nobody can change. */
export async function accountEvents(
  db: Queryable,
  { id, sessionId }: Principal,
  now: Date,
  limit: number,
): Promise<AccountEvent[]> {
  const { rows } = await db.query<AccountEvent>(
    `select id, happened_at as "happenedAt", action, actor_name as by, address,
            coalesce((after->>'newBrowser')::boolean, false) as "newBrowser",
            coalesce(after->>'session' = $4, false) as here
     from audit_entry where ${OF_ACCOUNT} order by id desc limit $5`,
    [id, TOLD, now, sessionId, limit],
  );
  return rows;
}

/** How much of that should startle a person, was done elsewhere, and is newer than the entry `toldUntil`. */
export async function accountNews(
  db: Queryable,
  { id, sessionId }: Principal,
  toldUntil: string,
  now: Date,
): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*)::int as n from audit_entry
     where ${OF_ACCOUNT} and id > $4 and ${STARTLING} and after->>'session' is distinct from $5`,
    [id, TOLD, now, toldUntil, sessionId],
  );
  return rows[0]?.n ?? 0;
}
