import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PoolClient } from 'pg';
import { projectRoot } from '#config/project';
import { seededRandom } from '#kernel/seeded-random';
import { Builders, type FactColumn } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ANALYST_ROLE, analystGrant, analystRole } from './analyst-role.sql.js';
import { disposition, LETTERS } from './disposition.js';
import { factsOf } from './path.sql.js';
import { reportQuestion } from './question.js';
import { reportRates } from './rates-report.js';
import { RollUps } from './roll-ups.js';

const now = new Date('2026-04-20T12:00:00Z');
const VIEWS = [
  'answer',
  'centre',
  'disposition_code',
  'invitation',
  'message',
  'path_by_day',
  'visit',
  'visit_flag',
];
const FACTS: FactColumn[] = ['sent', 'delivered', 'undelivered', 'seen', 'opened', 'started', 'completed', 'refused', 'wrong_number', 'ineligible']; // prettier-ignore
let t: TestDatabase;
let analyst: PoolClient;

beforeAll(async () => {
  t = await testDatabase();
  const build = new Builders(t.db, now);
  const random = seededRandom('schema reporting');
  for (let i = 0; i < 70; i++) {
    const given = FACTS.filter(() => random.chance(0.35));
    const { invitationId } = await build.path({
      finishedAt: new Date(now.getTime() - random.below(40) * 86_400_000), centre: random.chance(0.5) ? 'a' : 'b',
      language: random.weighted([['uk', 2], ['pl', 1], [null, 1]]), decision: random.chance(0.8) ? 'invited' : 'control',
      facts: Object.fromEntries(given.map((fact) => [fact, true])), phone: `+38050111${1000 + i}`,
      answers: given.includes('started') ? { comment: `секрет ${i}`, ...(random.chance(0.5) ? { quality: 4 } : {}) } : {},
    }); // prettier-ignore
    if (invitationId !== null)
      await build.message(invitationId, { accepted_at: now, parts: 2, content: '{"text":"секрет"}' });
  }
  // Enough answers for a score to be shown.
  for (let i = 0; i < 12; i++)
    await build.path({ centre: 'a', facts: { sent: true, started: true }, answers: { quality: 5 } });
  await t.db.query(`insert into visit_flag select id, 'robots', 'pace', $1 from visit where id % 9 = 0`, [
    now,
  ]);
  analyst = await t.db.pool.connect();
  await analyst.query(`set role ${ANALYST_ROLE}`);
});
afterAll(async () => {
  await analyst.query('reset role');
  analyst.release();
  await t.drop();
});

describe('the views', () => {
  test('give every combination of facts the disposition of the reports', async () => {
    const { rows } = await t.db.query<{ facts: number; code: string; letter: string }>(
      `select n as facts, c.code, c.letter from generate_series(0, 8191) n
       join reporting.disposition_code c on c.code = reporting.disposition(n) order by n`,
    );
    expect(rows).toHaveLength(8192);
    for (const { facts, code, letter } of rows) expect({ code, letter }).toEqual(disposition(factsOf(facts)));
  });

  test('count what the reports count, before and after days are kept', async () => {
    for (const round of ['tables', 'kept']) {
      if (round === 'kept') for (let i = 0; i < 30; i++) await new RollUps(t.db).runOnce(now);
      const question = reportQuestion({ from: '2026-03-01', to: '2026-04-30', by: 'centre,day' });
      const { groups } = await reportRates(t.db, question, now);
      const { rows } =
        await analyst.query<{ centre: string; day: string; letter: string | null; visits: string }>( // prettier-ignore
          'select centre, day::text, letter, sum(visits) as visits from reporting.path_by_day group by 1, 2, 3',
        );
      const invited = await analyst.query<{ letter: string; n: string }>('select letter, count(*) as n from reporting.invitation group by 1'); // prettier-ignore
      for (const letter of LETTERS) {
        const seen = rows.filter((row) => row.letter === letter);
        const counted = groups.filter(({ counts }) => counts[letter] > 0);
        expect(seen.map((row) => `${row.centre} ${row.day} ${row.visits}`).sort()).toEqual(
          counted.map(({ by, counts }) => `${by.centre} ${by.day} ${counts[letter]}`).sort(),
        );
        const total = seen.reduce((sum, row) => sum + Number(row.visits), 0);
        expect(Number(invited.rows.find((row) => row.letter === letter)?.n ?? 0)).toBe(total);
      }
    }
    const { rows } = await t.db.query('select from rollup_day where counted_at is not null');
    expect(rows.length).toBeGreaterThan(20);
  });

  test('say of each column what it holds', async () => {
    const { rows } = await t.db.query<{ name: string }>(
      `select c.relname || '.' || a.attname as name from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relnamespace = 'reporting'::regnamespace and c.relkind = 'v'
         and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)`,
    );
    expect(rows).toEqual([]);
  });
});

