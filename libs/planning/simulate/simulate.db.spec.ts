import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seededRandom } from '#kernel/seeded-random';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { Planner } from '../planner.js';
import { PlanningWorld } from '../testing/planning-world.js';
import { smallPack } from '../testing/small-pack.js';
import type { Feed, FeedRecord, VisitFacts } from './feed.js';
import { simulate, type Simulation } from './simulate.js';

let t: TestDatabase;
let world: PlanningWorld;
let dir: string;
beforeAll(async () => {
  t = await testDatabase();
  world = new PlanningWorld(t.db);
  dir = await mkdtemp(join(tmpdir(), 'simulate-'));
  for (const [file, text] of Object.entries(smallPack)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
});
afterAll(async () => {
  await t.drop();
  await rm(dir, { recursive: true });
});
beforeEach(() => world.clear());

interface Said {
  readonly key: string;
  readonly finishedAt: Date;
  readonly person: number | undefined;
  readonly centre: string;
}

const phoneOf = (person: number): string => `+38050${String(person).padStart(7, '0')}`;

function visitOf(said: readonly [Said, ...Said[]]): VisitFacts {
  const last = said.reduce((a, b) => (b.finishedAt >= a.finishedAt ? b : a));
  return {
    centreCode: last.centre,
    serviceCode: null,
    serviceName: null,
    outcome: 'served',
    finishedAt: last.finishedAt,
    phone: last.person === undefined ? null : phoneOf(last.person),
    phoneStatus: last.person === undefined ? 'missing' : 'ok',
    consent: 'unknown',
    language: null,
  };
}

function feedOf(all: readonly Said[]): Feed<Said> {
  const records = all.map((said, i): FeedRecord<Said> => ({
    recordId: String(i),
    visitKey: said.key,
    finishedAt: said.finishedAt,
    phone: said.person === undefined ? null : { e164: phoneOf(said.person), country: 'UA' },
    said,
  }));
  async function* inTwo(): AsyncGenerator<FeedRecord<Said>[]> {
    const middle = Math.floor(records.length / 2);
    yield records.slice(0, middle);
    yield records.slice(middle);
  }
  return {
    source: 'test',
    zone: 'Europe/Warsaw',
    records: inTwo(),
    contentOf: (said) => JSON.stringify(said),
    visitOf,
  };
}

const at = (iso: string): Date => new Date(iso);
const run = (said: readonly Said[], given: Partial<Simulation<Said>> = {}) =>
  simulate({ beside: t.db, vault: world.vault }, { feed: feedOf(said), rules: { packDir: dir }, ...given });
const few: Said[] = [
  { key: 'a', finishedAt: at('2020-01-13T10:00:00Z'), person: 1, centre: 'A' },
  { key: 'b', finishedAt: at('2020-01-14T10:00:00Z'), person: 1, centre: 'A' },
  { key: 'c', finishedAt: at('2020-01-15T10:00:00Z'), person: undefined, centre: 'A' },
];

async function scratchDatabases(): Promise<number> {
  const { rows } = await t.db.query(
    `select s.datname from pg_database s join pg_database own on own.datname = current_database()
     where starts_with(s.datname, 'vidhuk_scratch_' || own.oid || '_')`,
  );
  return rows.length;
}

describe('a simulation', () => {
  test('tells what would happen, writes each decision, and leaves nothing behind', async () => {
    const decisionsFile = join(dir, 'decisions.csv');
    const report = await run(few, { decisionsFile });
    expect(report).toMatchObject({
      records: 3,
      visits: 3,
      decisions: { invited: 1, control: 0, not_invited: 2 },
    });
    expect(await readFile(decisionsFile, 'utf8')).toBe(
      [
        'visit,decision,reason,campaign,channel,planned_at',
        'a,invited,,after,sms,2020-01-13T10:45:00.000Z',
        'b,not_invited,frequency_cap,after,,',
        'c,not_invited,no_phone,,,',
        '',
      ].join('\n'),
    );
    expect(await scratchDatabases()).toBe(0);
    expect(await world.one('select count(*)::int as definitions from definition')).toEqual({
      definitions: 0,
    });
  });

  test('replays only records that finished from one moment until another', async () => {
    const report = await run(few, { from: at('2020-01-14T10:00:00Z'), to: at('2020-01-15T10:00:00Z') });
    expect(report).toMatchObject({ records: 1, visits: 1, decisions: { invited: 1 } });
  });

  test('of an empty feed is an empty report', async () => {
    expect(await run([])).toMatchObject({ records: 0, visits: 0, peak: null });
  });

  test('tells the ledger by whatever is asked', async () => {
    const { groups } = await run(few, { by: ['day', 'variant'] });
    expect(groups).toEqual([
      { by: { day: '2020-01-13', variant: 'hello' }, visits: 1, decisions: { invited: 1, control: 0, not_invited: 0 }, reasons: {} },
      { by: { day: '2020-01-14', variant: null }, visits: 1, decisions: { invited: 0, control: 0, not_invited: 1 }, reasons: { frequency_cap: 1 } },
      { by: { day: '2020-01-15', variant: null }, visits: 1, decisions: { invited: 0, control: 0, not_invited: 1 }, reasons: { no_phone: 1 } },
    ]); // prettier-ignore
  });

  test('says how far it is', async () => {
    const seen: string[] = [];
    await run(few, { onProgress: (done, of) => seen.push(`${done}/${of}`) });
    expect(seen).toEqual(['1/3', '2/3', '3/3']);
  });

  test('drops its database when the pack is invalid or the file cannot be written', async () => {
    await expect(run(few, { rules: { packDir: join(dir, 'messages') } })).rejects.toMatchObject({
      code: 'pack_invalid',
    });
    await expect(run(few, { decisionsFile: join(dir, 'no', 'such', 'folder.csv') })).rejects.toMatchObject({
      code: 'decisions_unwritable',
    });
    expect(await scratchDatabases()).toBe(0);
  });
});

test('decides as the planner does on a database that gets the same records one by one', async () => {
  const random = seededRandom('planner and simulator');
  const said = Array.from({ length: 90 }, (): Said => {
    const minute = random.below(6 * 24 * 12) * 5;
    return {
      key: `k${random.below(45)}`,
      finishedAt: new Date(at('2020-01-13T05:00:00Z').getTime() + minute * 60_000),
      person: random.chance(0.1) ? undefined : 1 + random.below(12),
      centre: random.chance(0.5) ? 'A' : 'B',
    };
  });
  const rules = { sample: 80, control: 15, cap: { invitations: 1, per: 'P2D' }, maxAge: 'PT30H' };
  const campaign = `${smallPack['campaigns/after.yaml']}sample: 80\ncontrol: 15\ncap: {invitations: 1, per: P2D}\nmaxAge: PT30H\n`;
  await writeFile(join(dir, 'campaigns/after.yaml'), campaign);
  const decisionsFile = join(dir, 'same.csv');
  await run(said, { decisionsFile });
  const simulated = (await readFile(decisionsFile, 'utf8')).trim().split('\n').slice(1).sort();

  await world.sender('twilio', 'sms');
  await world.campaign({ ...rules, channels: ['sms', 'viber'] });
  await world.centre('A', 'Europe/Warsaw');
  await world.centre('B', 'Europe/Warsaw');
  await arriveOneByOne(said);
  const { rows } = await t.db.query<{ line: string }>(
    `select concat_ws(',', v.visit_key, d.decision, coalesce(d.reason, ''), coalesce(c.key, ''), coalesce(d.channel, ''),
       coalesce(to_char(d.planned_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '')) as line
     from visit v join decision d on d.visit_id = v.id left join definition c on c.id = d.campaign_id`,
  );
  expect(simulated).toEqual(rows.map(({ line }) => line).sort());
  const kinds = new Set(simulated.map((line) => line.split(',').slice(1, 3).join(' ').trim()));
  expect([...kinds].sort()).toEqual(['control', 'invited', 'not_invited frequency_cap', 'not_invited no_phone', 'not_invited not_sampled', 'not_invited window_missed']); // prettier-ignore
});

/** Each record comes at its `finishedAt`; a message counts as claimed from its due time on. */
async function arriveOneByOne(said: readonly Said[]): Promise<void> {
  const planner = new Planner(t.db, world.hash);
  const arrivals = [...said].sort((a, b) => a.finishedAt.getTime() - b.finishedAt.getTime() || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)); // prettier-ignore
  const visits = new Map<string, { id: string; legs: [Said, ...Said[]] }>();
  for (const one of arrivals) {
    const now = one.finishedAt;
    await t.db.query(`update message set attempt = 1 where due_at <= $1`, [now]);
    const known = visits.get(one.key);
    if (known) {
      known.legs.push(one);
      const { centreCode, finishedAt } = visitOf(known.legs);
      const person = known.legs.reduce((a, b) => (b.finishedAt >= a.finishedAt ? b : a)).person;
      await t.db.query('update visit set centre_id = $2 where id = $1', [
        known.id,
        await world.centre(centreCode),
      ]);
      await world.change(known.id, { finishedAt, reachedAt: now, person: person ?? null });
    } else {
      const { key: visitKey, finishedAt, person, centre } = one;
      const id = await world.visit({
        visitKey,
        finishedAt,
        centre,
        ...(person === undefined ? {} : { person }),
      });
      visits.set(one.key, { id, legs: [one] });
    }
    await planner.runOnce(now);
  }
}
