import type { Queryable } from '#store/database';

export interface ContactRow {
  readonly id: string;
  readonly phoneHash: Buffer | null;
  readonly phoneCipher: Buffer | null;
}

const CONTACT = 'c.id, c.phone_hash as "phoneHash", c.phone_cipher as "phoneCipher"';
const locked = (lock: boolean): string => (lock ? 'for update of c' : '');

export async function contactByHash(
  db: Queryable,
  phoneHash: Buffer,
  lock: boolean,
): Promise<ContactRow | undefined> {
  const { rows } = await db.query<ContactRow>(
    `select ${CONTACT} from contact c where c.phone_hash = $1 ${locked(lock)}`,
    [phoneHash],
  );
  return rows[0];
}

export async function contactOfCode(
  db: Queryable,
  code: string,
  lock: boolean,
): Promise<ContactRow | undefined> {
  const { rows } = await db.query<ContactRow>(
    `select ${CONTACT} from invitation i join contact c on c.id = i.contact_id where i.code = $1 ${locked(lock)}`,
    [code],
  );
  return rows[0];
}

export async function subscribersOf(
  db: Queryable,
  contactId: string,
): Promise<{ id: string; sender: string; userId: string }[]> {
  const { rows } = await db.query<{ id: string; sender: string; userId: string }>(
    `select id, sender, user_id as "userId" from viber_subscriber where contact_id = $1 order by id`,
    [contactId],
  );
  return rows;
}
