import type { Queryable } from '#store/database';

export type SealedPage = readonly { readonly id: string; readonly cipher: Buffer }[];

export async function rejectedRowPage(db: Queryable, after: string, limit: number): Promise<SealedPage> {
  const { rows } = await db.query<SealedPage[number]>(
    'select id, row_cipher as cipher from rejected_row where id > $1 order by id limit $2',
    [after, limit],
  );
  return rows;
}

export async function typedNumberPage(db: Queryable, after: string, limit: number): Promise<SealedPage> {
  const { rows } = await db.query<SealedPage[number]>(
    `select id, phone_raw_cipher as cipher from visit_record
     where phone_raw_cipher is not null and id > $1 order by id limit $2`,
    [after, limit],
  );
  return rows;
}
