import { Temporal } from 'temporal-polyfill';

/** A calendar day as `YYYY-MM-DD`, in some zone the context names. */
export type CivilDate = string;

export interface LocalTime {
  readonly date: CivilDate;
  /** Minutes since local midnight by the wall clock, 0 to 1439. */
  readonly minute: number;
  /** ISO weekday: 1 Monday to 7 Sunday. */
  readonly weekday: number;
}

const knownZones = new Map<string, boolean>();

/** Whether the tz database knows the name. Names are kept as given: engines disagree on canonical spelling. */
export function isZone(name: string): boolean {
  let known = knownZones.get(name);
  if (known === undefined) {
    try {
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
      known = /[A-Za-z]/.test(name);
    } catch {
      known = false;
    }
    knownZones.set(name, known);
  }
  return known;
}

// A zone's offset changes at most at a quarter of an hour, so one look-up serves each quarter.
const QUARTER_MS = 900_000;
const offsets = new Map<string, Map<number, number>>();

function offsetMs(at: number, zone: string): number {
  const byQuarter = offsets.get(zone) ?? new Map<number, number>();
  if (byQuarter.size === 0) offsets.set(zone, byQuarter);
  const quarter = Math.floor(at / QUARTER_MS);
  let offset = byQuarter.get(quarter);
  if (offset === undefined) {
    const zoned = Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_MS).toZonedDateTimeISO(zone);
    offset = zoned.offsetNanoseconds / 1e6;
    if (byQuarter.size > 50_000) byQuarter.clear();
    byQuarter.set(quarter, offset);
  }
  return offset;
}

/** Wall-clock reading of an instant in a zone. */
export function toLocal(at: Date, zone: string): LocalTime {
  const wall = at.getTime() + offsetMs(at.getTime(), zone);
  const day = Math.floor(wall / DAY_MS);
  return {
    date: dateOf(day),
    minute: Math.floor((wall - day * DAY_MS) / 60_000),
    // Day 0, 1 January 1970, was a Thursday.
    weekday: ((((day + 3) % 7) + 7) % 7) + 1,
  };
}

const DAY_MS = 86_400_000;
// Writing a date out costs more than all the rest, and few days are spoken of at a time.
const dates = new Map<number, CivilDate>();

function dateOf(day: number): CivilDate {
  let date = dates.get(day);
  if (date === undefined) {
    if (dates.size > 10_000) dates.clear();
    dates.set(day, (date = new Date(day * DAY_MS).toISOString().slice(0, 10)));
  }
  return date;
}

/** The day it is in the zone at that instant. */
export function civilDate(at: Date, zone: string): CivilDate {
  return toLocal(at, zone).date;
}

/**
 * The instant of a wall-clock time. An hour that happens twice means its first pass; an hour that does not
 * exist moves forward by the gap (03:30 becomes 04:30), as RFC 5545 and Temporal's `compatible` have it.
 * `wallMs` is the wall-clock time read as if it were UTC.
 */
export function fromWall(wallMs: number, zone: string): Date {
  const before = offsetMs(wallMs - 86_400_000, zone);
  const after = offsetMs(wallMs + 86_400_000, zone);
  const early = wallMs - before;
  // The reading under the earlier offset wins when it reads back; in a gap neither does, and it lands after it.
  if (offsetMs(early, zone) === before) return new Date(early);
  const late = wallMs - after;
  if (offsetMs(late, zone) === after) return new Date(late);
  return new Date(early);
}

/** The instant of `date` at `minute` minutes of wall clock in the zone; minute 1440 is the next midnight. */
export function fromLocal(date: CivilDate, minute: number, zone: string): Date {
  return fromWall(Date.parse(`${date}T00:00:00Z`) + minute * 60_000, zone);
}

/** The calendar day `days` after `date`. */
export function addDays(date: CivilDate, days: number): CivilDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * `at` plus an ISO 8601 duration. Months, weeks and days are added on the calendar of the zone (the wall-clock
 * time is kept over a change of summer time), hours and smaller as exact time.
 */
export function addDuration(at: Date, iso: string, zone: string): Date {
  const { days, exactMs, months } = partsOf(iso);
  if (months) {
    const zoned = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
    return new Date(zoned.add(months).epochMilliseconds);
  }
  if (days === 0) return new Date(at.getTime() + exactMs);
  const wall = at.getTime() + offsetMs(at.getTime(), zone) + days * 86_400_000;
  return new Date(fromWall(wall, zone).getTime() + exactMs);
}

interface DurationParts {
  /** Weeks are days too. */
  readonly days: number;
  /** Hours and smaller. */
  readonly exactMs: number;
  /** The whole duration, when it has years or months: their length depends on where they begin. */
  readonly months?: Temporal.Duration;
}

const durations = new Map<string, DurationParts>();

function partsOf(iso: string): DurationParts {
  let parts = durations.get(iso);
  if (!parts) {
    const whole = Temporal.Duration.from(iso);
    const exactMs = whole.with({ years: 0, months: 0, weeks: 0, days: 0 }).total('milliseconds');
    const days = whole.weeks * 7 + whole.days;
    parts = whole.years || whole.months ? { days, exactMs, months: whole } : { days, exactMs };
    durations.set(iso, parts);
  }
  return parts;
}

/** Whether the text is an ISO 8601 duration such as PT45M, P2D or P1M, positive or zero. */
export function isDuration(iso: string): boolean {
  try {
    return Temporal.Duration.from(iso).sign >= 0 && /^P/.test(iso);
  } catch {
    return false;
  }
}
