import type { Queryable } from '#store/database';
import type { ChangedVisit, Leg } from './roll-up.js';

export type IntakeVia = 'file' | 'http' | 'folder' | 'table';

/**
 * Held to the end of the transaction: batches of one source go one after another. Records, revisions and visit keys
 * are unique within a source, so behind this lock nothing can race for them, and COPY may write them directly.
 */
export async function sourceLock(db: Queryable, source: string): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('intake ' || $1, 0))`, [source]);
}

export async function batchOpen(
  db: Queryable,
  batch: { source: string; via: IntakeVia; name: string | null; now: Date },
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `insert into intake_batch (source, via, name, started_at) values ($1, $2, $3, $4) returning id`,
    [batch.source, batch.via, batch.name, batch.now],
  );
  return rows[0]?.id ?? '';
}

export interface BatchCounts {
  readonly read: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
}

/** Adds to the counters in the transaction that stores the rows, so that they are true even after a crash. */
export async function batchCount(db: Queryable, id: string, counts: BatchCounts): Promise<void> {
  await db.query(
    `update intake_batch set read = read + $2, accepted = accepted + $3, duplicates = duplicates + $4,
       rejected = rejected + $5 where id = $1`,
    [id, counts.read, counts.accepted, counts.duplicates, counts.rejected],
  );
}

export async function batchClose(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update intake_batch set finished_at = $2 where id = $1', [id, now]);
}

export interface Centre {
  readonly id: string;
  readonly code: string;
  readonly timezone: string;
}

/** The centre of each code; a code not seen before makes one in the source's zone, to be confirmed by a person. */
export async function centreUpsert(
  db: Queryable,
  codes: readonly string[],
  timezone: string,
  now: Date,
): Promise<Map<string, Centre>> {
  const known = await centreByCode(db, codes);
  const unknown = codes.filter((code) => !known.has(code));
  if (unknown.length === 0) return known;
  await db.query(
    `insert into centre (code, name, timezone, confirmed, created_at)
     select code, code, $2, false, $3 from unnest($1::text[]) as given (code) order by code
     on conflict (code) do nothing`,
    [unknown, timezone, now],
  );
  return new Map([...known, ...(await centreByCode(db, unknown))]);
}

async function centreByCode(db: Queryable, codes: readonly string[]): Promise<Map<string, Centre>> {
  const { rows } = await db.query<Centre>(
    `select id, code, timezone from centre where code = any($1::text[])`,
    [codes],
  );
  return new Map(rows.map((row) => [row.code, row]));
}

export interface KnownRevision {
  readonly record_id: string;
  readonly revision: number;
  readonly current: boolean;
  /** Hexadecimal. */
  readonly hash: string;
  readonly visit_id: string;
}

/** Every revision stored of these records. */
export async function revisionsKnown(
  db: Queryable,
  source: string,
  recordIds: readonly string[],
): Promise<KnownRevision[]> {
  const { rows } = await db.query<KnownRevision>(
    `select record_id, revision, current, encode(content_hash, 'hex') as hash, visit_id from visit_record
     where source = $1 and record_id = any($2::text[])`,
    [source, recordIds],
  );
  return rows;
}

export interface KnownVisit {
  readonly id: string;
  readonly visit_key: string;
  /** Its message is on its way or was: what comes now is only attached. */
  readonly claimed: boolean;
  /** Planning has looked at it once. */
  readonly decided: boolean;
}

/** The keys of these visits. */
export async function visitKeys(db: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.query<{ visit_key: string }>('select visit_key from visit where id = any($1::bigint[])', [ids]); // prettier-ignore
  return rows.map((row) => row.visit_key);
}

/** Locks and returns the visits with these keys, always in the same order. */
export async function visitsLock(
  db: Queryable,
  source: string,
  keys: readonly string[],
): Promise<KnownVisit[]> {
  const locked = await db.query<{ id: string }>(
    'select id from visit where source = $1 and visit_key = any($2::text[]) order by id for update',
    [source, keys],
  );
  if (locked.rows.length === 0) return [];
  // A statement of its own: it must see what planning committed while the lock was waited for.
  const { rows } = await db.query<KnownVisit>(
    `select v.id, v.visit_key,
       exists (select from invitation i join message m on m.invitation_id = i.id
               where i.visit_id = v.id and m.kind = 'invite' and m.attempt > 0) as claimed,
       exists (select from decision d where d.visit_id = v.id)
         or exists (select from invitation i where i.visit_id = v.id) as decided
     from visit v where v.id = any($1::bigint[])`,
    [locked.rows.map((row) => row.id)],
  );
  return rows;
}

export type StoredLeg = Leg & { readonly visitId: string; readonly recordId: string };

/** The current records of these visits. */
export async function legsOf(db: Queryable, visitIds: readonly string[]): Promise<StoredLeg[]> {
  const { rows } = await db.query<StoredLeg & { id: string }>(
    `select id, visit_id as "visitId", record_id as "recordId", centre_code as "centreCode", service_code as "serviceCode",
       service_name as "serviceName", desk, employee, outcome, arrived_at as "arrivedAt", called_at as "calledAt",
       finished_at as "finishedAt", contact_id as "contactId", phone_status as "phoneStatus", consent, language, attributes
     from visit_record where visit_id = any($1::bigint[]) and current`,
    [visitIds],
  );
  return rows.map((row) => ({ ...row, order: Number(row.id) }));
}

/** Takes `count` ids of a table's identity column, so that rows can refer to each other before they are written. */
export async function idsReserve(db: Queryable, table: string, count: number): Promise<string[]> {
  if (count === 0) return [];
  const { rows } = await db.query<{ id: string }>(
    // Materialised, or PostgreSQL looks the sequence up in its catalogue once for each id.
    `with ids as materialized (select pg_get_serial_sequence($1, 'id')::regclass as sequence)
     select nextval(sequence)::text as id from ids, generate_series(1, $2)`,
    [table, count],
  );
  return rows.map((row) => row.id);
}

/** Ends the current revision of these records and lets all their revisions follow to the visit they now belong to. */
export async function recordsSupersede(
  db: Queryable,
  source: string,
  moves: readonly { recordId: string; visitId: string }[],
): Promise<void> {
  await db.query(
    `update visit_record r set current = false, visit_id = moved.visit_id
     from unnest($2::text[], $3::bigint[]) as moved (record_id, visit_id)
     where r.source = $1 and r.record_id = moved.record_id`,
    [source, moves.map((move) => move.recordId), moves.map((move) => move.visitId)],
  );
}

/** Writes what the legs now say, and asks planning to look again. */
export async function visitsReplan(db: Queryable, visits: readonly ChangedVisit[], now: Date): Promise<void> {
  await db.query(
    `update visit v set centre_id = n."centreId", service_code = n."serviceCode", service_name = n."serviceName",
       desk = n.desk, employee = n.employee, outcome = n.outcome, arrived_at = n."arrivedAt",
       finished_at = n."finishedAt", finished_on = n."finishedOn", contact_id = n."contactId",
       phone_status = n."phoneStatus", consent = n.consent, language = n.language, attributes = n.attributes,
       legs = n.legs, revision = v.revision + 1, planning_due_at = $2
     from jsonb_to_recordset($1::jsonb) as n (id bigint, "centreId" bigint, "serviceCode" text, "serviceName" text,
       desk text, employee text, outcome text, "arrivedAt" timestamptz, "finishedAt" timestamptz, "finishedOn" date,
       "contactId" bigint, "phoneStatus" text, consent text, language text, attributes jsonb, legs integer)
     where v.id = n.id`,
    [JSON.stringify(visits.map(({ state, ...ids }) => ({ ...ids, ...state }))), now],
  );
}

/** For visits whose message is on its way: only the number of legs follows. */
export async function visitsRecount(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query(
    `update visit v set legs = counted.legs
     from (select visit_id, count(*)::integer as legs from visit_record
           where visit_id = any($1::bigint[]) and current group by visit_id) counted
     where v.id = counted.visit_id`,
    [ids],
  );
}

/** Removes visits that no record speaks of any more and that nobody has looked at. */
export async function visitsForget(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query('delete from visit where id = any($1::bigint[])', [ids]);
}

/**
 * Empties visits that no record speaks of any more but planning knows: without leg, outcome and number nobody
 * is written to, and planning withdraws what it had planned.
 */
export async function visitsVoid(db: Queryable, ids: readonly string[], now: Date): Promise<void> {
  await db.query(
    `update visit set legs = 0, outcome = 'no_show', contact_id = null, phone_status = 'missing',
       revision = revision + 1, planning_due_at = $2
     where id = any($1::bigint[])`,
    [ids, now],
  );
}
