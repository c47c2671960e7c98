import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXPORT_FORMATS } from '#reporting/answers-export';
import { reportCost } from '#reporting/cost-report';
import { reportFunnel } from '#reporting/funnel-report';
import { reportLedger } from '#reporting/ledger-report';
import { reportQuestion, type ReportQuery } from '#reporting/question';
import { reportRates } from '#reporting/rates-report';
import { addDays } from '#kernel/zone';
import { RollUps } from '#reporting/roll-ups';
import { Database } from '#store/database';
import { startEmbedded } from '#store/embedded';
import { migrate } from '#store/migrate';
import { measure, median } from './measure.js';
import type { ExportAsked, ExportMeasured } from './report-export.js';
import { fillYears, FIRST_DAY } from './report-year.js';

/**
 * The usual reports of a year of invitations from the roll-ups, beside the raw group-by of the same figures on the same
 * server, interleaved; what keeping the roll-ups costs; and exports of answers with their memory:
 * `node dist/bench/report.js [--invitations 10000000] [--years 1] [--centres 100] [--rounds 3] [--export 1000000] [--dir FOLDER]`.
 * 20 services; two thirds of the visits are invited, a sixth of those answer two questions. Exports are of so many answers and
 * of a tenth of them. With `--dir` the database stays there and is used again.
 */
const { values } = parseArgs({
  options: {
    invitations: { type: 'string', default: '10000000' },
    years: { type: 'string', default: '1' },
    centres: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    export: { type: 'string', default: '1000000' },
    dir: { type: 'string' },
  },
});
const [invitations, years, centres, rounds, answers] = [values.invitations, values.years, values.centres, values.rounds, values.export].map(Number) as [number, number, number, number, number]; // prettier-ignore
const days = 365 * years;
const SPAN = { from: FIRST_DAY, to: addDays(FIRST_DAY, days - 1) };
/** All links have expired. */
const CLOSED = new Date(`${addDays(SPAN.to, 30)}T12:00:00Z`);

const questions: readonly [string, (db: Database) => Promise<unknown>, string][] = [
  ['rates by centre and month', ask(reportRates, { by: 'centre,month' }), raw(`v.centre_id, date_trunc('month', v.finished_on::timestamp)`)],
  ['rates by centre', ask(reportRates, { by: 'centre' }), raw('v.centre_id')],
  ['funnel by day', ask(reportFunnel, { by: 'day' }), raw('v.finished_on')],
  ['ledger by centre and service', ask(reportLedger, { by: 'centre,service' }), raw('v.centre_id, v.service_code')],
  ['rates by campaign, channel and variant', ask(reportRates, { by: 'campaign,channel,variant' }), raw('d.campaign_id, i.sent_channel, i.variant')],
  ['rates of one centre by week', ask(reportRates, { by: 'week', centre: 'c7' }), raw(`date_trunc('week', v.finished_on::timestamp)`, 'and v.centre_id = 7')],
  ['cost by centre and month', ask(reportCost, { by: 'centre,month' }), `select v.centre_id, date_trunc('month', v.finished_on::timestamp), m.channel, m.kind, count(*), sum(m.parts) from visit v join invitation i on i.visit_id = v.id join message m on m.invitation_id = i.id where m.accepted_at is not null and v.finished_on between '${SPAN.from}' and '${SPAN.to}' group by 1, 2, 3, 4`],
]; // prettier-ignore

function ask(
  report: (db: Database, question: ReturnType<typeof reportQuestion>, now: Date) => Promise<unknown>,
  query: Partial<ReportQuery>,
) {
  return (db: Database) => report(db, reportQuestion({ ...SPAN, ...query }), CLOSED);
}

/** What somebody would write by hand: the letters by group, over the tables. */
function raw(by: string, and = ''): string {
  return `select ${by}, case when i.completed_at <= i.expires_at then 'I' when i.started_at <= i.expires_at then 'P' when i.refused_at is not null or i.opened_at is not null then 'R' when i.delivered_at is not null then 'NC' else 'UO' end as letter, count(*)
    from visit v join decision d on d.visit_id = v.id left join invitation i on i.visit_id = v.id
    where v.finished_on between '${SPAN.from}' and '${SPAN.to}' ${and} group by ${by}, letter`;
}

async function main(db: Database): Promise<void> {
  const { rows } = await db.query<{ n: string }>('select count(*) as n from (select from invitation limit 1) filled');
  if (rows[0]?.n === '0') {
    const filled = await measure(db, invitations, () => fillYears(db, { invitations, years, centres }));
    print(`filled: ${Math.round(invitations / filled.perSecond)} s`);
  }
  await keep(db);
  for (const [name, ours, sql] of questions) await compare(db, name, ours, sql);
  await young(db);
  for (const format of EXPORT_FORMATS) {
    for (const some of [answers / 10, answers]) await exported(format, some);
  }
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
  for (let round = 0; round < rounds; round++) {
    times.ours.push(await milliseconds(() => ours(db)), await milliseconds(() => ours(db)));
    times.raw.push(await milliseconds(() => db.query(sql)));
  }
  const [own, byHand] = [median(times.ours), median(times.raw)];
  print(
    `${name}: ${own.toFixed(0)} ms, raw group-by ${byHand.toFixed(0)} ms, ${(byHand / own).toFixed(0)} times`,
  );
}

/** The same on the evening of the last day: days whose links are valid are counted in the tables. */
async function young(db: Database): Promise<void> {
  const now = new Date(`${SPAN.to}T20:00:00Z`);
  const question = reportQuestion({ ...SPAN, by: 'centre,month' });
  const times: number[] = [];
  for (let round = 0; round < Math.max(3, rounds); round++)
    times.push(await milliseconds(() => reportRates(db, question, now)));
  print(`rates by centre and month with eight young days: ${median(times).toFixed(0)} ms`);
}

/** In a process of its own, whose memory is then that of the export. */
async function exported(format: ExportAsked['format'], some: number): Promise<void> {
  // Two answers each of a sixth of the invited.
  const to = addDays(FIRST_DAY, Math.max(0, Math.round((days * some * 3) / invitations) - 1));
  const child = fork(new URL('./report-export.js', import.meta.url));
  const asked: ExportAsked = { url: server.url, format, from: FIRST_DAY, to };
  child.send(asked);
  const [measured] = (await once(child, 'message')) as [ExportMeasured];
  const { count, bytes, seconds, nodeUs, peakMb } = measured;
  print(
    `export of ${count} answers as ${format}: ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, ${nodeUs.toFixed(1)} µs of Node's CPU each, ${peakMb.toFixed(0)} MB of memory at most`,
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

if (values.dir !== undefined) await mkdir(values.dir, { recursive: true });
const dir = values.dir ?? (await mkdtemp(join(tmpdir(), 'vidhuk-report-')));
await chmod(dir, 0o755);
const server = await startEmbedded(dir, {
  settings: {
    shared_buffers: '512MB',
    work_mem: '64MB',
    max_wal_size: '4GB',
    wal_level: 'minimal',
    max_wal_senders: '0',
  },
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
