import type { Vault } from '#contacts/vault';
import type { Queryable } from '#store/database';
import type { StoredFact } from './fact.sql.js';
import { receiptsName, receiptsOfPersons, subscribersInDoubt } from './receipt-of-person.sql.js';

/**
 * Finds out which of the receipts that name no message of ours are of one in doubt, and writes that into them.
 * `windowS`: civil seconds in which a message's receipt may come. Returns the ids of those that were found.
 */
export async function matchStrays(
  tx: Queryable,
  vault: Pick<Vault, 'subscriberHash'>,
  waiting: readonly StoredFact[],
  windowS: number,
): Promise<ReadonlySet<string>> {
  const about = waiting.filter((fact) => fact.addressHash !== null && fact.messageId === null);
  if (about.length === 0) return new Set();
  const doubtful = await subscribersInDoubt(tx, [...new Set(about.map(({ sender }) => sender))]);
  // Stored is only the keyed hash of whom a receipt is about, so the other side is hashed to compare.
  const byHash = new Map(doubtful.map(({ id, sender, userId }) => [vault.subscriberHash(sender, userId).toString('hex'), id]));
  const strays = about.flatMap(({ id, addressHash }) => {
    const subscriberId = byHash.get(addressHash?.toString('hex') ?? '');
    return subscriberId === undefined ? [] : [{ factId: id, subscriberId }];
  });
  const found = await receiptsOfPersons(tx, strays, windowS);
  if (found.length > 0) await receiptsName(tx, found);
  return new Set(found.map(({ factId }) => factId));
} // prettier-ignore
