import type { Queryable } from '#store/database';
import { COUNTED } from '#reporting/answer.sql';
import type { Period } from '#reporting/reporting-period';

export interface SealedComment {
  readonly question: string;
  readonly cipher: Buffer;
}

export interface CentreHead {
  readonly code: string;
  readonly name: string;
  readonly address: string | null;
  readonly city: string | null;
}

/** What people wrote to one centre's surveys, in an order that tells nothing of when or who. */
export async function centreComments(
  db: Queryable,
  centre: string,
  { from, to }: Period,
  limit: number,
): Promise<SealedComment[]> {
  const { rows } = await db.query<SealedComment>(
    `select a.question_key as question, a.text_cipher as cipher
     from visit v
     join centre c on c.id = v.centre_id
     join invitation i on i.visit_id = v.id ${COUNTED}
     where c.code = $1 and v.finished_on between $2::date and $3::date and a.text_cipher is not null
     order by hashint8(i.id) limit $4`,
    [centre, from, to, limit],
  );
  return rows;
}

export async function centreHead(db: Queryable, code: string): Promise<CentreHead | undefined> {
  const { rows } = await db.query<CentreHead>(
    'select code, name, address, city from centre where code = $1',
    [code],
  );
  return rows[0];
}
