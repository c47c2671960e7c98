import type { Queryable } from '#store/database';

export interface ListedVisit {
  readonly id: string;
  readonly source: string;
  readonly visitKey: string;
  readonly centre: string;
  readonly service: string | null;
  readonly outcome: string;
  readonly finishedAt: Date;
  readonly legs: number;
  readonly revision: number;
  /** Null until planning has decided. */
  readonly decision: string | null;
  readonly reason: string | null;
  readonly campaign: string | null;
}

/** Visits newest first by arrival; one more than the limit. `from` and `to`: days in the centre's zone. */
export async function visitPage(
  db: Queryable,
  filter: {
    /** Codes; undefined: every centre. */
    centres?: readonly string[] | undefined;
    contact?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
    before?: string | undefined;
    limit: number;
  },
): Promise<ListedVisit[]> {
  const { rows } = await db.query<ListedVisit>(
    `select v.id, v.source, v.visit_key as "visitKey", c.code as centre, v.service_code as service, v.outcome,
            v.finished_at as "finishedAt", v.legs, v.revision, d.decision, d.reason, k.key as campaign
     from visit v
     join centre c on c.id = v.centre_id
     left join decision d on d.visit_id = v.id
     left join definition k on k.id = d.campaign_id
     where ($1::bigint is null or v.id < $1) and ($2::text[] is null or c.code = any($2))
       and ($3::date is null or v.finished_on >= $3) and ($4::date is null or v.finished_on <= $4)
       and ($6::bigint is null or v.contact_id = $6)
     order by v.id desc limit $5`,
    [
      filter.before ?? null,
      filter.centres ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.limit + 1,
      filter.contact ?? null,
    ],
  );
  return rows;
}
