import type { Queryable } from '#store/database';
import type { Centre } from './centres-file.js';

/** Writes the listed centres and confirms them. Returns how many rows were new or changed. */
export async function centreConfirm(db: Queryable, centres: readonly Centre[], now: Date): Promise<number> {
  const column = <K extends keyof Centre>(key: K): Centre[K][] => centres.map((centre) => centre[key]);
  const { rowCount } = await db.query(
    `insert into centre as c (code, name, timezone, region, city, address, latitude, longitude, confirmed, created_at)
     select given.*, true, $9 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
       $7::double precision[], $8::double precision[]) as given
     on conflict (code) do update set name = excluded.name, timezone = excluded.timezone, region = excluded.region,
       city = excluded.city, address = excluded.address, latitude = excluded.latitude,
       longitude = excluded.longitude, confirmed = true
     where (c.name, c.timezone, c.region, c.city, c.address, c.latitude, c.longitude, c.confirmed) is distinct from
       (excluded.name, excluded.timezone, excluded.region, excluded.city, excluded.address, excluded.latitude,
        excluded.longitude, true)`,
    [column('code'), column('name'), column('timezone'), column('region'), column('city'), column('address'), column('latitude'), column('longitude'), now], // prettier-ignore
  );
  return rowCount;
}
