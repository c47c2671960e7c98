import type { Queryable } from '#store/database';
import type { DefinitionKind } from '#store/entities';

export interface ListedCentre {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly timezone: string;
  readonly region: string | null;
  readonly city: string | null;
  readonly address: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly confirmed: boolean;
}

/**
 * Centres before `before` by id, newest first; one more than `limit`, to tell whether there is a next page. `codes`:
 * only these; null: all.
 */
export async function centrePage(
  db: Queryable,
  { before, limit, codes }: { before: string | undefined; limit: number; codes: readonly string[] | null },
): Promise<ListedCentre[]> {
  const { rows } = await db.query<ListedCentre>(
    `select id, code, name, timezone, region, city, address, latitude, longitude, confirmed
     from centre where ($1::bigint is null or id < $1) and ($3::text[] is null or code = any($3))
     order by id desc limit $2`,
    [before ?? null, limit + 1, codes],
  );
  return rows;
}

export interface ListedDefinition {
  readonly id: string;
  readonly key: string;
  readonly revision: number;
  readonly pack: string;
  readonly publishedAt: Date;
  readonly content: object;
}

/** The revisions in force of a kind: the newest published of each key. */
export async function definitionPage(
  db: Queryable,
  kind: DefinitionKind,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<ListedDefinition[]> {
  const { rows } = await db.query<ListedDefinition>(
    `select * from (
       select distinct on (key) id, key, revision, pack, published_at as "publishedAt", content
       from definition where kind = $1 and published_at is not null order by key, revision desc
     ) d
     where $2::bigint is null or id < $2 order by id desc limit $3`,
    [kind, before ?? null, limit + 1],
  );
  return rows;
}
