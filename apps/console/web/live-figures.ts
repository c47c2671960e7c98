import type { Interval } from '#reporting/intervals';
import { funnelReport, type FunnelGroup } from '#reporting/funnel-report';
import { ledgerReport, type LedgerGroup } from '#reporting/ledger-report';
import { visitPathCount, type PathCount } from '#reporting/path.sql';
import { eligible, unknown } from '#reporting/rates';
import { ratesReport, type RatesGroup } from '#reporting/rates-report';
import { addDays, type CivilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';

/** Everything the live page shows of a span of days, from one pass over its visits. */
export interface LiveFigures {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly rates: RatesGroup;
  readonly steps: FunnelGroup['steps'];
  readonly ledger: LedgerGroup;
  readonly days: readonly { day: CivilDate; visits: number; answered: number }[];
  /** The centres with the most visits. */
  readonly centres: readonly CentreFigures[];
  readonly otherCentres: number;
}

export interface CentreFigures {
  readonly code: string;
  readonly name: string;
  readonly visits: number;
  readonly invited: number;
  readonly answered: number;
  /** RR2 with its interval; null while there are fewer than ten cases. */
  readonly rate: (Interval & { readonly value: number }) | null;
}

const CENTRES_SHOWN = 20;
// More columns than that cannot be told apart.
const MOST_DAYS = 92;
// Of fewer cases a rate says more about chance, and about single people, than about the centre.
const FEWEST_CASES = 10;

/** `now`: civil time. `centres`: codes of those that count; null: all. */
export async function liveFigures(
  db: Queryable,
  span: { from: CivilDate; to: CivilDate },
  now: Date,
  centres: readonly string[] | null,
): Promise<LiveFigures> {
  const filter = centres === null ? {} : { centre: centres };
  const question = { ...span, by: ['centre', 'day'] as const, filter };
  const paths = await visitPathCount(db, question, now);
  const whole = { ...span, by: [], filter: {} };
  const all = paths.map((row) => ({ ...row, by: [] }));
  const [rates] = ratesReport(whole, all).groups;
  const [funnel] = funnelReport(whole, all).groups;
  const [ledger] = ledgerReport(whole, all).groups;
  if (!rates || !funnel || !ledger) throw new Error('a report without grouping has one group');
  const groups = ratesReport({ ...span, by: ['centre'], filter: {} }, regrouped(paths, 0)).groups;
  const shown = [...groups].sort((a, b) => b.coverage.visits - a.coverage.visits).slice(0, CENTRES_SHOWN);
  const names = await centreNames(db, shown.map(({ by }) => by.centre ?? '')); // prettier-ignore
  return {
    ...span,
    rates,
    steps: funnel.steps,
    ledger,
    days: daysOf(span, paths),
    centres: shown.map((group) => centreFigures(group, names)),
    otherCentres: groups.length - shown.length,
  };
}

function centreFigures(group: RatesGroup, names: ReadonlyMap<string, string>): CentreFigures {
  const { by, counts, coverage, interval, rates } = group;
  const code = by.centre ?? '';
  const { low, high } = interval;
  const enough = eligible(counts) + unknown(counts) >= FEWEST_CASES;
  return {
    code,
    name: names.get(code) ?? code,
    visits: coverage.visits,
    invited: coverage.invited,
    answered: counts.I + counts.P,
    rate:
      enough && rates.RR2 !== null && low !== null && high !== null ? { value: rates.RR2, low, high } : null,
  };
}

/** One entry per day of the span, in order; of a long span only the days that had visits. */
function daysOf(span: { from: CivilDate; to: CivilDate }, paths: readonly PathCount[]): LiveFigures['days'] {
  const { groups } = ratesReport({ ...span, by: ['day'], filter: {} }, regrouped(paths, 1));
  const counted = groups.map(({ by, counts, coverage }) => ({
    day: by.day ?? '',
    visits: coverage.visits,
    answered: counts.I + counts.P,
  }));
  const last = addDays(span.from, MOST_DAYS - 1);
  if (span.to > last) return counted;
  const byDay = new Map(counted.map((entry) => [entry.day, entry]));
  const days = [];
  for (let day = span.from; day <= span.to; day = addDays(day, 1)) {
    days.push(byDay.get(day) ?? { day, visits: 0, answered: 0 });
  }
  return days;
}

function regrouped(paths: readonly PathCount[], place: number): PathCount[] {
  return paths.map((row) => ({ ...row, by: [row.by[place] ?? null] }));
}

async function centreNames(db: Queryable, codes: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ code: string; name: string }>(
    'select code, name from centre where code = any($1::text[])',
    [codes],
  );
  return new Map(rows.map(({ code, name }) => [code, name]));
}
