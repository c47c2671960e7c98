import { seededRandom, type SeededRandom } from '#kernel/seeded-random';
import { addDays, civilDate, fromLocal, toLocal } from '#kernel/zone';

/** A visit record as the queue system of the demo would post it. */
export interface DemoVisit {
  source: 'demo';
  recordId: string;
  centre: string;
  desk: string;
  employee: string;
  ticket: string;
  serviceCode: string;
  serviceName: string;
  arrivedAt: string;
  calledAt: string;
  finishedAt: string;
  outcome: 'served' | 'left' | 'no_show' | 'redirected';
  phone: string;
  consent: 'granted' | 'refused' | 'unknown';
  language: string;
}

export const DEMO_ZONE = 'Europe/Kyiv';

// Visits a day over all demo centres: about three a second while the demo's clock runs sixty times as fast.
const VISITS_A_DAY = 1800;

// Share of a day's calls by local hour, as measured on a real city's queues (Warsaw, January 2020).
const SHARE_BY_HOUR = new Map([
  [8, 0.075], [9, 0.1], [10, 0.127], [11, 0.143], [12, 0.147],
  [13, 0.138], [14, 0.138], [15, 0.09], [16, 0.026], [17, 0.016],
]); // prettier-ignore

const SERVICES: readonly (readonly [readonly [string, string], number])[] = [
  [['01', 'Реєстрація місця проживання'], 30],
  [['02', 'Паспорт громадянина України'], 22],
  [['03', 'Реєстрація нерухомого майна'], 12],
  [['04', 'Субсидії та соціальні виплати'], 18],
  [['05', 'Реєстрація бізнесу'], 8],
  [['06', 'Земельні питання'], 6],
  [['07', 'єМалятко'], 4],
];

/**
 * The visits that finished in the half-open interval [from, to), oldest first. Each minute of the calendar has its
 * own seed, so the same interval asked for twice, or in pieces, gives the same visits with the same record ids.
 */
export function visitsBetween(centres: readonly string[], from: Date, to: Date, seed: string): DemoVisit[] {
  const visits: DemoVisit[] = [];
  for (let minute = Math.ceil(from.getTime() / 60_000); minute * 60_000 < to.getTime(); minute++) {
    visits.push(...visitsOfMinute(centres, new Date(minute * 60_000), seed));
  }
  return visits;
}

function visitsOfMinute(centres: readonly string[], minute: Date, seed: string): DemoVisit[] {
  const local = toLocal(minute, DEMO_ZONE);
  const share = local.weekday > 6 ? 0 : (SHARE_BY_HOUR.get(Math.floor(local.minute / 60)) ?? 0);
  const expected = (VISITS_A_DAY * share) / 60;
  const random = seededRandom(`${seed} ${minute.toISOString()}`);
  const count = poisson(expected, random);
  return Array.from({ length: count }, (_, n) => visit(centres, minute, n, random));
}

function visit(centres: readonly string[], minute: Date, n: number, random: SeededRandom): DemoVisit {
  const [serviceCode, serviceName] = random.weighted(SERVICES);
  const served = 4 + random.below(22);
  const waited = 1 + random.below(35);
  const at = (minutesBefore: number): string =>
    new Date(minute.getTime() - minutesBefore * 60_000).toISOString();
  // Centres differ much in size: the first of the list has about five times the visitors of the last.
  const centre = random.weighted(
    centres.map((code, i) => [code, 1 + (4 * (centres.length - i)) / centres.length]),
  );
  const desk = 1 + random.below(8);
  return {
    source: 'demo',
    recordId: `${minute.toISOString().slice(0, 16)}-${n}`,
    centre,
    desk: String(desk),
    employee: `${centre}-${desk}`,
    ticket: `${'АБВГ'[random.below(4)]}${1 + random.below(200)}`,
    serviceCode,
    serviceName,
    arrivedAt: at(served + waited),
    calledAt: at(served),
    finishedAt: minute.toISOString(),
    outcome: random.weighted([['served', 92], ['redirected', 3], ['left', 2], ['no_show', 3]]), // prettier-ignore
    phone: phone(random),
    consent: random.weighted([['granted', 88], ['unknown', 7], ['refused', 5]]), // prettier-ignore
    language: random.weighted([['uk', 90], ['', 7], ['en', 3]]), // prettier-ignore
  };
}

/** Numbers the way clerks type them, with the faults that real lists have. They belong to the sandbox only. */
function phone(random: SeededRandom): string {
  const digits = (n: number): string => Array.from({ length: n }, () => random.below(10)).join('');
  const subscriber = `50${1 + random.below(9)}${digits(6)}`;
  // Regular visitors come from a small pool, so that the frequency cap has something to do.
  const national = random.chance(0.04) ? `671110${digits(3)}` : subscriber;
  return random.weighted<() => string>([
    [() => `+380${national}`, 55],
    [() => `0${national}`, 22],
    [() => `80${national}`, 4],
    [
      () => `(0${national.slice(0, 2)}) ${national.slice(2, 5)}-${national.slice(5, 7)}-${national.slice(7)}`,
      8,
    ],
    [() => '', 6],
    [() => `044${digits(7)}`, 2],
    [() => `0${digits(5)}`, 1],
    [() => `+48${500 + random.below(99)}${digits(6)}`, 2],
  ])();
}

/** Knuth's method; the means here are below ten. */
function poisson(mean: number, random: SeededRandom): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count++;
  return count;
}

/**
 * When a demo should begin: 10:30 on a working day (Monday to Saturday) of the centres, not before `now`'s own day,
 * so that visits of the morning are there and messages go out at once.
 */
export function demoStart(now: Date): Date {
  let day = civilDate(now, DEMO_ZONE);
  while (toLocal(fromLocal(day, 720, DEMO_ZONE), DEMO_ZONE).weekday === 7) day = addDays(day, 1);
  return fromLocal(day, 630, DEMO_ZONE);
}

/** Whether visitors are about and messages may go out for another three hours at least. */
export function isLively(now: Date): boolean {
  const local = toLocal(now, DEMO_ZONE);
  return local.weekday < 7 && local.minute >= 570 && local.minute <= 960;
}
