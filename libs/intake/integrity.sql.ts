import type { Queryable } from '#store/database';

/** Days in the centres' zones, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
  /** Codes of the centres whose visits are looked at; absent: all. */
  readonly centres?: readonly string[] | undefined;
}

/** Whether the visit is of the centres asked for. */
const within = (visit: string, parameter: string): string =>
  `(${parameter}::text[] is null or ${visit}.centre_id in (select id from centre where code = any(${parameter})))`;

/**
 * Signs that a feed is careless or falsified, for a person to look into. They change nothing: a flagged visit is
 * planned like any other, and a contact is named by its id only.
 */
export const INTEGRITY_LIMITS = {
  /** Visits of one number on one day: a family has two, a clerk who types his own number has many. */
  visitsADay: 4,
  /** Centres at which one number was served in the range. */
  centres: 4,
  /** Calls that one desk ended within `burstMinutes`: nobody serves so fast. */
  burstCalls: 10,
  burstMinutes: 5,
  /** Invitations of one number of which none arrived: a number that nobody has. */
  undelivered: 2,
} as const;

export interface BusyPhone {
  readonly contactId: string;
  readonly day: string;
  readonly visits: number;
  readonly centres: number;
}

/** Numbers given on many visits of one day, the busiest first. */
export async function phonesOnManyVisits(
  db: Queryable,
  { from, to, centres }: DayRange,
  atLeast: number = INTEGRITY_LIMITS.visitsADay,
): Promise<BusyPhone[]> {
  const { rows } = await db.query<BusyPhone>(
    `select contact_id as "contactId", finished_on::text as day, count(*)::integer as visits,
       count(distinct centre_id)::integer as centres
     from visit v
     where finished_on between $1 and $2 and contact_id is not null and ${within('v', '$4')}
     group by contact_id, finished_on having count(*) >= $3
     order by visits desc, day, contact_id`,
    [from, to, atLeast, centres ?? null],
  );
  return rows;
}

export interface TravellingPhone {
  readonly contactId: string;
  readonly centres: number;
  readonly visits: number;
}

/** Numbers served at many centres in the range, the most travelled first. */
export async function phonesAtManyCentres(
  db: Queryable,
  { from, to, centres }: DayRange,
  atLeast: number = INTEGRITY_LIMITS.centres,
): Promise<TravellingPhone[]> {
  const { rows } = await db.query<TravellingPhone>(
    `select contact_id as "contactId", count(distinct centre_id)::integer as centres, count(*)::integer as visits
     from visit v
     where finished_on between $1 and $2 and contact_id is not null and ${within('v', '$4')}
     group by contact_id having count(distinct centre_id) >= $3
     order by centres desc, visits desc, contact_id`,
    [from, to, atLeast, centres ?? null],
  );
  return rows;
}

export interface DeskBurst {
  readonly centre: string;
  readonly desk: string;
  readonly day: string;
  /** Most calls ended within the window, and when that window closed. */
  readonly calls: number;
  readonly until: Date;
}

/** Desks that ended more calls in a few minutes than anybody can serve: the worst window of each desk and day. */
export async function burstsAtDesks(
  db: Queryable,
  { from, to, centres }: DayRange,
  limits: { calls: number; minutes: number } = {
    calls: INTEGRITY_LIMITS.burstCalls,
    minutes: INTEGRITY_LIMITS.burstMinutes,
  },
): Promise<DeskBurst[]> {
  const { rows } = await db.query<DeskBurst>(
    `with call as (
       select r.centre_code as centre, r.desk, v.finished_on as day, r.finished_at as until,
         count(*) over (partition by r.centre_code, r.desk order by r.finished_at
           range between make_interval(mins => $4::integer) preceding and current row)::integer as calls
       from visit v join visit_record r on r.visit_id = v.id and r.current
       where v.finished_on between $1 and $2 and ${within('v', '$5')} and r.desk is not null and r.outcome in ('served', 'redirected')
     )
     select * from (
       select distinct on (centre, desk, day) centre, desk, day::text as day, calls, until
       from call where calls >= $3 order by centre, desk, day, calls desc, until
     ) worst order by calls desc, centre, desk, day`,
    [from, to, limits.calls, limits.minutes, centres ?? null],
  );
  return rows;
}

export interface AheadOfTime {
  readonly source: string;
  readonly centre: string;
  readonly visits: number;
  readonly latest: Date;
}

/**
 * Sources and centres whose visits ended more than a day after we heard of them: a wrong clock, or a year taken from
 * the week (30 December 2019 written as 2020), seen in the open data of real queue systems.
 */
export async function visitsAheadOfTime(db: Queryable, centres?: readonly string[]): Promise<AheadOfTime[]> {
  const { rows } = await db.query<AheadOfTime>(
    `select v.source, c.code as centre, count(*)::integer as visits, max(v.finished_at) as latest
     from visit v join centre c on c.id = v.centre_id
     where v.finished_at > v.created_at + interval '1 day' and ${within('v', '$1')}
     group by v.source, c.code order by visits desc, v.source, c.code`,
    [centres ?? null],
  );
  return rows;
}

export interface DeadPhone {
  readonly contactId: string;
  readonly visits: number;
  readonly undelivered: number;
}

/**
 * Numbers that were written to about visits of the range and that no message ever reached, in the range or outside it.
 * Made up at the desk, or mistyped in the same way each time.
 */
export async function phonesNeverDelivered(
  db: Queryable,
  { from, to, centres }: DayRange,
  atLeast: number = INTEGRITY_LIMITS.undelivered,
): Promise<DeadPhone[]> {
  const { rows } = await db.query<DeadPhone>(
    `select v.contact_id as "contactId", count(*)::integer as visits,
       count(i.undelivered_at)::integer as undelivered
     from visit v join invitation i on i.visit_id = v.id and i.contact_id = v.contact_id
     where v.finished_on between $1 and $2 and ${within('v', '$4')}
     group by v.contact_id
     having count(i.undelivered_at) >= $3 and not exists (
       select from invitation other
       where other.contact_id = v.contact_id and (other.delivered_at is not null or other.opened_at is not null
         or other.started_at is not null))
     order by undelivered desc, visits desc, v.contact_id`,
    [from, to, atLeast, centres ?? null],
  );
  return rows;
}

export interface IntegrityFlags {
  readonly manyVisits: readonly BusyPhone[];
  readonly manyCentres: readonly TravellingPhone[];
  readonly neverDelivered: readonly DeadPhone[];
  readonly deskBursts: readonly DeskBurst[];
  readonly aheadOfTime: readonly AheadOfTime[];
}

/** All signs for the days given; those of the clock for all that is stored. */
export async function integrityFlags(db: Queryable, range: DayRange): Promise<IntegrityFlags> {
  return {
    manyVisits: await phonesOnManyVisits(db, range),
    manyCentres: await phonesAtManyCentres(db, range),
    neverDelivered: await phonesNeverDelivered(db, range),
    deskBursts: await burstsAtDesks(db, range),
    aheadOfTime: await visitsAheadOfTime(db, range.centres),
  };
}
