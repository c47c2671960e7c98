import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { campaignSchema } from '../campaign.js';
import { Chance } from '../chance.js';
import type { PublishedCampaign } from '../decide.js';
import { LedgerState } from '../ledger-state.js';
import type { FeedRecord, VisitFacts } from './feed.js';
import { ReferenceLedger, type ReferenceCampaign } from '../testing/reference.js';
import { Replay } from './replay.js';
import { decisionLine } from './simulation-report.js';

interface Said {
  readonly centre: string;
  readonly minutes: number;
  readonly finishedAt: Date;
  readonly phone: string | null;
  readonly outcome: 'served' | 'left';
}

const rules: ReferenceCampaign = {
  key: 'after',
  priority: 10,
  outcomes: ['served'],
  centres: 'all',
  excluded: [],
  countries: ['UA'],
  legalBasis: 'public_task',
  delay: 'PT45M',
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  from: '09:00',
  to: '20:00',
  closed: [],
  maxAge: 'PT48H',
  invitations: 1,
  per: 'P2D',
  channel: 'viber',
};
const campaign: PublishedCampaign = {
  ...campaignSchema.parse({
    key: rules.key,
    name: { uk: 'Після візиту' },
    when: { outcomes: rules.outcomes },
    legalBasis: rules.legalBasis,
    cap: { invitations: 1, per: rules.per },
    channels: ['viber', 'sms'],
    survey: 'short',
    messages: { invite: 'hello' },
  }),
  id: '1',
  refs: { survey: '1', messages: { hello: '2' } },
  locales: ['uk'],
};

const zoneOf = (code: string): string => (code === 'W' ? 'Europe/Warsaw' : 'Europe/Kyiv');
const centreOf = (code: string) => ({ id: code, code, name: code, zone: zoneOf(code) });
const hash = (text: string): Buffer => createHmac('sha256', 'k').update(text).digest();

/** As intake does, in few words: the last leg ends the visit, the longest gives the place, the last phone counts. */
function visitOf(said: readonly [Said, ...Said[]]): VisitFacts {
  const ordered = [...said].sort((a, b) => a.finishedAt.getTime() - b.finishedAt.getTime());
  const longest = ordered.reduce((best, one) => (one.minutes > best.minutes ? one : best));
  const last = ordered.at(-1) ?? said[0];
  const phone = ordered.findLast((one) => one.phone !== null)?.phone ?? null;
  return {
    centreCode: longest.centre,
    serviceCode: null,
    serviceName: null,
    outcome: last.outcome,
    finishedAt: last.finishedAt,
    phone,
    phoneStatus: phone === null ? 'missing' : 'ok',
    consent: 'unknown',
    language: null,
  };
}

function replay(records: readonly FeedRecord<Said>[]): { lines: string[]; repeats: number } {
  const ledger = new LedgerState({
    campaigns: [campaign],
    chance: new Chance(hash),
    reachable: (_, channels) => channels,
    partsOf: () => 1,
  });
  const feed = { source: 'test', contentOf: (said: Said) => JSON.stringify(said), visitOf };
  const run = new Replay(feed, ledger, centreOf, (e164) => e164);
  run.run(records);
  return { lines: [...run.results()].map(decisionLine), repeats: run.repeats };
}

const day = (clock: string): Date => new Date(`2020-01-13T${clock}:00+02:00`);
function record(given: Partial<Said> & { key: string; at: string; id?: string }): FeedRecord<Said> {
  const { key, at, id, ...rest } = given;
  const said: Said = {
    centre: 'K',
    minutes: 5,
    finishedAt: day(at),
    phone: '+380500000001',
    outcome: 'served',
    ...rest,
  };
  return {
    recordId: id ?? `${key} ${at}`,
    visitKey: key,
    finishedAt: said.finishedAt,
    phone: said.phone === null ? null : { e164: said.phone, country: 'UA' },
    said,
  };
}
const invited = (key: string, clock: string): string =>
  `${key},invited,,after,viber,${day(clock).toISOString()}`;

describe('a replay', () => {
  test('plans a record when it finishes, whatever its place in the file', () => {
    const { lines } = replay([record({ key: 'late', at: '12:00' }), record({ key: 'early', at: '10:00' })]);
    expect(lines).toEqual([invited('early', '10:45'), 'late,not_invited,frequency_cap,after,,']);
  });

  test('takes equal times by visit key, and equal keys as they stand in the file', () => {
    const { lines } = replay([record({ key: 'b', at: '10:00' }), record({ key: 'a', at: '10:00' })]);
    expect(lines).toEqual([invited('a', '10:45'), 'b,not_invited,frequency_cap,after,,']);
    const legs = [
      record({ key: 'c', at: '10:00', id: '1', outcome: 'left' }),
      record({ key: 'c', at: '10:00', id: '2' }),
    ];
    expect(replay(legs).lines).toEqual([invited('c', '10:45')]);
    expect(replay(legs.reverse()).lines).toEqual(['c,not_invited,outcome_excluded,,,']);
  });

  test.each([
    ['a further leg before the planned time moves it', '10:44', '11:29'],
    ['a leg at the planned time is only attached', '10:45', '10:45'],
    ['a leg after it is only attached', '14:00', '10:45'],
  ])('%s', (_, second, planned) => {
    const { lines } = replay([record({ key: 'a', at: '10:00' }), record({ key: 'a', at: second })]);
    expect(lines).toEqual([invited('a', planned)]);
  });

  test('a leg that takes a visit out, and one that brings the number late, are heard while nothing was sent', () => {
    expect(
      replay([record({ key: 'a', at: '10:00' }), record({ key: 'a', at: '10:10', outcome: 'left' })]).lines,
    ).toEqual(['a,not_invited,outcome_excluded,,,']);
    const late = [record({ key: 'a', at: '10:00', phone: null }), record({ key: 'a', at: '15:00' })];
    expect(replay(late).lines).toEqual([invited('a', '15:45')]);
  });

  test('a visit that was withdrawn leaves the person free for another', () => {
    const { lines } = replay([
      record({ key: 'a', at: '10:00' }),
      record({ key: 'a', at: '10:10', outcome: 'left' }),
      record({ key: 'b', at: '10:20' }),
    ]);
    expect(lines).toEqual(['a,not_invited,outcome_excluded,,,', invited('b', '11:05')]);
  });
});

