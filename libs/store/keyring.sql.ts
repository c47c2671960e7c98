import { AppError } from '#kernel/errors';
import { firstHashingKey, SealingKey, type Keyring } from '#kernel/sealing-key';
import type { Queryable } from './database.js';

export interface GivenSecrets {
  readonly current: string;
  readonly previous: readonly string[];
}

/**
 * The secrets completed by the hashing key that the database keeps, sealed. The first process on a new database
 * writes it there. Throws `secret_key_foreign` when none of the secrets opens it: with another hashing key nobody's
 * STOP would be found, so nothing may run.
 */
export async function openKeyring(db: Queryable, secrets: GivenSecrets, now: Date): Promise<Keyring> {
  const sealing = new SealingKey(secrets.current);
  const fresh = firstHashingKey(secrets.current);
  const { rows: known } = await db.query<{ present: boolean }>(
    `select to_regclass('vault_key') is not null as present`,
  );
  // Before the first migration there is nothing to be found by a hash.
  if (known[0]?.present !== true) return { ...secrets, hashingKey: fresh };
  await db.query(
    `insert into vault_key (purpose, key_cipher, key_id, created_at) values ('address_hash', $1, $2, $3)
     on conflict do nothing`,
    [sealing.seal(fresh), sealing.id, now],
  );
  const { rows } = await db.query<{ cipher: Buffer; keyId: string }>(
    `select key_cipher as cipher, key_id as "keyId" from vault_key where purpose = 'address_hash'`,
  );
  const [stored] = rows;
  const held = [sealing, ...secrets.previous.map((secret) => new SealingKey(secret))];
  const key = held.find(({ id }) => id === stored?.keyId);
  if (!stored || !key) throw foreign(stored?.keyId ?? 'none');
  return { ...secrets, hashingKey: key.open(stored.cipher) };
}

/** Seals the hashing key anew under the current secret. Returns whether it was under another. */
export async function resealHashingKey(db: Queryable, keyring: Keyring, now: Date): Promise<boolean> {
  const sealing = new SealingKey(keyring.current);
  const { rowCount } = await db.query(
    `update vault_key set key_cipher = $1, key_id = $2, rotated_at = $3
     where purpose = 'address_hash' and key_id <> $2`,
    [sealing.seal(keyring.hashingKey), sealing.id, now],
  );
  return rowCount > 0;
}

/** Ids of all keys a process can open with, the current one first. */
export function keyIdsOf({ current, previous }: GivenSecrets): string[] {
  return [current, ...previous].map((secret) => new SealingKey(secret).id);
}

/**
 * Which of our processes are connected without holding the key: what is sealed under it they could not read. Idle
 * ones may have no connection, so an empty list is a good sign and no proof.
 */
export async function runningWithout(db: Queryable, keyId: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select distinct split_part(application_name, ' ', 2) as name from pg_stat_activity
     where datname = current_database() and application_name ~ '^vidhuk (worker|gateway|console|up)( |$)'
       and not (string_to_array(application_name, ' ') @> array[$1])
     order by name`,
    [keyId],
  );
  return rows.map(({ name }) => name);
}

function foreign(keyId: string): AppError {
  return new AppError(
    'secret_key_foreign',
    `This database was made with another key (id ${keyId}), so no number in it could be read and no STOP found. ` +
      'Set VIDHUK_SECRET_KEY to the key it was made with, or add that key to VIDHUK_PREVIOUS_SECRET_KEYS.',
    { exitCode: 1, status: 503 },
  );
}
