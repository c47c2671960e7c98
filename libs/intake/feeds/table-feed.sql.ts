import { escapeIdentifier } from 'pg';
import type { Queryable } from '#store/database';

export async function positionRead(db: Queryable, feed: string): Promise<string | undefined> {
  const { rows } = await db.query<{ position: string }>(
    'select position from feed_position where feed = $1',
    [feed],
  );
  return rows[0]?.position;
}

export async function positionWrite(db: Queryable, feed: string, position: string, now: Date): Promise<void> {
  await db.query(
    `insert into feed_position (feed, position, updated_at) values ($1, $2, $3)
     on conflict (feed) do update set position = excluded.position, updated_at = excluded.updated_at`,
    [feed, position, now],
  );
}

/** What to read of a foreign table; names as the feed file has them. */
export interface TablePage {
  readonly from: string;
  readonly columns: readonly string[];
  /** The column whose order the reading follows, and the one that tells rows of equal watermark apart. */
  readonly watermark: string;
  readonly id: string;
  /** SQL type of the watermark, as its server names it. */
  readonly type: string;
}

/** How far back the first page of a look begins, as a parameter of the type that is subtracted. */
export interface Overlap {
  readonly value: string | number;
  readonly type: 'interval' | 'numeric';
}

/** Select all mapped columns as text c0, c1, … with `watermark` and `id`, in order, one page. */
function pageSelect({ from, columns, watermark, id }: TablePage, condition: string): string {
  const listed = columns.map((column, i) => `${escapeIdentifier(column)}::text as c${i}`);
  return (
    `select ${listed.join(', ')}, ${escapeIdentifier(watermark)}::text as watermark, ` +
    `coalesce(${escapeIdentifier(id)}::text, '') as id from ${relation(from)} ` +
    `where ${condition} order by ${escapeIdentifier(watermark)}, coalesce(${escapeIdentifier(id)}::text, '') limit $1`
  );
}

/** First page of a look: from the position less the overlap, or from the beginning. */
export function firstPage(
  page: TablePage,
  position: string | undefined,
  overlap: Overlap,
  limit: number,
): { text: string; values: unknown[] } {
  const column = escapeIdentifier(page.watermark);
  if (position === undefined) return { text: pageSelect(page, `${column} is not null`), values: [limit] };
  const text = pageSelect(page, `${column} >= $2::${page.type} - $3::${overlap.type}`);
  return { text, values: [limit, position, overlap.value] };
}

export function nextPage(
  page: TablePage,
  after: { watermark: string; id: string },
  limit: number,
): { text: string; values: unknown[] } {
  const key = `(${escapeIdentifier(page.watermark)}, coalesce(${escapeIdentifier(page.id)}::text, ''))`;
  return {
    text: pageSelect(page, `${key} > ($2::${page.type}, $3)`),
    values: [limit, after.watermark, after.id],
  };
}

export function unmarkedCount(from: string, watermark: string): string {
  return `select count(*) as unmarked from ${relation(from)} where ${escapeIdentifier(watermark)} is null`;
}

/** Type of a column, from the foreign server's catalogue; no row when table or column are not there. */
export const COLUMN_TYPE = `select format_type(atttypid, atttypmod) as type from pg_attribute
  where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`;

export function relation(name: string): string {
  return name.split('.').map(escapeIdentifier).join('.'); // prettier-ignore
}
