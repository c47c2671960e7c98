import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Vault } from '#contacts/vault';
import { exportAnswers, EXPORT_FORMATS } from '#reporting/answers-export';
import { reportCost } from '#reporting/cost-report';
import { reportFunnel } from '#reporting/funnel-report';
import { reportLedger } from '#reporting/ledger-report';
import { reportQuestion, type ReportQuery } from '#reporting/question';
import { reportRates } from '#reporting/rates-report';
import { RollUps } from '#reporting/roll-ups';
import { Database } from '#store/database';
import { startEmbedded } from '#store/embedded';
import { migrate } from '#store/migrate';
import { measure, median } from './measure.js';
import { fillYear } from './report-year.js';

/**
 * The usual reports of a year of invitations from the roll-ups, beside the raw group-by of the same figures on the same
 * server, interleaved; what keeping the roll-ups costs; and exports of answers with their memory:
 * `node dist/bench/report.js [--invitations 10000000] [--rounds 3] [--answers 1000000] [--dir FOLDER]`.
 * A year of days with 100 centres and 20 services; two thirds of the visits are invited, a sixth of those answer. With `--dir` the database
 * stays there and is used again.
 */
const { values } = parseArgs({
  options: {
    invitations: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '3' },
    answers: { type: 'string', default: '1000000' },
    dir: { type: 'string' },
  },
});
const invitations = Number(values.invitations);
const YEAR = { from: '2025-01-01', to: '2025-12-31' };
/** All links have expired. */
const CLOSED = new Date('2026-02-01T12:00:00Z');

const questions: readonly [string, (db: Database) => Promise<unknown>, string][] = [
  ['rates by centre and month', ask(reportRates, { by: 'centre,month' }), raw(`v.centre_id, date_trunc('month', v.finished_on::timestamp)`)],
  ['rates by centre', ask(reportRates, { by: 'centre' }), raw('v.centre_id')],
  ['funnel by day', ask(reportFunnel, { by: 'day' }), raw('v.finished_on')],
  ['ledger by centre and service', ask(reportLedger, { by: 'centre,service' }), raw('v.centre_id, v.service_code')],
  ['rates by campaign, channel and variant', ask(reportRates, { by: 'campaign,channel,variant' }), raw('d.campaign_id, i.sent_channel, i.variant')],
  ['rates of one centre by week', ask(reportRates, { by: 'week', centre: 'c7' }), raw(`date_trunc('week', v.finished_on::timestamp)`, 'and v.centre_id = 7')],
  ['cost by centre and month', ask(reportCost, { by: 'centre,month' }), `select v.centre_id, date_trunc('month', v.finished_on::timestamp), m.channel, m.kind, count(*), sum(m.parts) from visit v join invitation i on i.visit_id = v.id join message m on m.invitation_id = i.id where m.accepted_at is not null and v.finished_on between '2025-01-01' and '2025-12-31' group by 1, 2, 3, 4`],
]; // prettier-ignore

function ask(
  report: (db: Database, question: ReturnType<typeof reportQuestion>, now: Date) => Promise<unknown>,
  query: Partial<ReportQuery>,
) {
  return (db: Database) => report(db, reportQuestion({ ...YEAR, ...query }), CLOSED);
}

/** What somebody would write by hand: the letters by group, over the tables. */
function raw(by: string, and = ''): string {
  return `select ${by}, case when i.completed_at <= i.expires_at then 'I' when i.started_at <= i.expires_at then 'P' when i.refused_at is not null or i.opened_at is not null then 'R' when i.delivered_at is not null then 'NC' else 'UO' end as letter, count(*)
    from visit v join decision d on d.visit_id = v.id left join invitation i on i.visit_id = v.id
    where v.finished_on between '2025-01-01' and '2025-12-31' ${and} group by ${by}, letter`;
}

