import type { Queryable } from '#store/database';
import type { Period } from '#reporting/reporting-period';

export interface Named {
  readonly code: string;
  readonly name: string;
}

/** What the filters of the page offer. */
export interface Offered {
  readonly centres: readonly Named[];
  readonly services: readonly Named[];
  readonly campaigns: readonly string[];
}

const MOST_SERVICES = 400;

/** Centres the person sees (null: all), services of the period's visits under their newest name, and campaigns. */
export async function offeredFilters(
  db: Queryable,
  { from, to }: Period,
  centres: readonly string[] | null,
): Promise<Offered> {
  const [places, services, campaigns] = await Promise.all([
    db.query<Named>(
      'select code, name from centre where $1::text[] is null or code = any($1) order by name',
      [centres],
    ),
    db.query<Named>(
      `select v.service_code as code, coalesce(max(v.service_name), v.service_code) as name
       from visit v join centre c on c.id = v.centre_id
       where v.finished_on between $1::date and $2::date and v.service_code is not null
         and ($3::text[] is null or c.code = any($3))
       group by 1 order by 2 limit $4`,
      [from, to, centres, MOST_SERVICES],
    ),
    db.query<{ key: string }>(`select distinct key from definition where kind = 'campaign' order by key`),
  ]);
  return { centres: places.rows, services: services.rows, campaigns: campaigns.rows.map(({ key }) => key) };
}

/** Surveys' newest contents, for the wording of questions. */
export async function newestSurveys(db: Queryable): Promise<unknown[]> {
  const { rows } = await db.query<{ content: unknown }>(
    `select distinct on (key) content from definition where kind = 'survey' order by key, revision desc`,
  );
  return rows.map(({ content }) => content);
}
