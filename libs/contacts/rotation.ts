import type { Database } from '#store/database';
import { sealedOldCount, sealedPut, sealedTakeOld, type SealedRow } from './rotation.sql.js';
import { SEALED, type SealedTable } from './sealed-columns.js';
import type { Vault } from './vault.js';

const BATCH = 500;

export interface TableRotation {
  readonly table: string;
  /** Sealed anew by this run. */
  readonly resealed: number;
  /** Still under another key: in another's hands all the time, or unreadable. */
  readonly left: number;
  /** Of these: no key that is held opens them. They were left as they are. */
  readonly unreadable: number;
}

/**
 * Seals everything that is under another key anew under the current one, batch by batch, each in a transaction of its
 * own: workers go on meanwhile, a run that is cut off is taken up by the next, and no row is ever between two keys.
 */
export async function rotate(
  database: Database,
  vault: Vault,
  onProgress: (table: string, resealed: number) => void = () => undefined,
): Promise<TableRotation[]> {
  const rotations: TableRotation[] = [];
  for (const table of SEALED) {
    let resealed = 0;
    let pass = { resealed: 0, unreadable: 0 };
    // Rows that somebody held are met again by the next pass; one that changes nothing is the last.
    do {
      pass = await passOver(database, vault, table, (n) => onProgress(table.table, resealed + n));
      resealed += pass.resealed;
    } while (pass.resealed > 0);
    const left = await sealedOldCount(database, table, vault.keyId);
    rotations.push({ table: table.table, resealed, left, unreadable: pass.unreadable });
  }
  return rotations;
}

async function passOver(
  database: Database,
  vault: Vault,
  table: SealedTable,
  onProgress: (resealed: number) => void,
): Promise<{ resealed: number; unreadable: number }> {
  let resealed = 0;
  let unreadable = 0;
  for (let after: readonly string[] | undefined; ;) {
    const request = { keyId: vault.keyId, after, limit: BATCH };
    const taken = await database.transaction(async (tx) => {
      const rows = await sealedTakeOld(tx, table, request);
      const fresh = rows.flatMap((row) => reseal(vault, row) ?? []);
      if (fresh.length > 0) await sealedPut(tx, table, vault.keyId, fresh);
      return { rows, fresh };
    });
    resealed += taken.fresh.length;
    unreadable += taken.rows.length - taken.fresh.length;
    if (taken.rows.length < BATCH) return { resealed, unreadable };
    after = taken.rows.at(-1)?.key;
    onProgress(resealed);
  }
}

function reseal(vault: Vault, { key, ciphers }: SealedRow): SealedRow | undefined {
  try {
    return { key, ciphers: ciphers.map((cipher) => cipher && vault.seal(vault.open(cipher)).cipher) };
  } catch {
    return undefined;
  }
}