async function main(db: Database): Promise<void> {
  const { rows } = await db.query<{ n: string }>('select count(*) as n from (select from invitation limit 1) filled');
  if (rows[0]?.n === '0') {
    const filled = await measure(db, invitations, () => fillYear(db, invitations));
    print(`filled: ${Math.round(invitations / filled.perSecond)} s`);
  }
  await keep(db);
  for (const [name, ours, sql] of questions) await compare(db, name, ours, sql);
  await young(db);
  for (const format of EXPORT_FORMATS) await exported(db, format);
} // prettier-ignore

async function keep(db: Database): Promise<void> {
  const rollUps = new RollUps(db);
  const kept = await measure(db, invitations, async () => {
    for (let idle = 0; idle < 3;) {
      const { days, months, watched } = await rollUps.runOnce(CLOSED);
      idle = days + months + watched === 0 ? idle + 1 : 0;
    }
  });
  print(
    `kept: ${kept.postgresUs.toFixed(2)} µs of PostgreSQL's CPU an invitation, ${kept.nodeUs.toFixed(2)} in Node`,
  );
  // As autovacuum does soon after.
  await db.query('analyze');
  const { rows } = await db.query<{ name: string; rows: string; mb: number }>(
    `select relname as name, reltuples::bigint as rows, (pg_total_relation_size(oid) / 1048576)::int as mb from pg_class
     where relnamespace = 'public'::regnamespace and relname in ('visit', 'invitation', 'rollup_path', 'rollup_answer', 'rollup_message') order by 1`,
  );
  for (const { name, rows: count, mb } of rows) print(`  ${name}: ${count} rows, ${mb} MB`);
}

async function compare(
  db: Database,
  name: string,
  ours: (db: Database) => Promise<unknown>,
  sql: string,
): Promise<void> {
  const times: { ours: number[]; raw: number[] } = { ours: [], raw: [] };
  await ours(db);
  for (let round = 0; round < Number(values.rounds); round++) {
    times.ours.push(await milliseconds(() => ours(db)), await milliseconds(() => ours(db)));
    times.raw.push(await milliseconds(() => db.query(sql)));
  }
  const [own, byHand] = [median(times.ours), median(times.raw)];
  print(
    `${name}: ${own.toFixed(0)} ms, raw group-by ${byHand.toFixed(0)} ms, ${(byHand / own).toFixed(0)} times`,
  );
}

/** The same a month before the end of the year's links: the last days are counted in the tables. */
async function young(db: Database): Promise<void> {
  const now = new Date('2025-12-31T20:00:00Z');
  const question = reportQuestion({ ...YEAR, by: 'centre,month' });
  const times: number[] = [];
  for (let round = 0; round < 3; round++)
    times.push(await milliseconds(() => reportRates(db, question, now)));
  print(`rates by centre and month with nine young days: ${median(times).toFixed(0)} ms`);
}

async function exported(db: Database, format: (typeof EXPORT_FORMATS)[number]): Promise<void> {
  const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
  const days = Math.max(1, Math.round((365 * Number(values.answers)) / (invitations / 3)));
  const to = new Date(Date.UTC(2025, 0, days)).toISOString().slice(0, 10);
  let bytes = 0;
  let most = 0;
  const ms = await milliseconds(async () => {
    for await (const piece of exportAnswers(db, vault, reportQuestion({ from: '2025-01-01', to }), format)) {
      bytes += piece.length;
      most = Math.max(most, process.memoryUsage.rss());
    }
  });
  print(
    `export to ${to} as ${format}: ${(bytes / 1e6).toFixed(0)} MB in ${(ms / 1000).toFixed(1)} s, ${(most / 1048576).toFixed(0)} MB at most`,
  );
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const dir = values.dir ?? (await mkdtemp(join(tmpdir(), 'vidhuk-report-')));
await chmod(dir, 0o755);
const server = await startEmbedded(dir, {
  settings: { shared_buffers: '512MB', work_mem: '64MB', max_wal_size: '4GB' },
});
const db = await Database.connect(server.url, { poolSize: 3 });
try {
  await migrate(db);
  await main(db);
} finally {
  await db.close();
  await server.stop();
  if (values.dir === undefined) await rm(dir, { recursive: true, force: true });
}
