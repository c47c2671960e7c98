import { createReadStream } from 'node:fs';
import { rollUp, type Leg } from '#intake/ingest/roll-up';
import type { Mapping } from '#intake/mapping/mapping';
import { contentOf, isRejection, type VisitRecord } from '#intake/read/visit-record';
import { visitRows } from '#intake/read/visit-rows';
import type { Feed, FeedRecord, VisitFacts } from '#planning/simulate/feed';

/** The records of a file for the simulator. */
export interface FileFeed extends Feed<VisitRecord> {
  /** Rows that are no records; known once all were read. */
  rejected: number;
}

/** Reads the file as intake would: the same mapping, the same phone numbers, the same visit of several legs. */
export function fileFeed(file: string, mapping: Mapping): FileFeed {
  const feed: FileFeed = {
    source: mapping.key,
    zone: mapping.timezone,
    rejected: 0,
    records: recordsOf(file, mapping, (rejected) => (feed.rejected += rejected)),
    contentOf,
    visitOf,
  };
  return feed;
}

async function* recordsOf(
  file: string,
  mapping: Mapping,
  onRejected: (rows: number) => void,
): AsyncGenerator<FeedRecord<VisitRecord>[]> {
  for await (const rows of visitRows(createReadStream(file), mapping)) {
    const records = rows.flatMap(({ read }) => (isRejection(read) ? [] : feedRecord(read)));
    onRejected(rows.length - records.length);
    yield records;
  }
}

function feedRecord(record: VisitRecord): FeedRecord<VisitRecord> {
  const { recordId, visitKey, finishedAt, phone } = record;
  return {
    recordId,
    visitKey,
    finishedAt,
    phone: phone.status === 'ok' ? phone : null,
    said: record,
  };
}

function visitOf(said: readonly [VisitRecord, ...VisitRecord[]]): VisitFacts {
  const [first, ...more] = said;
  const { contactId, ...visit } = rollUp([legOf(first, 0), ...more.map((record, i) => legOf(record, i + 1))]);
  return { ...visit, phone: contactId };
}

/** A number stands for its contact: nobody is written to here, so nobody needs a row. */
function legOf(record: VisitRecord, order: number): Leg {
  return {
    order,
    centreCode: record.centre,
    serviceCode: record.serviceCode,
    serviceName: record.serviceName,
    desk: record.desk,
    employee: record.employee,
    outcome: record.outcome,
    arrivedAt: record.arrivedAt,
    calledAt: record.calledAt,
    finishedAt: record.finishedAt,
    contactId: record.phone.status === 'ok' ? record.phone.e164 : null,
    phoneStatus: record.phone.status,
    consent: record.consent,
    language: record.language,
    attributes: record.attributes,
  };
}
