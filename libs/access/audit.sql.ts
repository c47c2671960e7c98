import type { Queryable } from '#store/database';
import type { AuditFacts } from './audit-chain.js';

export interface AuditRow extends AuditFacts {
  readonly previousHash: Buffer;
  readonly hash: Buffer;
  readonly seal: Buffer;
}

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** `kind` or `kind:id` of what it was done to. */
  readonly subject?: string | undefined;
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

const FACTS = `id, happened_at as "happenedAt", actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName",
  address, action, subject_kind as "subjectKind", subject_id as "subjectId", before, after`;
const CHAIN = `previous_hash as "previousHash", hash, seal`;

export async function auditHead(db: Queryable): Promise<{ id: string; hash: Buffer } | undefined> {
  const { rows } = await db.query<{ id: string; hash: Buffer }>(
    'select id, hash from audit_entry order by id desc limit 1',
  );
  return rows[0];
}

/** False when another row took the id: the chain has moved on, and this row must be made anew. */
export async function auditInsert(db: Queryable, row: AuditRow): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into audit_entry (id, happened_at, actor_kind, actor_id, actor_name, address, action, subject_kind,
       subject_id, before, after, previous_hash, hash, seal)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12, $13, $14) on conflict (id) do nothing`,
    [row.id, row.happenedAt, row.actorKind, row.actorId, row.actorName, row.address, row.action, row.subjectKind,
     row.subjectId, json(row.before), json(row.after), row.previousHash, row.hash, row.seal],
  ); // prettier-ignore
  return rowCount === 1;
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** Rows of the chain after the given one, oldest first. */
export async function auditChain(db: Queryable, afterId: string, limit: number): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    `select ${FACTS}, ${CHAIN} from audit_entry where id > $1 order by id limit $2`,
    [afterId, limit],
  );
  return rows;
}

/** How often each of the actions was recorded, by a value of what it came to; read through the index of actions. */
export async function auditTally(
  db: Queryable,
  actions: readonly string[],
  by: string,
): Promise<{ action: string; value: string | null; times: number }[]> {
  const { rows } = await db.query<{ action: string; value: string | null; times: number }>(
    `select action, after ->> $2 as value, count(*)::int as times from audit_entry
     where action = any($1::text[]) group by 1, 2 order by 1, 2`,
    [actions, by],
  );
  return rows;
}

/** Newest first; one more than the limit. */
export async function auditPage(
  db: Queryable,
  filter: AuditFilter & { readonly limit: number; readonly olderThan: string | undefined },
): Promise<AuditFacts[]> {
  const [kind, id] = filter.subject?.split(/:(.*)/s) ?? [];
  const { rows } = await db.query<AuditFacts>(
    `select ${FACTS} from audit_entry
     where ($1::bigint is null or id < $1) and ($2::text is null or actor_name = $2)
       and ($3::text is null or action = $3) and ($4::text is null or subject_kind = $4)
       and ($5::text is null or subject_id = $5) and ($6::timestamptz is null or happened_at >= $6)
       and ($7::timestamptz is null or happened_at < $7)
     order by id desc limit $8`,
    [filter.olderThan ?? null, filter.actor ?? null, filter.action ?? null, kind ?? null, id ?? null,
     filter.from ?? null, filter.before ?? null, filter.limit + 1],
  ); // prettier-ignore
  return rows;
}
