import { addDays, fromLocal, toLocal, type CivilDate } from './zone.js';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';
export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** When people may be written to, by the wall clock of a centre: `from` inclusive, `to` exclusive, "24:00" allowed. */
export interface SendingWindow {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
  /** Days on which nothing is sent. */
  readonly closed: readonly CivilDate[];
}

interface Hours {
  /** Indexed by ISO weekday, 1 Monday to 7 Sunday. */
  readonly openOn: readonly boolean[];
  readonly from: number;
  readonly to: number;
  readonly closed: ReadonlySet<CivilDate>;
  /** No hour of any day is closed. */
  readonly always: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
// Longer than any list of closed days that makes sense; a window shut for a year counts as never opening.
const HORIZON_DAYS = 366;

// Windows come from definitions that never change once stored, so each is read once.
const read = new WeakMap<SendingWindow, Hours>();

function hoursOf(window: SendingWindow): Hours {
  let hours = read.get(window);
  if (!hours) {
    const openOn = [false, ...WEEKDAYS.map((day) => window.days.includes(day))];
    const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
    const wholeDay = from === 0 && to === DAY_MINUTES;
    const always = wholeDay && openOn.slice(1).every(Boolean) && window.closed.length === 0;
    read.set(window, (hours = { openOn, from, to, closed: new Set(window.closed), always }));
  }
  return hours;
}

function minuteOf(clock: string): number {
  const [hour, minute] = clock.split(':').map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

/** Whether the wall clock of the zone shows an open hour of an open day. */
export function isOpen(at: Date, window: SendingWindow, zone: string): boolean {
  const { date, minute } = toLocal(at, zone);
  const hours = hoursOf(window);
  return isOpenDay(date, hours) && minute >= hours.from && minute < hours.to;
}

function isOpenDay(date: CivilDate, hours: Hours): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  return hours.openOn[weekday] === true && !hours.closed.has(date);
}

/**
 * The first instant at or after `at` that is open; undefined when the window does not open within a year.
 * Never moves backwards, and a later `at` never gets an earlier answer, over changes of summer time too.
 */
export function nextOpening(at: Date, window: SendingWindow, zone: string): Date | undefined {
  const hours = hoursOf(window);
  if (hours.always || isOpen(at, window, zone)) return at;
  let date = toLocal(at, zone).date;
  for (let day = 0; day <= HORIZON_DAYS; day++, date = addDays(date, 1)) {
    if (!isOpenDay(date, hours)) continue;
    const opening = firstReading(date, hours.from, hours.to, at, zone);
    if (opening) return opening;
  }
  return undefined;
}

/**
 * The end of the open stretch that `at` lies in: the first instant that is closed again. Undefined when it never
 * closes. Days that meet at midnight ("00:00" to "24:00") are one stretch. `at` must be open.
 */
export function closingAfter(at: Date, window: SendingWindow, zone: string): Date | undefined {
  const hours = hoursOf(window);
  if (hours.always) return undefined;
  let date = toLocal(at, zone).date;
  if (hours.to < DAY_MINUTES) return firstReading(date, hours.to, DAY_MINUTES, at, zone) ?? midnightAfter(date, at, zone); // prettier-ignore
  for (let day = 0; day <= HORIZON_DAYS; day++) {
    const midnight = midnightAfter(date, at, zone);
    date = toLocal(midnight, zone).date;
    if (!isOpen(midnight, window, zone)) return midnight;
  }
  return undefined;
}

/**
 * The first instant at or after `notBefore` when the wall clock of `date` reads `from` to `until` (minutes), or
 * undefined when that has passed. In the hour that is skipped in spring it is the first minute after the gap; in
 * the one that comes twice in autumn, the second pass counts for those who missed the first.
 */
function firstReading(
  date: CivilDate,
  from: number,
  until: number,
  notBefore: Date,
  zone: string,
): Date | undefined {
  const readsBefore = (end: number, at: Date): boolean => {
    const local = toLocal(at, zone);
    return local.date === date && local.minute >= from && local.minute < end;
  };
  const reads = (at: Date): boolean => readsBefore(until, at);
  let at = fromLocal(date, from, zone);
  if (toLocal(at, zone).minute !== from) {
    // A time inside a gap was moved past it by the gap's length; walk back to its end.
    for (let back = earlier(at); readsBefore(DAY_MINUTES, back); back = earlier(at)) at = back;
  }
  if (at >= notBefore) return reads(at) ? at : undefined;
  if (reads(notBefore)) return notBefore;
  const midnight = fromLocal(date, DAY_MINUTES, zone);
  if (!readsAgain(notBefore, midnight, from, zone)) return undefined;
  for (at = nextMinute(notBefore); at < midnight; at = nextMinute(at)) if (reads(at)) return at;
  return undefined;
}

/** Whether `from` may be read on the wall between `at` and midnight although it was read before: in autumn only. */
function readsAgain(at: Date, midnight: Date, from: number, zone: string): boolean {
  const { minute } = toLocal(at, zone);
  const left = (midnight.getTime() - at.getTime()) / MINUTE_MS;
  return minute < from || left > DAY_MINUTES - minute;
}

/** The first instant of the next calendar day that exists in the zone. */
function midnightAfter(date: CivilDate, at: Date, zone: string): Date {
  for (let next = addDays(date, 1); ; next = addDays(next, 1)) {
    const midnight = firstReading(next, 0, DAY_MINUTES, at, zone);
    if (midnight) return midnight;
  }
}

function earlier(at: Date): Date {
  return new Date(at.getTime() - MINUTE_MS);
}

function nextMinute(at: Date): Date {
  return new Date((Math.floor(at.getTime() / MINUTE_MS) + 1) * MINUTE_MS);
}