describe('an analyst', () => {
  test('reads every view, and in none of them a number, a cipher, a hash, a link or a text', async () => {
    const { rows: secrets } = await t.db.query<{ code: string; hash: string }>(
      `select i.code, encode(c.phone_hash, 'hex') as hash from invitation i join contact c on c.id = i.contact_id`,
    );
    const { rows: views } = await t.db.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'reporting'::regnamespace and relkind = 'v' order by 1`,
    );
    expect(views.map(({ name }) => name)).toEqual(VIEWS);
    for (const view of VIEWS) {
      const { rows } = await analyst.query<{ line: string }>(
        `select v::text as line from reporting.${view} v`,
      );
      const text = rows.map(({ line }) => line).join('\n');
      expect(text.length).toBeGreaterThan(0);
      expect(text).not.toMatch(/\\x|секрет|50111\d|[0-9a-f]{32}/);
      for (const { code, hash } of secrets) expect(text.includes(code) || text.includes(hash)).toBe(false);
    }
    const { rows: binary } = await t.db.query(
      `select from information_schema.columns where table_schema = 'reporting' and data_type = 'bytea'`,
    );
    expect(binary).toEqual([]);
  });

  test('reads no table and changes nothing', async () => {
    const { rows: tables } = await t.db.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')`,
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables)
      await expect(analyst.query(`select from ${name}`)).rejects.toThrow(/denied/);
    for (const change of [
      'insert into reporting.centre (centre) values (1)',
      'update reporting.visit set desk = 1',
      'delete from reporting.answer',
      'create table reporting.mine (n int)',
      'create table public.mine (n int)',
      `update invitation set code = ''`,
    ])
      // prettier-ignore
      await expect(analyst.query(change)).rejects.toThrow(/denied|cannot (update|delete|insert)/);
  });

  test('can run every query of the documentation', async () => {
    const text = await readFile(join(projectRoot, 'docs', 'for-analysts.md'), 'utf8');
    const queries = [...text.matchAll(/```sql\n(.*?)```/gs)].map(([, query = '']) => query);
    expect(queries.length).toBeGreaterThanOrEqual(5);
    const spread = (query: string): string => query.replace(/'2026-\d\d-\d\d' and '2026-\d\d-\d\d'/g, `'2026-01-01' and '2026-12-31'`); // prettier-ignore
    for (const query of queries) expect((await analyst.query(spread(query))).rows.length).toBeGreaterThan(0);
  });

  test('gets by query the RR2 that the report gives', async () => {
    const text = await readFile(join(projectRoot, 'docs', 'for-analysts.md'), 'utf8');
    const query = [...text.matchAll(/```sql\n(.*?)```/gs)].map(([, one = '']) => one).find((one) => one.includes('as rr2')) ?? ''; // prettier-ignore
    const { rows } = await analyst.query<{ centre: string; month: Date; rr2: string | null; e: string | null }>(query); // prettier-ignore
    const { groups } = await reportRates(t.db, reportQuestion({ from: '2026-01-01', to: '2026-12-31', by: 'centre,month' }), now); // prettier-ignore
    expect(rows.map(({ rr2, e }) => [Number(rr2).toFixed(9), Number(e).toFixed(9)])).toEqual(
      groups.map(({ rates, e }) => [Number(rates.RR2).toFixed(9), Number(e).toFixed(9)]),
    );
  });
});

describe('the role of analysts', () => {
  test('that may not read yet is told apart and let in', async () => {
    const own = await testDatabase();
    try {
      expect(await analystRole(own.db)).toBe('ready');
      await own.db.query(`revoke usage on schema reporting from ${ANALYST_ROLE}`);
      expect(await analystRole(own.db)).toBe('ungranted');
      await analystGrant(own.db);
      expect(await analystRole(own.db)).toBe('ready');
    } finally {
      await own.drop();
    }
  });
});
