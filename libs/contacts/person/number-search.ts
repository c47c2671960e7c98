import type { Database } from '#store/database';
import { typedNumberPage, rejectedRowPage, type SealedPage } from './number-search.sql.js';
import type { Vault } from '../vault.js';

const PAGE = 1_000;
/** Of a number written in any way the last nine digits are the same; country code and trunk zero differ. */
const SIGNIFICANT_DIGITS = 9;
const BETWEEN_DIGITS = /[\s().\-–—\u00a0'"]/g;

export interface FoundRows {
  readonly rejectedRowIds: readonly string[];
  readonly visitRecordIds: readonly string[];
}

/**
 * Sealed rows that have no hash to be found by and hold the number, in any usual writing: each is opened and searched.
 * Their classes are kept for days only, so there are few. Rows that no key opens are passed over.
 */
export async function rowsHolding(database: Database, vault: Vault, phone: string): Promise<FoundRows> {
  return {
    rejectedRowIds: await search(vault, phone, (after) => rejectedRowPage(database, after, PAGE)),
    visitRecordIds: await search(vault, phone, (after) => typedNumberPage(database, after, PAGE)),
  };
}

async function search(
  vault: Vault,
  phone: string,
  page: (after: string) => Promise<SealedPage>,
): Promise<string[]> {
  const found: string[] = [];
  for (let after = '0'; ;) {
    const rows = await page(after);
    found.push(...rows.filter(({ cipher }) => holdsNumber(opened(vault, cipher), phone)).map(({ id }) => id));
    if (rows.length < PAGE) return found;
    after = rows.at(-1)?.id ?? after;
  }
}

function opened(vault: Vault, cipher: Buffer): string {
  try {
    return vault.open(cipher);
  } catch {
    return '';
  }
}

/** Whether a text holds the number, however its digits are grouped. `phone`: E.164. */
export function holdsNumber(text: string, phone: string): boolean {
  return text.normalize('NFKC').replace(BETWEEN_DIGITS, '').includes(phone.slice(-SIGNIFICANT_DIGITS));
}
