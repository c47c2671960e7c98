import type { Queryable } from '#store/database';
import type { Vault } from './vault.js';

export interface Phone {
  readonly e164: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

interface Found {
  id: string;
  hash: string;
}

/**
 * The contact of each number, made where there was none; a contact whose number is no longer kept gets it back, since
 * the person has given it anew. Somebody who was forgotten has no hash, so their number makes a new contact. Returns E.164 → contact id for every number given. Safe beside others that do the
 * same: rows are inserted in the order of their hash, so two transactions never wait for each other crosswise.
 */
export async function contactUpsert(
  db: Queryable,
  vault: Vault,
  phones: readonly Phone[],
  now: Date,
): Promise<Map<string, string>> {
  const countries = new Map(phones.map((phone) => [phone.e164, phone.country]));
  const wanted = new Map<string, Phone>();
  for (const [e164, country] of countries) wanted.set(vault.phoneHashHex(e164), { e164, country });
  const ids = new Map<string, string>();
  const take = (rows: Found[]): void => {
    for (const { id, hash } of rows) {
      const phone = wanted.get(hash);
      if (phone) ids.set(phone.e164, id);
      wanted.delete(hash);
    }
  };
  if (wanted.size > 0) take(await contactByHash(db, [...wanted.keys()]));
  if (wanted.size > 0) take(await contactInsert(db, vault, wanted, now));
  // What is left was inserted by somebody else meanwhile, and has been committed: the insert waited for it.
  if (wanted.size > 0) take(await contactByHash(db, [...wanted.keys()]));
  return ids;
}

async function contactByHash(db: Queryable, hashes: readonly string[]): Promise<Found[]> {
  const { rows } = await db.query<Found>(
    `select id, encode(phone_hash, 'hex') as hash from contact
     where phone_hash = any($1::bytea[]) and phone_cipher is not null`,
    [hashes.map(bytea)],
  );
  return rows;
}

async function contactInsert(
  db: Queryable,
  vault: Vault,
  wanted: ReadonlyMap<string, Phone>,
  now: Date,
): Promise<Found[]> {
  const ordered = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  const { rows } = await db.query<Found>(
    `insert into contact as c (phone_hash, phone_cipher, key_id, country, created_at)
     select hash, cipher, $4, country, $5
     from unnest($1::bytea[], $2::bytea[], $3::text[]) as given (hash, cipher, country)
     order by hash
     on conflict (phone_hash) do update
       set phone_cipher = excluded.phone_cipher, key_id = excluded.key_id
       where c.phone_cipher is null
     returning id, encode(phone_hash, 'hex') as hash`,
    [
      ordered.map(([hash]) => bytea(hash)),
      ordered.map(([, phone]) => bytea(vault.seal(phone.e164).cipher.toString('hex'))),
      ordered.map(([, phone]) => phone.country),
      vault.keyId,
      now,
    ],
  );
  return rows;
}

function bytea(hex: string): string {
  return `\\x${hex}`;
}

/** Contact id → E.164 number; contacts whose number is not kept are absent. For the moment of sending only. */
export async function openPhones(
  db: Queryable,
  vault: Vault,
  contactIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; phone_cipher: Buffer }>(
    `select id, phone_cipher from contact where id = any($1::bigint[]) and phone_cipher is not null`,
    [contactIds],
  );
  return new Map(rows.map((row) => [row.id, vault.open(row.phone_cipher)]));
}

/** The E.164 number of one contact, or undefined when it is not kept. */
export async function openPhone(db: Queryable, vault: Vault, contactId: string): Promise<string | undefined> {
  return (await openPhones(db, vault, [contactId])).get(contactId);
}
