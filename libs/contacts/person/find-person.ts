import { AppError } from '#kernel/errors';
import { SURVEY_CODE } from '#kernel/ids';
import { readPhone } from '#kernel/phone';
import type { Queryable } from '#store/database';
import type { Vault } from '../vault.js';
import { contactByHash, contactOfCode, subscribersOf } from './find-person.sql.js';

/** How somebody says who they are: by their number, or by the code of a link that was sent to them. */
export type PersonWanted = { readonly phone: string } | { readonly code: string };

/** A person as far as we know them. Each part may be missing: a stranger who wrote to us is only an address. */
export interface FoundPerson {
  readonly contactId: string | null;
  /** E.164; undefined when it is no longer kept and was not given. */
  readonly phone: string | undefined;
  readonly phoneHash: Buffer | undefined;
  readonly subscribers: readonly { readonly id: string; readonly sender: string; readonly userId: string }[];
  /** Keyed hashes of all addresses: of the number and of each Viber id. */
  readonly addressHashes: readonly Buffer[];
}

const DEFAULT_COUNTRY = 'UA';

/**
 * Whoever the number or the code belongs to. `lock`: nobody else changes the contact before the transaction ends.
 * Throws `phone_unreadable` or `code_unreadable`, without repeating what was given.
 */
export async function findPerson(
  db: Queryable,
  vault: Vault,
  wanted: PersonWanted,
  lock = false,
): Promise<FoundPerson> {
  const given = 'phone' in wanted ? e164(wanted.phone) : undefined;
  const contact =
    'code' in wanted
      ? await contactOfCode(db, code(wanted.code), lock)
      : await contactByHash(db, vault.phoneHash(given ?? ''), lock);
  const phone = given ?? (contact?.phoneCipher ? vault.open(contact.phoneCipher) : undefined);
  const phoneHash = contact?.phoneHash ?? (phone === undefined ? undefined : vault.phoneHash(phone));
  const subscribers = contact ? await subscribersOf(db, contact.id) : [];
  return {
    contactId: contact?.id ?? null,
    phone,
    phoneHash,
    subscribers,
    addressHashes: [
      ...(phoneHash ? [phoneHash] : []),
      ...subscribers.map(({ sender, userId }) => vault.subscriberHash(sender, userId)),
    ],
  };
}

function e164(text: string): string {
  const reading = readPhone(text, DEFAULT_COUNTRY);
  if (reading.status === 'ok') return reading.e164;
  throw new AppError('phone_unreadable', 'The number cannot be read: write it as +380… or 0…');
}

function code(text: string): string {
  const last = text.trim().replace(/\/+$/, '').split('/').at(-1) ?? '';
  if (SURVEY_CODE.test(last)) return last;
  throw new AppError(
    'code_unreadable',
    'The code cannot be read: it is the 8 characters at the end of the link.',
  );
}
