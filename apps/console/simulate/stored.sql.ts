import type { Queryable } from '#store/database';
import type { Centre } from '#planning/pack/centres-file';
import type { VisitFacts } from '#planning/simulate/feed';

export interface StoredVisit extends Omit<VisitFacts, 'phone' | 'known'> {
  readonly id: string;
  readonly source: string;
  readonly visitKey: string;
  readonly contactId: string | null;
  readonly phoneHash: Buffer | null;
  readonly country: string | null;
}

/** Visits that finished on these days, in their centres' zones; at most `limit`. */
export async function storedVisits(
  db: Queryable,
  wanted: { from: string; to: string; limit: number },
): Promise<StoredVisit[]> {
  const { rows } = await db.query<StoredVisit>(
    `select v.id, v.source, v.visit_key as "visitKey", c.code as "centreCode", v.service_code as "serviceCode",
       v.service_name as "serviceName", v.outcome, v.finished_at as "finishedAt", v.phone_status as "phoneStatus",
       v.consent, v.language, v.contact_id as "contactId", p.phone_hash as "phoneHash", p.country
     from visit v join centre c on c.id = v.centre_id left join contact p on p.id = v.contact_id
     where v.finished_on between $1 and $2
     order by v.finished_at, v.id limit $3`,
    [wanted.from, wanted.to, wanted.limit],
  );
  return rows;
}

export async function storedCentres(db: Queryable): Promise<Centre[]> {
  const { rows } = await db.query<Centre>(
    'select code, name, timezone, region, city, address, latitude, longitude from centre',
  );
  return rows;
}
