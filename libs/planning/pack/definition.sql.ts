import type { Queryable } from '#store/database';
import type { DefinitionKind } from '#store/entities';

export interface StoredDefinition {
  readonly id: string;
  readonly kind: DefinitionKind;
  readonly key: string;
  readonly revision: number;
  readonly content: object;
  readonly contentHash: string;
  /** Key of the pack that brought it. */
  readonly pack: string;
  readonly published: boolean;
  /** Published once and taken out of force since. */
  readonly withdrawn: boolean;
}

const COLUMNS = `id, kind, key, revision, content, content_hash as "contentHash", pack, published_at is not null as published,
  withdrawn_at is not null as withdrawn`;

/** The newest revision of each definition, published or not. */
export async function definitionLatest(db: Queryable): Promise<StoredDefinition[]> {
  const { rows } = await db.query<StoredDefinition>(
    `select distinct on (kind, key) ${COLUMNS} from definition order by kind, key, revision desc`,
  );
  return rows;
}

/** The revision in force of each definition of the kind: the newest that was published, unless it was withdrawn. */
export async function definitionPublished(db: Queryable, kind: DefinitionKind): Promise<StoredDefinition[]> {
  const { rows } = await db.query<StoredDefinition>(
    `select * from (
       select distinct on (key) ${COLUMNS} from definition
       where kind = $1 and published_at is not null order by key, revision desc
     ) newest where not withdrawn`,
    [kind],
  );
  return rows;
}

export async function definitionByIds(db: Queryable, ids: readonly string[]): Promise<StoredDefinition[]> {
  const { rows } = await db.query<StoredDefinition>(
    `select ${COLUMNS} from definition where id = any($1::bigint[])`,
    [ids],
  );
  return rows;
}

export interface NewRevision {
  readonly kind: DefinitionKind;
  readonly key: string;
  readonly content: object;
  readonly contentHash: string;
  readonly pack: string;
  readonly now: Date;
  readonly publish: boolean;
}

/** Adds the next revision; earlier ones stay, so that an old answer keeps its wording. */
export async function definitionInsert(db: Queryable, given: NewRevision): Promise<StoredDefinition> {
  const { rows } = await db.query<StoredDefinition>(
    `insert into definition (kind, key, revision, content, content_hash, pack, created_at, published_at)
     select $1::text, $2::text, coalesce(max(revision), 0) + 1, $3::jsonb, $4::text, $5::text, $6::timestamptz,
       case when $7::boolean then $6::timestamptz end
     from definition where kind = $1::text and key = $2::text
     returning ${COLUMNS}`,
    [
      given.kind,
      given.key,
      JSON.stringify(given.content),
      given.contentHash,
      given.pack,
      given.now,
      given.publish,
    ],
  );
  return rows[0] as StoredDefinition;
}

/** Puts a draft, or a revision that was withdrawn, into force as it is; one published before keeps its time. */
export async function definitionPublish(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update definition set published_at = coalesce(published_at, $2), withdrawn_at = null where id = $1', [id, now]); // prettier-ignore
}

export async function definitionWithdraw(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update definition set withdrawn_at = $2 where id = $1 and withdrawn_at is null', [id, now]);
}

const DEFINITIONS = `hashtextextended('vidhuk definitions', 0)`;

/**
 * Two applications at once would give one key two equal revisions; the lock ends with the transaction. It waits for the
 * plans that are being made, so that afterwards none is written by what was in force before.
 */
export async function definitionLock(db: Queryable): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(${DEFINITIONS})`);
}

/** What is in force stays so until this transaction ends. */
export async function definitionHold(db: Queryable): Promise<void> {
  await db.query(`select pg_advisory_xact_lock_shared(${DEFINITIONS})`);
}
