import type { Queryable } from '#store/database';
import type { DefinitionKind } from '#store/entities';

export interface StoredDefinition {
  readonly id: string;
  readonly kind: DefinitionKind;
  readonly key: string;
  readonly revision: number;
  readonly content: object;
  readonly contentHash: string;
  readonly published: boolean;
}

const COLUMNS = `id, kind, key, revision, content, content_hash as "contentHash", published_at is not null as published`;

/** The newest revision of each definition, published or not. */
export async function definitionLatest(db: Queryable): Promise<StoredDefinition[]> {
  const { rows } = await db.query<StoredDefinition>(
    `select distinct on (kind, key) ${COLUMNS} from definition order by kind, key, revision desc`,
  );
  return rows;
}

/** The revision in force of each definition of the kind: the newest that was published. */
export async function definitionPublished(db: Queryable, kind: DefinitionKind): Promise<StoredDefinition[]> {
  const { rows } = await db.query<StoredDefinition>(
    `select distinct on (key) ${COLUMNS} from definition
     where kind = $1 and published_at is not null order by key, revision desc`,
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

/** Puts a draft into force as it is; a revision that was published before keeps its time. */
export async function definitionPublish(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update definition set published_at = $2 where id = $1 and published_at is null', [id, now]);
}

/** Two applications at once would give one key two equal revisions; the lock ends with the transaction. */
export async function definitionLock(db: Queryable): Promise<void> {
  await db.query('lock table definition in share row exclusive mode');
}
