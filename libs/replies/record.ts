import type { CarrierFact } from '#channels/channel';
import type { Vault } from '#contacts/vault';
import { SURVEY_CODE } from '#kernel/ids';
import type { Queryable } from '#store/database';
import { factInsert, type FactRow } from './fact.sql.js';

/** Where facts come from: the sender and what its addresses are. */
export interface FactSource {
  readonly sender: string;
  readonly addressing: 'phone' | 'subscriber';
}

/** Carriers repeat a call for an hour or so; a moment further off comes from another clock than ours. */
const PLAUSIBLE_AGE_MS = 48 * 3_600_000;

/**
 * Stores what a verified webhook said, under the unique key (sender, dedupe key), in one statement. Numbers and words
 * are sealed; nothing is applied. Returns the ids, by dedupe key, of facts that were not known: a repeated call returns
 * none.
 */
export async function recordFacts(
  db: Queryable,
  vault: Vault,
  source: FactSource,
  facts: readonly CarrierFact[],
  now: Date,
): Promise<ReadonlyMap<string, string>> {
  if (facts.length === 0) return new Map();
  const rows = facts.map((fact) => factRow(vault, source, fact, now));
  // ON CONFLICT takes care of repeats between calls; within one statement the first is kept here.
  const distinct = new Map(rows.toReversed().map((row) => [row.dedupeKey, row]));
  const stored = await factInsert(db, source.sender, [...distinct.values()].toReversed(), now);
  return new Map(stored.map(({ id, dedupeKey }) => [dedupeKey, id]));
}

function factRow(vault: Vault, source: FactSource, fact: CarrierFact, now: Date): FactRow {
  const address = 'address' in fact && fact.address !== undefined ? fact.address : undefined;
  // A receipt is about a message of ours, whose person is known: keeping the address once more would serve nobody.
  const isPhoneReceipt = fact.kind === 'receipt' && source.addressing === 'phone';
  const sealed = address === undefined || fact.kind === 'receipt' ? undefined : vault.seal(address);
  const words = wordsOf(fact);
  return {
    kind: fact.kind,
    dedupeKey: fact.dedupeKey,
    externalId: 'externalId' in fact ? fact.externalId : null,
    messageId: fact.kind === 'receipt' && isId(fact.messageId) ? fact.messageId : null,
    addressHash: address === undefined || isPhoneReceipt ? null : addressHash(vault, source, address),
    addressCipher: sealed?.cipher ?? null,
    keyId: sealed || words !== undefined ? vault.keyId : null,
    status: fact.kind === 'receipt' ? fact.status : null,
    vendorCode: fact.kind === 'receipt' ? (fact.vendorCode ?? null) : null,
    textCipher: words === undefined ? null : vault.seal(words).cipher,
    detail: detailOf(fact),
    happenedAt: plausible(fact.happenedAt, now),
  };
}

function addressHash(vault: Vault, source: FactSource, address: string): Buffer {
  return source.addressing === 'phone'
    ? vault.phoneHash(address)
    : vault.subscriberHash(source.sender, address);
}

function wordsOf(fact: CarrierFact): string | undefined {
  if (fact.kind === 'text') return fact.text;
  if (fact.kind === 'shared_phone') return fact.phone;
  return fact.kind === 'unknown' ? fact.raw : undefined;
}

/** What applying needs to know beyond the columns; nothing personal. */
function detailOf(fact: CarrierFact): Readonly<Record<string, unknown>> {
  switch (fact.kind) {
    case 'receipt':
      return { ...fact.detail, ...(fact.optedOut ? { optedOut: true } : {}) };
    case 'text':
      return { ...fact.detail, ...(fact.carrierKeyword ? { carrierKeyword: fact.carrierKeyword } : {}) };
    case 'conversation_started':
      return {
        ...fact.detail,
        // A context that is no code of ours may be anything, a number included.
        ...(fact.context !== undefined && SURVEY_CODE.test(fact.context) ? { code: fact.context } : {}),
        subscribed: fact.subscribed,
        ...(fact.language === undefined ? {} : { language: fact.language.slice(0, 20) }),
        ...(fact.apiVersion === undefined ? {} : { apiVersion: fact.apiVersion }),
      };
    default:
      return fact.detail;
  }
}

function plausible(happenedAt: Date | undefined, now: Date): Date {
  if (happenedAt === undefined) return now;
  const age = now.getTime() - happenedAt.getTime();
  return age >= 0 && age <= PLAUSIBLE_AGE_MS ? happenedAt : now;
}

/** `?m=` travels through the carrier, so it may come back as anything. */
function isId(text: string | undefined): text is string {
  return text !== undefined && /^[1-9]\d{0,17}$/.test(text);
}
