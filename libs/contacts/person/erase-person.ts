import { surveyCode } from '#kernel/ids';
import type { Database, Queryable } from '#store/database';
import type { Vault } from '../vault.js';
import {
  answerForget,
  caseNoteForget,
  contactForget,
  conversationForget,
  erasureInsert,
  factForget,
  invitationForget,
  invitationLockOf,
  lockBriefly,
  messageCancel,
  messageForget,
  messageUntie,
  remainingOf,
  rowsForget,
  subscriberForget,
  suppressionCount,
  visitForget,
  visitLockOf,
  visitRecordForget,
  type Erasing,
} from './erasure.sql.js';
import { findPerson, type FoundPerson, type PersonWanted } from './find-person.js';
import { rowsHolding } from './number-search.js';

/** One line of the proof. */
export interface ProofLine {
  readonly table: string;
  readonly rows: number;
  /** What went, or what stays. */
  readonly what: string;
  /** Why it stays. */
  readonly why?: string;
}

export interface ErasureProof {
  /** False: nothing was left to forget. */
  readonly found: boolean;
  readonly erasedAt: Date;
  readonly went: readonly ProofLine[];
  readonly stays: readonly ProofLine[];
}

const ATTEMPTS = 50;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Forgets a person in one transaction: afterwards no row leads to them, and none ties two of their visits together. Visits,
 * decisions and what became of invitations stay as facts about nobody, so reports keep their counts. A STOP outlives it
 * as a keyed hash. Somebody who was forgotten before gives a proof with nothing in it.
 */
export async function erasePerson(
  database: Database,
  vault: Vault,
  wanted: PersonWanted,
  { now, via }: { now: Date; via: 'command' | 'api' },
): Promise<ErasureProof> {
  const { phone } = await findPerson(database, vault, wanted);
  // Opening rows takes its time, so it is done before anything is locked.
  const opened =
    phone === undefined
      ? { rejectedRowIds: [], visitRecordIds: [] }
      : await rowsHolding(database, vault, phone);
  return retried(() =>
    database.transaction(async (tx) => {
      await lockBriefly(tx);
      const person = await findPerson(tx, vault, wanted, true);
      const rows = await rowsForget(tx, opened);
      const lines = [
        line('rejected_row', rows.rejected, 'rows of imports that held the number'),
        line('visit_record', rows.typed, 'what was typed in place of a number'),
        ...(await forget(tx, person, now)),
      ];
      const went = lines.filter((one) => one.rows > 0 && one.why === undefined);
      const kept = lines.filter((one) => one.rows > 0 && one.why !== undefined);
      if (went.length > 0) await erasureInsert(tx, { now, via, went });
      return {
        found: went.length > 0,
        erasedAt: now,
        went,
        stays: [...kept, ...(await suppressed(tx, person))],
      };
    }),
  );
}

async function forget(tx: Queryable, person: FoundPerson, now: Date): Promise<ProofLine[]> {
  const { contactId, addressHashes } = person;
  const subscriberHashes = addressHashes.slice(person.phoneHash ? 1 : 0);
  if (contactId === null) {
    const facts = await factForget(tx, { addressHashes, subscriberHashes, invitationIds: [], now });
    return [line('carrier_fact', facts, 'words and addresses of what they wrote to us')];
  }
  const invitationIds = await invitationLockOf(tx, contactId);
  const visitIds = await visitLockOf(tx, contactId);
  const erasing = { contactId, invitationIds, visitIds, now };
  // Messages before subscribers and visits: they are found through them.
  const cancelled = await messageCancel(tx, erasing);
  const messages = await messageForget(tx, erasing);
  const facts = await factForget(tx, { addressHashes, subscriberHashes, invitationIds, now });
  const texts = await answerForget(tx, erasing);
  const notes = await caseNoteForget(tx, erasing);
  const conversations = await conversationForget(tx, erasing);
  const invitations = await invitationForget(tx, erasing, invitationIds.map(surveyCode));
  const visits = await visitForget(tx, erasing);
  const records = await visitRecordForget(tx, erasing);
  await messageUntie(tx, erasing);
  const subscribers = await subscriberForget(tx, erasing);
  const contacts = await contactForget(tx, erasing);
  return [
    line('contact', contacts, 'phone number, and the hash it is found by'),
    line('viber_subscriber', subscribers, 'Viber id, language, link to the number, stop said in the chat'),
    line('message', cancelled, 'cancelled before they were sent'),
    line('message', messages, "values the text was made with, the carrier's id"),
    line('invitation', invitations, 'link to the person; the code they were sent leads nowhere'),
    line('answer', texts, 'free text'),
    line('case_note', notes, 'notes on a low score'),
    line('carrier_fact', facts, 'words, addresses and details of what they wrote and carriers told'),
    line('conversation', conversations, 'what they were last asked'),
    line('visit', visits, 'link to the person and attributes; each visit now stands alone'),
    line('visit_record', records, 'the same in the records as they came'),
    ...(await staying(tx, erasing)),
  ];
}

async function staying(tx: Queryable, erasing: Erasing): Promise<ProofLine[]> {
  const stays = await remainingOf(tx, erasing);
  return [
    line('visit', erasing.visitIds.length, 'that a visit took place, where and when', 'counts of reports; its key tells a repeated record from a new one'),
    line('visit_record', stays.records, 'the records it came in, without number and attributes', 'their keys tell a repeated record from a new one'),
    line('visit_flag', stays.flags, "signs that the answer or the record is not a visitor's", 'reports with and without them'),
    line('decision', stays.decisions, 'whether it was asked about', 'the decision ledger adds up'),
    line('invitation', stays.invitations, 'what became of it, and its legal basis', 'response rates'),
    line('message', stays.messages, 'that it was sent, when and at what cost', 'cost report; proof that it was sent once'),
    line('answer', stays.answers, 'marks and choices', 'scores; nothing leads from them to a person'),
    line('service_case', stays.cases, 'that a low score was looked into, by whom and when', 'how low scores are dealt with'),
    line('case_note', stays.notes, 'who wrote a note and when, not what', 'the same'),
    line('audit_entry', stays.looks, 'who looked at it or decided about it, and why; no number, no text', 'the log proves that it was not changed'),
    line('carrier_fact', stays.facts, "the call's key at the carrier", 'a repeated call brings nothing back'),
  ]; // prettier-ignore
}

async function suppressed(tx: Queryable, { phoneHash }: FoundPerson): Promise<ProofLine[]> {
  if (!phoneHash) return [];
  const rows = await suppressionCount(tx, phoneHash);
  const why = 'they asked not to be written to, which holds for a number that comes again';
  return rows === 0 ? [] : [line('suppression', rows, 'a keyed hash, not the number', why)];
}

function line(table: string, rows: number, what: string, why?: string): ProofLine {
  return { table, rows, what, ...(why === undefined ? {} : { why }) };
}

/**
 * Carriers' calls and workers lock the same rows in other orders. An erasure gives way well before the server would end one
 * of them as a deadlock, and tries again.
 */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== LOCK_NOT_AVAILABLE || attempt === ATTEMPTS) throw thrown;
    }
  }
}
