import { AppError } from '#kernel/errors';
import type { Feed, FeedRecord } from '#planning/simulate/feed';
import type { Queryable } from '#store/database';
import { storedVisits, type StoredVisit } from './stored.sql.js';

/** More would keep the console from answering anybody for longer than a breath. */
export const MOST_VISITS = 100_000;

/**
 * The visits of these days as a feed: each as it stands now, legs and corrections included. Throws `too_many_visits`
 * (422). Numbers are not opened: people are told apart by the keyed hash that is stored.
 */
export async function storedFeed(
  db: Queryable,
  days: { from: string; to: string },
): Promise<Feed<StoredVisit>> {
  const visits = await storedVisits(db, { ...days, limit: MOST_VISITS + 1 });
  if (visits.length > MOST_VISITS) {
    throw new AppError(
      'too_many_visits',
      `There are more than ${MOST_VISITS} visits in these days: choose fewer, or use "vidhuk simulate" with a file.`,
      { status: 422 },
    );
  }
  return {
    source: 'stored',
    zone: 'Europe/Kyiv',
    records: inOnePiece(visits.map(record)),
    contentOf: ({ id }) => id,
    visitOf: ([visit]) => {
      const { centreCode, serviceCode, serviceName, outcome, finishedAt, phoneStatus, consent, language } =
        visit;
      const { source, visitKey, contactId: phone } = visit;
      return { centreCode, serviceCode, serviceName, outcome, finishedAt, phoneStatus, consent, language, phone, known: { source, visitKey } }; // prettier-ignore
    },
  };
}

function record(visit: StoredVisit): FeedRecord<StoredVisit> {
  const { contactId, phoneHash } = visit;
  return {
    recordId: visit.id,
    visitKey: `${visit.source}|${visit.visitKey}`,
    finishedAt: visit.finishedAt,
    // A forgotten number leaves no hash: each such visit is a person of its own.
    phone:
      contactId === null
        ? null
        : { e164: contactId, country: visit.country ?? '', hash: phoneHash?.toString('hex') ?? `gone ${contactId}` },
    said: visit,
  };
} // prettier-ignore

async function* inOnePiece<T>(records: T[]): AsyncGenerator<T[]> {
  yield await Promise.resolve(records);
}