describe('a record id that comes again', () => {
  test('with equal content is a repeat', () => {
    const one = record({ key: 'a', at: '10:00', id: '1' });
    expect(replay([one, one, one])).toEqual({ lines: [invited('a', '10:45')], repeats: 2 });
  });

  test('with a content it had before turns nothing back', () => {
    const first = record({ key: 'a', at: '10:00', id: '1', phone: null });
    const second = record({ key: 'a', at: '10:00', id: '1' });
    expect(replay([first, second, first])).toEqual({ lines: [invited('a', '10:45')], repeats: 1 });
  });

  test('with other content corrects what it said', () => {
    const { lines } = replay([
      record({ key: 'a', at: '10:00', id: '1' }),
      record({ key: 'a', at: '10:20', id: '1', centre: 'W' }),
    ]);
    expect(lines).toEqual([invited('a', '11:05')]);
  });

  test('with another key goes over to another visit; the one it leaves empty is gone', () => {
    const { lines } = replay([
      record({ key: 'a', at: '10:00', id: '1' }),
      record({ key: 'b', at: '10:20', id: '1' }),
    ]);
    expect(lines).toEqual([invited('b', '11:05')]);
  });

  test('with another key stays where it is once the message is out', () => {
    const { lines } = replay([
      record({ key: 'a', at: '10:00', id: '1' }),
      record({ key: 'b', at: '10:50', id: '1' }),
    ]);
    expect(lines).toEqual([invited('a', '10:45')]);
  });

  test('joins a visit that is out already without changing it, and leaves its own', () => {
    const { lines } = replay([
      record({ key: 'a', at: '10:00', id: '1' }),
      record({ key: 'b', at: '10:50', id: '2', phone: '+380500000002' }),
      record({ key: 'a', at: '11:00', id: '2', phone: '+380500000002' }),
    ]);
    expect(lines).toEqual([invited('a', '10:45')]);
  });
});

/** The order of arrival and the replanning, once more and plainly: for every arrival all legs known are gathered anew. */
function plainly(records: readonly FeedRecord<Said>[]): string[] {
  const ledger = new ReferenceLedger([rules]);
  const lines = new Map<string, { line: string; sentAt: number }>();
  const arrivals = records.map((r, place) => ({ r, place }));
  arrivals.sort((x, y) => {
    if (x.r.finishedAt.getTime() !== y.r.finishedAt.getTime())
      return x.r.finishedAt < y.r.finishedAt ? -1 : 1;
    if (x.r.visitKey !== y.r.visitKey) return x.r.visitKey < y.r.visitKey ? -1 : 1;
    return x.place - y.place;
  });
  arrivals.forEach(({ r }, step) => {
    const before = lines.get(r.visitKey);
    if (before && before.sentAt <= r.finishedAt.getTime()) return;
    const legs = arrivals.slice(0, step + 1).flatMap((a) => (a.r.visitKey === r.visitKey ? [a.r.said] : []));
    const facts = visitOf(legs as [Said, ...Said[]]);
    const decision = ledger.decide({
      ...facts,
      id: r.visitKey,
      source: 'test',
      visitKey: r.visitKey,
      centre: centreOf(facts.centreCode),
      person: facts.phone === null ? null : { id: facts.phone, hash: facts.phone, country: 'UA' },
      reachedAt: r.finishedAt,
    });
    const yes = decision.decision === 'invited';
    const plannedAt = yes ? new Date(decision.plannedAt).toISOString() : '';
    const line = [
      r.visitKey,
      decision.decision,
      decision.reason,
      decision.campaign,
      yes ? 'viber' : '',
      plannedAt,
    ].join(',');
    lines.set(r.visitKey, { line, sentAt: yes ? Date.parse(plannedAt) : Infinity });
  });
  return [...lines.values()].map(({ line }) => line);
}

test('any feed is decided as a plain second reading of the rules decides it', () => {
  const anyRecord = fc
    .record({
      key: fc.integer({ min: 1, max: 12 }),
      minute: fc.integer({ min: 0, max: 4 * 24 * 12 }),
      minutes: fc.integer({ min: 1, max: 3 }),
      person: fc.integer({ min: 0, max: 4 }),
      centre: fc.constantFrom('K', 'W'),
      outcome: fc.constantFrom<Said['outcome']>('served', 'served', 'served', 'left'),
    })
    .map(({ key, minute, minutes, person, centre, outcome }) => ({
      key: `k${key}`,
      finishedAt: new Date(day('07:00').getTime() + minute * 300_000),
      minutes,
      phone: person === 0 ? null : `+38050000000${person}`,
      centre,
      outcome,
    }));
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 80 }), (drawn) => {
      const records = drawn.map((said, i): FeedRecord<Said> => ({
        ...record({ ...said, at: '10:00' }),
        recordId: String(i),
        visitKey: said.key,
        finishedAt: said.finishedAt,
      }));
      expect(replay(records).lines.sort()).toEqual(plainly(records).sort());
    }),
    { numRuns: 200 },
  );
});
