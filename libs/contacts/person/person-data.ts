import type { Database } from '#store/database';
import type { Vault } from '../vault.js';
import { findPerson, type PersonWanted } from './find-person.js';
import { rowsHolding } from './number-search.js';
import {
  answerData,
  chatData,
  contactData,
  messageData,
  noteData,
  rejectedData,
  suppressionData,
  visitData,
  wordsData,
  type StoredAnswer,
  type StoredMessage,
  type StoredVisit,
} from './person-data.sql.js';

/** All that is stored about one person, opened, in a form that can be handed to them (Law 2297-VI, art. 8). */
export interface PersonData {
  readonly found: boolean;
  /** E.164; null when it is no longer kept. */
  readonly phone: string | null;
  readonly country: string | null;
  readonly since: Date | null;
  readonly chats: readonly object[];
  readonly suppressions: readonly object[];
  readonly visits: readonly object[];
  /** What operators wrote while they looked into a low score of theirs. */
  readonly notes: readonly object[];
  /** Messages outside any invitation. */
  readonly notices: readonly object[];
  readonly wrote: readonly object[];
  /** Rows of imports that could not be taken and hold the number. */
  readonly rejectedRows: readonly object[];
}

/** Reads everything about a person; changes nothing. To be recorded by whoever calls it: it shows a number. */
export async function personData(
  database: Database,
  vault: Vault,
  wanted: PersonWanted,
): Promise<PersonData> {
  const { contactId, phone, phoneHash, addressHashes } = await findPerson(database, vault, wanted);
  const contact = contactId === null ? undefined : await contactData(database, contactId);
  const of = <T>(read: (db: Database, id: string) => Promise<T[]>): Promise<T[]> =>
    contactId === null ? Promise.resolve([]) : read(database, contactId);
  const [chats, visits, messages, answers] = await Promise.all([of(chatData), of(visitData), of(messageData), of(answerData)]); // prettier-ignore
  const notes = await of(noteData);
  const words = await wordsData(database, addressHashes);
  const suppressions = phoneHash ? await suppressionData(database, phoneHash) : [];
  const found = phone === undefined ? { rejectedRowIds: [] } : await rowsHolding(database, vault, phone);
  const rejected = await rejectedData(database, found.rejectedRowIds);
  return {
    found: contact !== undefined || words.length + suppressions.length + rejected.length > 0,
    phone: phone ?? null,
    country: contact?.country ?? null,
    since: contact?.since ?? null,
    chats,
    suppressions,
    visits: visits.map((visit) => visitOf(visit, messages, answers, vault)),
    notes: notes.map(({ textCipher, writtenAt }) => ({ text: vault.open(textCipher), writtenAt })),
    notices: messages.filter((message) => message.invitationId === null).map(messageOf),
    wrote: words.map(({ textCipher, ...fact }) => ({ ...fact, text: textCipher && vault.open(textCipher) })),
    rejectedRows: rejected.map(({ cipher, at }) => ({ at, row: vault.open(cipher) })),
  };
}

function visitOf(
  { invitationId, invitation, decision, reason, ...visit }: StoredVisit,
  messages: readonly StoredMessage[],
  answers: readonly StoredAnswer[],
  vault: Vault,
): object {
  const theirs = <T extends { invitationId: string | null }>(rows: readonly T[]): T[] =>
    rows.filter((row) => row.invitationId !== null && row.invitationId === invitationId);
  return {
    ...visit,
    decision: decision && { decision, reason },
    invitation: invitation && {
      ...invitation,
      messages: theirs(messages).map(messageOf),
      answers: theirs(answers).map(({ question, value, textCipher, via, answeredAt }) => ({
        question,
        value: textCipher ? vault.open(textCipher) : value,
        via,
        answeredAt,
      })),
    },
  };
}

function messageOf({ kind, channel, sender, text, values, state, dueAt, acceptedAt }: StoredMessage): object {
  return { kind, channel, sender, text, values, state, dueAt, acceptedAt };
}
