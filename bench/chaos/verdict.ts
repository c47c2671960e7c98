import type { Census } from './census.js';
import type { Hours } from './hours.js';
import type { ChaosHouse } from './house.js';

/** What became of a run. Every number of the first part is 0 when all went as promised. */
export interface Verdict {
  readonly wrong: {
    /** Messages that a carrier accepted more than once. */
    readonly twice: number;
    /** Messages of which we say that they were sent, and no carrier knows of them. */
    readonly lost: number;
    /** Messages that a carrier has, and of which we say that they were not sent. */
    readonly denied: number;
    /** Messages at a carrier that are none of ours. */
    readonly strange: number;
    /** Messages without an end. */
    readonly open: number;
    /** Attempts claimed outside the window. */
    readonly atNight: number;
    /** Invited people of whom nothing says what became of them. */
    readonly forgotten: number;
    /** Invitations that another channel took over from a message in doubt. */
    readonly guessed: number;
    /** Invitations with more reminders than their campaign allows. */
    readonly nagged: number;
    /** Visits that the ledger does not account for. */
    readonly unaccounted: number;
  };
  readonly visits: number;
  readonly messages: number;
  readonly accepted: number;
  readonly states: Readonly<Record<string, number>>;
  /** Given up and reported as such; so many of them had arrived all the same. */
  readonly abandoned: number;
  readonly abandonedButSent: Readonly<Record<'sms' | 'viber', number>>;
  /** Attempts whose worker died, and how many of all were in doubt. */
  readonly rescued: number;
  readonly inDoubt: number;
  /** Accepted outside the window by the carrier's clock, and by how many real milliseconds the latest was late. */
  readonly lateArrivals: number;
  readonly latestMs: number;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly state: string;
  readonly channel: 'sms' | 'viber';
}

/** Sets what the carriers counted against what our tables say. Call it when nothing is open any more. */
export async function judge(house: ChaosHouse, census: Census, hours: Hours): Promise<Verdict> {
  const messages = await house.rows<Row>('select id, state, channel from message');
  const ours = new Set(messages.map(({ id }) => id));
  const sent = (id: string): boolean => census.times.has(id);
  const withState = (...states: string[]): Row[] => messages.filter(({ state }) => states.includes(state));
  const abandoned = withState('abandoned');
  const arrived = (by: string): number =>
    abandoned.filter(({ id, channel }) => channel === by && sent(id)).length;
  const [counts] = await house.rows<Counts>(COUNTS, [hours.from, hours.to, hours.everyDay]);
  if (!counts) throw new Error('a query without from returned no row');
  const { atNight, forgotten, guessed, nagged, unaccounted, visits, rescued, inDoubt } = counts;
  return {
    wrong: {
      twice: census.twice.length,
      lost: withState('accepted', 'delivered').filter(({ id }) => !sent(id)).length,
      denied: withState('cancelled', 'queued').filter(({ id }) => sent(id)).length,
      strange: census.withoutId.length + [...census.times.keys()].filter((id) => !ours.has(id)).length,
      open: withState('queued', 'sending', 'uncertain').length,
      atNight,
      forgotten,
      guessed,
      nagged,
      unaccounted,
    },
    visits,
    messages: messages.length,
    accepted: census.accepted,
    states: Object.fromEntries([...new Set(messages.map(({ state }) => state))].sort().map((state) => [state, withState(state).length])), // prettier-ignore
    abandoned: abandoned.length,
    abandonedButSent: { sms: arrived('sms'), viber: arrived('viber') },
    rescued,
    inDoubt,
    lateArrivals: census.outside.length,
    latestMs: census.latestMs(house.own.clock.speed),
  };
}

interface Counts extends Record<string, unknown> {
  readonly visits: number;
  readonly atNight: number;
  readonly forgotten: number;
  readonly guessed: number;
  readonly nagged: number;
  readonly unaccounted: number;
  readonly rescued: number;
  readonly inDoubt: number;
}

const COUNTS = `
  select
    (select count(*)::int from visit) as visits,
    (select count(*)::int from (
       select id, claimed_at, kind from message where claimed_at is not null
       union select m.id, a.claimed_at, m.kind from attempt a join message m on m.id = a.message_id) t
     where kind in ('invite', 'reminder') and (
       (claimed_at at time zone 'Europe/Kyiv')::time < $1::time
       or (claimed_at at time zone 'Europe/Kyiv')::time >= $2::time
       or (not $3 and extract(isodow from claimed_at at time zone 'Europe/Kyiv') = 7))) as "atNight",
    (select count(*)::int from invitation i
     where coalesce(i.sent_at, i.undelivered_at, i.cancelled_at, i.refused_at) is null
       and not exists (select from message m where m.invitation_id = i.id and m.state = 'abandoned')) as forgotten,
    (select count(*)::int from message m join message before on before.id = m.fallback_of
     where before.state in ('uncertain', 'abandoned') and m.state <> 'cancelled') as guessed,
    (select count(*)::int from (
       select from message where kind = 'reminder' and state in ('accepted', 'delivered', 'abandoned')
       group by invitation_id, channel having count(*) > 1) n) as nagged,
    (select count(*)::int from visit v left join decision d on d.visit_id = v.id
     left join invitation i on i.visit_id = v.id
     where d.visit_id is null or (d.decision = 'invited') <> (i.id is not null)) as unaccounted,
    (select count(*)::int from attempt where outcome = 'rescued') as rescued,
    (select count(*)::int from attempt where outcome in ('rescued', 'uncertain')) as "inDoubt"`;
